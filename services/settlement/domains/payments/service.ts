/** Taking payments in, and taking them back while that is still possible. */
import type { Deployment } from '../../../core/deployment.ts';
import type { PaymentInstruction, Rejection } from '../../../core/paymentInstruction.ts';
import type { Transaction } from '../../../platform/database.ts';
import { problemsOf } from '../../http/problems.ts';
import type { HoldRequest, reserve, voidHolds } from '../ledger/holds.ts';
import { paymentProblems } from './errors.ts';
import type { Lifecycle } from './lifecycle.ts';
import { type ScreenedPayment, screen } from './screening.ts';
import type { PaymentState } from './states.ts';
import {
  type Begun,
  beginTimelines,
  findByEndToEndIds,
  findPayment,
  insertPayments,
  type PaymentRow,
  refusePayments,
} from './store.ts';

const problem = problemsOf(paymentProblems);

/** What payments need of other domains, and where Corridor's contracts are. */
export interface PaymentParts {
  lifecycle: Lifecycle;
  deployment: Deployment;
  ledger: { reserve: typeof reserve; voidHolds: typeof voidHolds };
}

export type PaymentService = ReturnType<typeof createPaymentService>;

/** Accepting and cancelling, each within a transaction of the caller. */
export function createPaymentService({ lifecycle, deployment, ledger }: PaymentParts) {
  /**
   * Takes instructions in, in the caller's transaction. Each stands alone: it is screened and its money reserved, or
   * it is stored as rejected with its ISO 20022 reason. An EndToEndId of an earlier payment that was not refused is
   * AM05, whichever request came first to the database; too little money is AM04.
   * @returns the payments with their timelines, in the order of the instructions.
   */
  async function accept(
    tx: Transaction,
    partnerId: string,
    instructions: readonly PaymentInstruction[],
    paymentBatchId?: string,
  ): Promise<Begun[]> {
    const screened = await screen(tx, partnerId, instructions, deployment);
    const candidates = screened.filter((payment) => !payment.rejection);
    const written = await insertPayments(tx, partnerId, candidates, paymentBatchId);
    const begun = await reserveFunds(tx, candidates, written);

    const repeated = candidates.filter(({ position }) => !written.has(position));
    const refused = [
      ...screened.filter((payment) => payment.rejection),
      ...(await withEarlierPayment(tx, partnerId, repeated)),
    ];
    const refusals = await insertPayments(tx, partnerId, refused, paymentBatchId);
    begun.push(...(await begin(tx, 'rejected', [...refusals.values()], ['received'])));
    const byId = new Map(begun.map((payment) => [payment.row.id, payment]));
    return screened.map(({ position }) => {
      const row = written.get(position) ?? refusals.get(position);
      return byId.get((row as PaymentRow).id) as Begun;
    });
  }

  /** Reserves what there is money for; the other payments become rejected with AM04. */
  async function reserveFunds(
    tx: Transaction,
    candidates: readonly ScreenedPayment[],
    written: ReadonlyMap<number, PaymentRow>,
  ): Promise<Begun[]> {
    const requests = candidates.flatMap(({ position, accountId, units }): HoldRequest[] => {
      const row = written.get(position);
      return row && accountId && units ? [{ paymentId: row.id, accountId, units }] : [];
    });
    const reserved = await ledger.reserve(tx, requests);
    const rows = [...written.values()];
    const fine = rows.filter(({ id }) => reserved.has(id));
    const short = rows.filter(({ id }) => !reserved.has(id));
    const reason = {
      reason: 'AM04',
      detail: 'The account has too little money that is not reserved',
    } as const;
    return [
      ...(await begin(tx, 'reserved', fine, ['received', 'screened'])),
      ...(await begin(tx, 'rejected', await refusePayments(tx, short, reason), ['received', 'screened'])),
    ];
  }

  /** The first that anybody hears of payments. */
  async function begin(
    tx: Transaction,
    state: PaymentState,
    rows: readonly PaymentRow[],
    through: readonly PaymentState[],
  ): Promise<Begun[]> {
    const begun = await beginTimelines(tx, rows, through);
    await lifecycle.announce(tx, state, rows);
    return begun;
  }

  /**
   * Cancels a payment that is not batched yet; its reserved money is free again.
   * @throws Problem `payment_not_found`, or `payment_not_cancellable` when it is on its way or has ended.
   */
  async function cancel(tx: Transaction, partnerId: string, id: string): Promise<PaymentRow> {
    const payment = await findPayment(tx, partnerId, id);
    if (!payment) throw problem('payment_not_found', `There is no payment ${id}.`);
    const reason = { code: 'CUST', detail: 'Cancelled by the partner' } as const;
    // The batcher may be taking it at this moment: whoever has the row first wins.
    const cancelled = await lifecycle.transition(tx, 'cancelled', [{ id, reason }]);
    const now = (await findPayment(tx, partnerId, id)) as PaymentRow;
    if (cancelled.length === 0)
      throw problem('payment_not_cancellable', `The payment ${id} is in state ${now.state}.`);
    await ledger.voidHolds(tx, [id]);
    return now;
  }

  return { accept, cancel };
}

/** Says which earlier payment has the EndToEndId of each. */
async function withEarlierPayment(
  tx: Transaction,
  partnerId: string,
  repeated: readonly ScreenedPayment[],
): Promise<ScreenedPayment[]> {
  if (repeated.length === 0) return [];
  const earlier = await findByEndToEndIds(
    tx,
    partnerId,
    repeated.map(({ instruction }) => instruction.endToEndId),
  );
  return repeated.map((payment) => {
    const { endToEndId } = payment.instruction;
    const id = earlier.get(endToEndId);
    const detail = `${endToEndId} was given before${id ? `, with payment ${id}` : ''}`;
    return { ...payment, rejection: { reason: 'AM05', detail } satisfies Rejection };
  });
}
