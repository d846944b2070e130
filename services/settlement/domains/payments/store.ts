/** Payments as PostgreSQL keeps them. */
import { isIdentifier } from '../../../core/identifier.ts';
import { isDate, type Rejection } from '../../../core/paymentInstruction.ts';
import type { Queryable, Transaction } from '../../../platform/database.ts';
import type { Payment } from './schema.ts';
import type { ScreenedPayment } from './screening.ts';
import { type PartnerStatus, type PaymentState, partnerStatus, paymentStates } from './states.ts';

/** A payment with what its on-chain batch knows of it. */
export interface PaymentRow {
  id: string;
  partner_id: string;
  payment_batch_id: string | null;
  position: number;
  end_to_end_id: string;
  instruction_id: string | null;
  uetr: string | null;
  payment_information_id: string | null;
  account_id: string | null;
  debtor_account: string;
  currency: string;
  amount_value: string;
  creditor_name: string;
  creditor_scheme: 'IBAN' | 'EVM';
  creditor_identification: string;
  remittance_information: string | null;
  /** Null where the partner asked for a day that does not exist. */
  requested_execution_date: string | null;
  state: PaymentState;
  reason_code: string | null;
  reason_detail: string | null;
  sequence: bigint | null;
  created_at: Date;
  updated_at: Date;
  transaction_hash: string | null;
  block_number: bigint | null;
  block_hash: string | null;
}

const select = `
  select p.id, p.partner_id, p.payment_batch_id, p.position, p.end_to_end_id, p.instruction_id, p.uetr,
         p.payment_information_id, p.account_id, p.debtor_account, p.currency, p.amount_value, p.creditor_name,
         p.creditor_scheme, p.creditor_identification, p.remittance_information,
         p.requested_execution_date::text, p.state, p.reason_code, p.reason_detail, p.sequence, p.created_at,
         p.updated_at, p.transaction_hash, p.block_number, p.block_hash
    from settlement.current_payments p`;

/** The payments of these ids, in the order of ids. */
export async function readPayments(database: Queryable, ids: readonly string[]): Promise<PaymentRow[]> {
  if (ids.length === 0) return [];
  const { rows } = await database.query<PaymentRow>(`${select} where p.id = any($1) order by p.id`, [ids]);
  return rows;
}

/** One payment of a partner; undefined when there is none, or it is another partner's. */
export async function findPayment(
  database: Queryable,
  partnerId: string,
  id: string,
): Promise<PaymentRow | undefined> {
  if (!isIdentifier(id)) return undefined;
  const { rows } = await database.query<PaymentRow>(`${select} where p.partner_id = $1 and p.id = $2`, [
    partnerId,
    id,
  ]);
  return rows[0];
}

export interface PaymentFilter {
  limit: number;
  cursor?: string | undefined;
  paymentBatchId?: string | undefined;
  status?: PartnerStatus | undefined;
}

/** Up to `limit` + 1 payments of a partner, newest first. */
export async function listPayments(
  database: Queryable,
  partnerId: string,
  { limit, cursor, paymentBatchId, status }: PaymentFilter,
): Promise<PaymentRow[]> {
  const states = status && paymentStates.filter((state) => partnerStatus[state] === status);
  const { rows } = await database.query<PaymentRow>(
    `${select}
      where p.partner_id = $1 and ($2::text is null or p.id < $2)
        and ($3::text is null or p.payment_batch_id = $3) and ($4::text[] is null or p.state = any($4))
      order by p.id desc limit $5`,
    [partnerId, cursor, paymentBatchId, states, limit + 1],
  );
  return rows;
}

/** The payments of one file or list, in its order. */
export async function readBatchPayments(database: Queryable, paymentBatchId: string): Promise<PaymentRow[]> {
  const { rows } = await database.query<PaymentRow>(
    `${select} where p.payment_batch_id = $1 order by p.position`,
    [paymentBatchId],
  );
  return rows;
}

export type PaymentEvent = NonNullable<Payment['events']>[number];

/** The timeline of a payment, oldest first. */
export async function readEvents(database: Queryable, paymentId: string): Promise<PaymentEvent[]> {
  const { rows } = await database.query<{ at: Date; state: string; detail: PaymentEvent['detail'] }>(
    'select at, state, detail from settlement.timeline where payment_id = $1 order by id, step',
    [paymentId],
  );
  return rows.map(({ at, state, detail }) => ({ at: at.toISOString(), state, detail }));
}

/**
 * Writes screened payments, in one statement: state `reserved`, which most of them stay in, or `rejected` with the reason.
 * The caller reserves the money and begins the timelines, or refuses them, in the same transaction. A payment whose
 * EndToEndId another one has that was not refused is left out.
 * @returns what was written, by position in `screened`.
 */
