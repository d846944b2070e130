/** The problems that the routes of escrows raise, each with what to do about it. */
export const escrowProblems = {
  escrow_not_found: {
    status: 404,
    meaning: 'There is no escrow with this id, or it is not yours.',
    next: 'Check the id; GET /v1/escrows lists yours.',
  },
  escrow_terms_refused: {
    status: 422,
    meaning: 'The contract would not take these terms. Nothing was written and nothing needs to be signed.',
    next: 'Each of `errors` has a place, what was found and what would be right; its code is the error of the contract.',
  },
  escrow_taken: {
    status: 409,
    meaning:
      'An escrow of exactly these terms is known already, to you or to somebody else; where they say `corridor`, with any signer of ours. Or its money is in by them.',
    next: 'Look for it in GET /v1/escrows. For another one take another Idempotency-Key, or another `salt`. One that the records lost with a restored backup is not taken in again: its parties end it by the contract.',
  },
  escrow_action_refused: {
    status: 422,
    meaning: 'The contract would not do this now. Nothing was asked of it.',
    next: 'Each of `errors` says why; its code is the error of the contract. Ask GET /v1/escrows/{id} where the escrow stands.',
  },
  escrow_busy: {
    status: 409,
    meaning: 'Another action of this escrow is under way; each is decided upon what the one before left.',
    next: 'Wait for its end (webhook, or GET /v1/escrows/{id}), then repeat the request with the same Idempotency-Key.',
  },
  escrows_open: {
    status: 429,
    meaning: 'You have as many escrows open as one partner may have.',
    next: 'Repeat the request with the same Idempotency-Key after the pause that Retry-After names, when some have ended.',
  },
  operator_unavailable: {
    status: 503,
    meaning:
      'None of our signers works at the moment, so none can be named as operator or arbiter, or spend the money of an account.',
    next: 'Repeat the request with the same Idempotency-Key after the pause that Retry-After names.',
  },
} as const;
