/** The problems that the accounts' routes raise, each with what to do about it. */
export const accountProblems = {
  account_not_found: {
    status: 404,
    meaning: 'There is no account with this id, or it is not yours.',
    next: 'Check the id; GET /v1/accounts lists your accounts.',
  },
  statement_date_invalid: {
    status: 422,
    meaning: 'There is no statement of this date: it is in the future, or before the account was opened.',
    next: 'Ask for a date from the opening of the account to today, UTC.',
  },
} as const;
