/** At which block policies, escrows and their contracts are compared, and how that is told. */
import type { contractBreakKinds } from './breaks.ts';

/** Policies, and escrows, that are compared in each run though nothing speaks against them. */
export const IN_TURN = 50;
/** And those of open breaks, longest not seen first. */
export const OPEN_BREAKS = 100;

/** Events that change a policy. */
export const policyChanges = [
  'PolicyIssued',
  'PolicyTransferred',
  'PolicyCancelled',
  'PolicyPaid',
  'PremiumRefunded',
] as const;
/** Events that change an escrow. */
export const escrowChanges = [
  'EscrowAuthorized',
  'EscrowCharged',
  'AuthorizationCancelled',
  'EscrowCaptured',
  'EscrowCapturedWithPreimage',
  'EscrowVoided',
  'EscrowReclaimed',
  'EscrowRefunded',
  'EscrowReleased',
  'DisputeOpened',
  'DisputeRuled',
  'DisputeDefaulted',
] as const;

/** A list for SQL: written out, so that the planner finds the index of these names. */
export const namesOf = (names: readonly string[]) => `(${names.map((name) => `'${name}'`).join(', ')})`;

/** The final block at which all is compared, and how far the runs before have come. */
export interface Moment {
  chainId: number;
  number: bigint;
  hash: string;
  /** The block of the run before. */
  compared: bigint;
  /** Whose events tell what changed; none when the first is after the last. */
  changedFrom: bigint;
  changedTo: bigint;
  policyTurn: bigint;
  escrowTurn: string;
  stretchTurn: bigint;
}

/** Numbers of one thing, in token units. A break's subject is the thing's, slash, the measure's name. */
export interface Compared {
  kind: (typeof contractBreakKinds)[number];
  /** A policy's number, an escrow's id in the contract, or a contract. */
  subject: string;
  currency: string;
  /** Whose it is; null when it is none of our partners'. */
  partnerId: string | null;
  /** True when what settlement shows is among the numbers: those whose names end in `_shown`. */
  isShown?: boolean;
  numbers: readonly { measure: string; observed: bigint; expected: bigint }[];
}
