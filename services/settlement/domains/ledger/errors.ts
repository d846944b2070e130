/** The problems that the ledger's routes raise, each with what to do about it. */
export const ledgerProblems = {
  trial_balance_not_past: {
    status: 422,
    meaning: 'The time has not come: what is booked by then can still change.',
    next: 'Ask for a time that is past by the clock of the service.',
  },
} as const;
