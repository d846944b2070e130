/** The problems that the routes of the insurance raise, each with what to do about it. */
export const insuranceProblems = {
  cover_refused: {
    status: 422,
    meaning: 'The cover cannot be had as it is asked for. Nothing was sold, and nothing reserved.',
    next: 'Each of `errors` has a place, what was found and what would be right.',
  },
  policies_open: {
    status: 429,
    meaning: 'With these you would have more orders under way than one partner may have.',
    next: 'Repeat the request with the same Idempotency-Key after the pause that Retry-After names, when some have been issued.',
  },
  policy_not_found: {
    status: 404,
    meaning: 'There is no policy with this id, or it is not yours.',
    next: 'Check the id; GET /v1/policies lists yours.',
  },
  policy_not_issued: {
    status: 409,
    meaning:
      'The policy has no cover note: it is not issued yet, or never was, or its product is no longer offered.',
    next: 'Ask again after the webhook policy.issued.',
  },
  policy_not_cancellable: {
    status: 409,
    meaning: 'The policy is not issued yet, has ended, or its waiting period has begun.',
    next: 'A policy can be cancelled from when it is issued until its `cancellableUntil`. Later nobody can take it back.',
  },
  underwriting_refused: {
    status: 409,
    meaning: 'The pool would refuse this of the wallet as it stands now.',
    next: 'The detail says what the wallet has or what the pool takes. GET /v1/insurance/pool/underwriter has the rest.',
  },
  insurance_unavailable: {
    status: 503,
    meaning: 'What the products say here is not what the contract says, so nothing is sold.',
    next: 'Try again later; the operator is told.',
  },
} as const;