export async function insertPayments(
  tx: Transaction,
  partnerId: string,
  screened: readonly ScreenedPayment[],
  paymentBatchId?: string,
): Promise<Map<number, PaymentRow>> {
  if (screened.length === 0) return new Map();
  const { rows } = await tx.query<PaymentRow & { place: number }>(
    `with given as materialized (
       select settlement.new_id('pay') as id, given.*
         from json_to_recordset($3) as given
              (position int, end_to_end_id text, instruction_id text, uetr text, payment_information_id text,
               account_id text, debtor_account text, debtor_name text, currency text, amount_value text,
               units numeric, creditor_name text, creditor_scheme text, creditor_identification text,
               recipient text, remittance_information text, requested_execution_date date,
               any_day boolean, is_urgent boolean, reason_code text, reason_detail text)
        order by position
     ), payment as (
       insert into settlement.payments
         (id, partner_id, payment_batch_id, position, end_to_end_id, instruction_id, uetr, payment_information_id,
          account_id, debtor_account, debtor_name, currency, amount_value, units, creditor_name, creditor_scheme,
          creditor_identification, recipient, remittance_information, requested_execution_date, is_urgent, state,
          reason_code, reason_detail)
       select id, $1, $2, case when $2::text is null then 1 else position end, end_to_end_id, instruction_id, uetr, payment_information_id,
              account_id, coalesce(debtor_account, account_id, ''), debtor_name, currency, amount_value, units,
              creditor_name, creditor_scheme, creditor_identification, recipient, remittance_information,
              case when any_day then (now() at time zone 'utc')::date else requested_execution_date end,
              is_urgent, case when reason_code is null then 'reserved' else 'rejected' end, reason_code, reason_detail
         from given
        order by position
       on conflict (partner_id, end_to_end_id)
         where state <> 'rejected' and state <> 'cancelled' and end_to_end_id <> 'NOTPROVIDED' do nothing
       returning *
     )
     select given.position as place, p.id, p.partner_id, p.payment_batch_id, p.position, p.end_to_end_id,
            p.instruction_id, p.uetr, p.payment_information_id, p.account_id, p.debtor_account, p.currency,
            p.amount_value, p.creditor_name, p.creditor_scheme, p.creditor_identification, p.remittance_information,
            p.requested_execution_date::text, p.state, p.reason_code, p.reason_detail, p.sequence, p.created_at,
            p.updated_at, null as transaction_hash, null as block_number, null as block_hash
       from given join payment p using (id) order by place`,
    [partnerId, paymentBatchId, JSON.stringify(screened.map(toColumns))],
  );
  return new Map(rows.map(({ place, ...row }) => [place, row]));
}

/**
 * Begins the timelines of payments: what they passed at this moment, and the state in which they are now, with the reason
 * where they are refused.
 */
export async function beginTimelines(
  tx: Transaction,
  rows: readonly PaymentRow[],
  through: readonly PaymentState[],
): Promise<Begun[]> {
  if (rows.length === 0) return [];
  const details = rows.map(({ reason_code: reason, reason_detail: detail }): PaymentEvent['detail'] =>
    reason ? { reason, detail: detail ?? '' } : {},
  );
  await tx.query(
    `insert into settlement.payment_events (payment_id, through, state, detail)
     select id, $2, state, detail from unnest($1::text[], $3::text[], $4::jsonb[]) as begun (id, state, detail)`,
    [
      rows.map(({ id }) => id),
      through,
      rows.map(({ state }) => state),
      details.map((detail) => JSON.stringify(detail)),
    ],
  );
  return rows.map((row, index) => {
    const at = row.created_at.toISOString();
    const passed = through.map((state) => ({ at, state, detail: {} }));
    return { row, events: [...passed, { at, state: row.state, detail: details[index] ?? {} }] };
  });
}

/** A payment that was just taken in, with its timeline so far. */
export interface Begun {
  row: PaymentRow;
  events: PaymentEvent[];
}

/** Refuses payments that were just written and have no timeline yet. @returns them as they are now */
export async function refusePayments(
  tx: Transaction,
  rows: readonly PaymentRow[],
  { reason, detail }: Rejection,
): Promise<PaymentRow[]> {
  if (rows.length === 0) return [];
  await tx.query(
    `update settlement.payments set state = 'rejected', reason_code = $2, reason_detail = $3 where id = any($1)`,
    [rows.map(({ id }) => id), reason, detail],
  );
  return rows.map((row) => ({ ...row, state: 'rejected', reason_code: reason, reason_detail: detail }));
}

function toColumns({ instruction, position, accountId, units, recipient, rejection }: ScreenedPayment) {
  return {
    position,
    end_to_end_id: instruction.endToEndId,
    instruction_id: instruction.instructionId,
    uetr: instruction.uetr,
    payment_information_id: instruction.paymentInformationId,
    account_id: accountId,
    debtor_account: instruction.debtorAccount?.identification,
    debtor_name: instruction.debtorName,
    currency: instruction.amount.currency,
    amount_value: instruction.amount.value,
    units: units?.toString(),
    creditor_name: instruction.creditor.name,
    creditor_scheme: instruction.creditor.account.scheme,
    creditor_identification: instruction.creditor.account.identification,
    recipient,
    remittance_information: instruction.remittanceInformation,
    requested_execution_date: existingDay(instruction.requestedExecutionDate),
    is_urgent: instruction.instructionPriority === 'HIGH',
    any_day: instruction.requestedExecutionDate === undefined,
    reason_code: rejection?.reason,
    reason_detail: rejection?.detail,
  };
}

/** A day that does not exist (DT01) cannot be stored as one; the payment is rejected anyway. */
function existingDay(text: string | undefined): string | undefined {
  return text !== undefined && isDate(text) ? text : undefined;
}

/** Ids of the partner's payments, not refused, that have these EndToEndIds. */
export async function findByEndToEndIds(
  tx: Transaction,
  partnerId: string,
  endToEndIds: readonly string[],
): Promise<Map<string, string>> {
  const { rows } = await tx.query<{ end_to_end_id: string; id: string }>(
    `select end_to_end_id, id from settlement.payments
      where partner_id = $1 and end_to_end_id = any($2)
        and state <> 'rejected' and state <> 'cancelled' and end_to_end_id <> 'NOTPROVIDED'`,
    [partnerId, endToEndIds],
  );
  return new Map(rows.map((row) => [row.end_to_end_id, row.id]));
}
