import type { RequestHandler } from 'express';
import { Problem } from '../platform/http/problem.ts';

const loopbackNames = new Set(['127.0.0.1', 'localhost', '[::1]']);

/**
 * Refuses requests that a browser was tricked into: a foreign name that resolves to this machine (DNS
 * rebinding) by the Host header, and pages of other origins by CORS. Only `origins` may read answers.
 */
export function browserGuard(origins: readonly string[]): RequestHandler {
  return (request, response, next) => {
    const name = (request.headers.host ?? '').replace(/:\d+$/, '');
    if (!loopbackNames.has(name)) {
      throw new Problem(421, 'host_refused', 'The sandbox answers only to 127.0.0.1 and localhost.');
    }
    const { origin } = request.headers;
    response.vary('origin');
    if (origin !== undefined && origins.includes(origin)) {
      response.set({
        'access-control-allow-origin': origin,
        'access-control-allow-methods': 'GET, POST',
        'access-control-allow-headers': 'content-type',
        'access-control-expose-headers': 'content-disposition, retry-after',
        'access-control-max-age': '600',
      });
    } else if (origin !== undefined) {
      throw new Problem(403, 'origin_refused', `Pages of ${origin} may not use the sandbox. Set WEB_ORIGIN.`);
    }
    if (request.method === 'OPTIONS') {
      response.status(204).end();
      return;
    }
    next();
  };
}
