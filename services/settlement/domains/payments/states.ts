/** The states of a payment, which follows which, and what partners and ISO 20022 call them. */
import type { TransactionStatus } from '../../../core/iso20022/statusReport.ts';
import type { WebhookType } from '../webhooks/outbox.ts';

export type PaymentState =
  | 'received'
  | 'screened'
  | 'reserved'
  | 'batched'
  | 'signed'
  | 'broadcast'
  | 'included'
  | 'final'
  | 'posted'
  | 'rejected'
  | 'cancelled'
  | 'returned'
  | 'held';

/**
 * Every transition there is. `included` goes back to `broadcast` when its block is reorganised away; `signed` and
 * `broadcast` go back to `batched` when their transaction reverted or lost its nonce (the payment's sequence stays,
 * so at most one of the transactions takes effect); `batched` goes to `broadcast` without `signed` when the chain
 * turns out to have the payment already, as after a restored backup. `held` waits for a person, who may find
 * that the chain can never settle it (`npm run held`): then it is `returned`.
 */
export const transitions: Record<PaymentState, readonly PaymentState[]> = {
  received: ['screened', 'rejected'],
  screened: ['reserved', 'rejected'],
  reserved: ['batched', 'cancelled'],
  batched: ['signed', 'broadcast', 'held'],
  signed: ['broadcast', 'batched', 'held'],
  broadcast: ['included', 'batched', 'held'],
  included: ['final', 'broadcast'],
  final: ['posted', 'returned'],
  posted: [],
  rejected: [],
  cancelled: [],
  returned: [],
  held: ['returned'],
};

export const paymentStates = Object.keys(transitions) as PaymentState[];

/** The states that may go over into `to`. */
export function statesBefore(to: PaymentState): PaymentState[] {
  return paymentStates.filter((from) => transitions[from].includes(to));
}

export const partnerStatuses = ['accepted', 'processing', 'settled', 'failed', 'returned'] as const;
export type PartnerStatus = (typeof partnerStatuses)[number];

/** What partners see of each state. Money is `settled` when it is final on the chain and in the books. */
export const partnerStatus: Record<PaymentState, PartnerStatus> = {
  received: 'accepted',
  screened: 'accepted',
  reserved: 'accepted',
  batched: 'accepted',
  signed: 'processing',
  broadcast: 'processing',
  included: 'processing',
  final: 'processing',
  held: 'processing',
  posted: 'settled',
  rejected: 'failed',
  cancelled: 'failed',
  returned: 'returned',
};

/** ISO 20022 transaction status (pain.002 TxSts) of each state. */
export function transactionStatus(state: PaymentState): TransactionStatus {
  if (state === 'cancelled') return 'CANC';
  const statuses = {
    accepted: 'ACTC',
    processing: 'ACSP',
    settled: 'ACSC',
    failed: 'RJCT',
    returned: 'RJCT',
  } as const;
  return statuses[partnerStatus[state]];
}

/** The webhook that tells a partner of a state, for those that a partner cares about; each once a payment. */
export const webhookOf: Partial<Record<PaymentState, WebhookType>> = {
  reserved: 'payment.accepted',
  broadcast: 'payment.processing',
  posted: 'payment.settled',
  rejected: 'payment.failed',
  returned: 'payment.returned',
  cancelled: 'payment.cancelled',
};
