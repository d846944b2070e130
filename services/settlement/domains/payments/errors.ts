/** The problems that the payments' routes raise, each with what to do about it. */
export const paymentProblems = {
  payment_not_found: {
    status: 404,
    meaning: 'There is no payment with this id, or it is not yours.',
    next: 'Check the id; GET /v1/payments lists your payments.',
  },
  payment_not_cancellable: {
    status: 409,
    meaning: 'The payment is on its way to the chain, or has ended already.',
    next: 'Only a payment in state reserved can be cancelled. Ask the recipient to send the money back.',
  },
  payment_not_settled: {
    status: 409,
    meaning:
      'The payment has no final block that could be proven: it is on its way, or never went to the chain.',
    next: 'Ask again when GET /v1/payments/{id} says settled or returned. A failed payment never has a proof.',
  },
  payment_batch_not_found: {
    status: 404,
    meaning: 'There is no payment batch with this id, or it is not yours.',
    next: 'Check the id that the POST of the batch answered.',
  },
  message_id_reused: {
    status: 409,
    meaning: 'A file or list with this message id was taken before; it is not carried out twice.',
    next: 'Look at the earlier batch that the detail names. A new file needs a message id of its own.',
  },
  payment_file_invalid: {
    status: 422,
    meaning: 'The CSV or XML file breaks the rules of its format, so none of it was taken.',
    next: 'Correct every place that `errors` lists and send the file again.',
  },
} as const;
