/** The problems that the routes of authorised payments raise, each with what to do about it. */
export const authorizedPaymentProblems = {
  authorized_payment_not_found: {
    status: 404,
    meaning: 'There is no authorised payment with this id, or it is not yours.',
    next: 'Check the id; GET /v1/authorized-payments lists yours.',
  },
  authorization_refused: {
    status: 422,
    meaning: 'The chain would not make this payment as it is signed. Nothing was taken.',
    next: 'Each of `errors` has a place, what was found and what would be right. What is signed can only be changed by signing anew; what stands in the chain (a balance, a pause) may change by itself.',
  },
  authorization_taken: {
    status: 409,
    meaning: 'This authorisation was handed in before, by you or somebody else. It is not carried out twice.',
    next: 'Look for it in GET /v1/authorized-payments. For another payment let the wallet sign with another salt.',
  },
  authorized_payments_open: {
    status: 429,
    meaning: 'You have as many authorised payments open as one partner may have.',
    next: 'Repeat the request with the same Idempotency-Key after the pause that Retry-After names, when some have ended.',
  },
} as const;
