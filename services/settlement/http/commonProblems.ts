import type { ProblemCatalogue } from './problems.ts';

/** Problems that the edge itself raises, whatever the route. */
export const commonProblems = {
  not_found: {
    status: 404,
    meaning: 'There is no such path, or not for this method.',
    next: 'Look the path up in /docs.',
  },
  malformed_request: {
    status: 400,
    meaning: 'The request is not the HTTP that this service takes, such as an encoded body or a broken path.',
    next: 'Read the detail; send bodies without Content-Encoding.',
  },
  body_too_large: {
    status: 413,
    meaning: 'The body is larger than 10 MiB.',
    next: 'Split the file into several.',
  },
  too_many_requests: {
    status: 429,
    meaning:
      'As many of your POST requests are being worked on as one partner can have. Nothing of this one was done.',
    next: 'Repeat the request with the same Idempotency-Key after the pause that Retry-After names; wait for answers before sending more.',
  },
  service_unavailable: {
    status: 503,
    meaning:
      'The database does not answer, has no room, or takes no writes at the moment. Nothing of the request was done, or all of it.',
    next: 'Repeat the request with the same Idempotency-Key after the pause that Retry-After names.',
  },
  internal_error: {
    status: 500,
    meaning: 'Something failed that should not. It is logged.',
    next: 'Repeat the request with the same Idempotency-Key: it takes effect at most once.',
  },
} as const satisfies ProblemCatalogue;
