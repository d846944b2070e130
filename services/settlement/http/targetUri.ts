import type { Request } from 'express';
import { problemsOf } from './problems.ts';

export const targetProblems = {
  host_unknown: {
    status: 421,
    meaning: 'The request came for a host that this service does not answer for.',
    next: 'Call the origin that the operator gave you. Operators set SETTLEMENT_ORIGIN to that origin.',
  },
} as const;

const problem = problemsOf(targetProblems);

/**
 * Scheme, host and port that the client called. The Host header counts only where it names the loopback address and
 * port that the request came in by: otherwise a request signed for another installation could be sent to this one.
 * @param configured the public origin, when there is one
 */
export function originOf(request: Request, configured?: string): string {
  if (configured) return configured;
  const host = request.get('host') ?? '';
  const port = request.socket.localPort;
  if (host === `127.0.0.1:${port}` || host === `localhost:${port}`) return `http://${host}`;
  throw problem('host_unknown', `The request came for ${host || 'no host'}.`);
}
