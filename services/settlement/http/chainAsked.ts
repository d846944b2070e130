/** Questions to the node while a request waits. */
import { BaseError } from 'viem';
import { type ProblemCatalogue, problemsOf } from './problems.ts';

export const chainProblems = {
  chain_unavailable: {
    status: 503,
    meaning: 'The node that would have to be asked first does not answer. Nothing was done.',
    next: 'Repeat the request with the same Idempotency-Key after the pause that Retry-After names.',
  },
} as const satisfies ProblemCatalogue;

const RETRY_AFTER_SECONDS = 5;

const problem = problemsOf(chainProblems);

/** What is answered while the chain cannot be asked. */
export function chainUnavailable(detail: string) {
  return problem('chain_unavailable', detail, [], { 'retry-after': String(RETRY_AFTER_SECONDS) });
}

/** @throws Problem `chain_unavailable` for whatever the node does */
export async function asking<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof BaseError)) throw error;
    throw chainUnavailable('The node cannot be asked at the moment.');
  }
}
