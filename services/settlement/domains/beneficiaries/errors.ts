import { problemsOf } from '../../http/problems.ts';

export const beneficiaryProblems = {
  beneficiary_not_found: {
    status: 404,
    meaning: 'You have no beneficiary with this id; it may have been deleted.',
    next: 'List your beneficiaries to see their ids.',
  },
  beneficiary_exists: {
    status: 409,
    meaning: 'You have already a beneficiary with this IBAN.',
    next: 'Use that beneficiary, or delete it first to register another wallet for the IBAN.',
  },
  wallet_unfit: {
    status: 422,
    meaning: "The wallet is one of Corridor's own contracts, which cannot receive payments.",
    next: "Give the beneficiary's own wallet.",
  },
} as const;

export const beneficiaryProblem = problemsOf(beneficiaryProblems);
