/** Two-phase money: a hold is placed when a payment is accepted, and posted or voided once. */
import type { Transaction } from '../../../platform/database.ts';

export interface HoldRequest {
  paymentId: string;
  accountId: string;
  /** Whole token units. */
  units: bigint;
}

/**
 * Reserves funds for as many of the payments as there is money for, in the given order; one that does not fit is
 * passed over and smaller ones behind it may still fit. Accounts are locked, so parallel calls cannot overdraw.
 * @returns the ids of the payments that have their hold.
 */
export async function reserve(tx: Transaction, requests: readonly HoldRequest[]): Promise<Set<string>> {
  if (requests.length === 0) return new Set();
  const { rows } = await tx.query<{ id: string; account_id: string; available: bigint }>(
    `select id, account_id, balance - held as available from settlement.ledger_accounts
      where kind = 'funds' and account_id = any($1) order by id for no key update`,
    [[...new Set(requests.map((request) => request.accountId))]],
  );
  const funds = new Map(rows.map((row) => [row.account_id, row]));
  const granted: { paymentId: string; ledgerAccountId: string; units: bigint }[] = [];
  for (const { paymentId, accountId, units } of requests) {
    const account = funds.get(accountId);
    if (!account || account.available < units) continue;
    account.available -= units;
    granted.push({ paymentId, ledgerAccountId: account.id, units });
  }
  if (granted.length > 0) {
    await tx.query(
      `with hold as (
         insert into settlement.holds (payment_id, ledger_account_id, amount)
         select * from unnest($1::text[], $2::text[], $3::numeric[])
         returning ledger_account_id, amount
       )
       update settlement.ledger_accounts a set held = a.held + h.amount
         from (select ledger_account_id, sum(amount) as amount from hold group by 1) h
        where a.id = h.ledger_account_id`,
      [
        granted.map((hold) => hold.paymentId),
        granted.map((hold) => hold.ledgerAccountId),
        granted.map((hold) => hold.units),
      ],
    );
  }
  return new Set(granted.map((hold) => hold.paymentId));
}

/** Gives the reserved money of payments free again; holds that have ended already stay as they are. */
export function voidHolds(tx: Transaction, paymentIds: readonly string[]): Promise<void> {
  return endHolds(tx, paymentIds, 'voided');
}

/** Ends the holds of payments whose money has moved; the posting itself takes the money from the account. */
export function postHolds(tx: Transaction, paymentIds: readonly string[]): Promise<void> {
  return endHolds(tx, paymentIds, 'posted');
}

async function endHolds(
  tx: Transaction,
  paymentIds: readonly string[],
  state: 'posted' | 'voided',
): Promise<void> {
  if (paymentIds.length === 0) return;
  await tx.query(
    `with ended as (
       update settlement.holds set state = $2, ended_at = now()
        where payment_id = any($1) and state = 'pending'
       returning ledger_account_id, amount
     )
     update settlement.ledger_accounts a set held = a.held - e.amount
       from (select ledger_account_id, sum(amount) as amount from ended group by 1) e
      where a.id = e.ledger_account_id`,
    [paymentIds, state],
  );
}
