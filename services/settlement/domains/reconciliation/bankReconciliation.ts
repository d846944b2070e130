/** What backs a stablecoin: mints and burns against the entries of the reserve's bank account. */
import type { Address } from 'viem';
import { type Database, type Transaction, withTransaction } from '../../../platform/database.ts';
import { type Matches, matchEntries, type OpenEntry, type SupplyEvent } from './bankMatching.ts';
import { bankBreakKinds, type Difference, openBreaks } from './breaks.ts';
import { businessDaysBetween } from './businessDays.ts';

const ZERO_ADDRESS = `0x${'0'.repeat(40)}`;

export interface BankReconciliationParts {
  database: Database;
  chainId: number;
  /** The stablecoin of each currency. */
  stablecoins: Readonly<Record<string, { address: Address }>>;
  /** Business days between a mint or burn and its entry in which nothing is missing yet. */
  toleranceDays: number;
}

/**
 * Compares each currency that has statements with its stablecoin, up to the block up to which the ledger has posted. Today is
 * that block's day: no host's clock is asked. In one transaction; the chain is known from the index.
 */
export async function reconcileBank({
  database,
  chainId,
  stablecoins,
  toleranceDays,
}: BankReconciliationParts): Promise<void> {
  await withTransaction(database, async (tx) => {
    await tx.query('select pg_advisory_xact_lock(hashtext($1))', ['bank reconciliation']); // one after the other
    const { rows } = await tx.query<{ currency: string; block_number: bigint; today: string; since: string }>(
      `select s.currency, p.block_number, min(s.first_date)::text as since,
              (to_timestamp(k.timestamp_s) at time zone 'utc')::date::text as today
         from settlement.bank_statements s
         join settlement.posted_blocks p on p.chain_id = $1
         join indexer.blocks k on k.chain_id = p.chain_id and k.number = p.block_number
        group by s.currency, p.block_number, k.timestamp_s`,
      [chainId],
    );
    for (const { currency, block_number: blockNumber, today, since } of rows) {
      const token = stablecoins[currency]?.address.toLowerCase();
      if (!token) continue; // the command takes no statement of a currency without a stablecoin
      const supply = { chainId, token, currency, blockNumber, since, today };
      const matches = matchEntries(await readOpenEntries(tx, currency), await readOpenEvents(tx, supply));
      await writeMatches(tx, matches);
      const differences = [
        ...(await differingMatches(tx, supply, matches, toleranceDays)),
        ...(await differingSequence(tx, currency)),
        ...(await missingReserve(tx, supply)),
      ];
      await closeOthers(tx, currency, differences);
      await openBreaks(tx, differences);
    }
  });
}

interface Supply {
  chainId: number;
  token: string;
  currency: string;
  blockNumber: bigint;
  /** First day of the statements; what was before is in their first balance. */
  since: string;
  /** The day of the block. */
  today: string;
}

async function readOpenEntries(tx: Transaction, currency: string): Promise<OpenEntry[]> {
  const { rows } = await tx.query<OpenEntry>(
    `select e.id, e.direction, e.units, e.value_date::text as "valueDate", e.reference, e.end_to_end_id as "endToEndId",
            e.transaction_hash as "transactionHash", e.is_return as "isReturn",
            exists (select from settlement.bank_entries o
                     where o.currency = e.currency and o.id < e.id and o.direction = e.direction and o.units = e.units
                       and o.is_return = e.is_return
                       and (o.reference = e.reference or o.end_to_end_id = e.end_to_end_id
                            or o.transaction_hash = e.transaction_hash)) as "isRepeat"
       from settlement.bank_entries e
      where e.currency = $1 and e.offset_by is null and e.event_block is null and e.event_units is distinct from e.units
      order by e.id`,
    [currency],
  );
  return rows;
}

/** Mints and burns since the first statement that no entry belongs to. */
async function readOpenEvents(
  tx: Transaction,
  { chainId, token, blockNumber, since }: Supply,
): Promise<SupplyEvent[]> {
  const { rows } = await tx.query<SupplyEvent>(
    `select case when t.sender = $4 then 'credit' else 'debit' end as direction, t.amount as units,
            (to_timestamp(k.timestamp_s) at time zone 'utc')::date::text as date,
            t.block_number as "blockNumber", t.log_index as "logIndex", t.transaction_hash as "transactionHash"
       from indexer.transfers t
       join indexer.blocks k on k.chain_id = t.chain_id and k.number = t.block_number
      where t.chain_id = $1 and t.token = $2 and t.block_number <= $3 and (t.sender = $4 or t.recipient = $4)
        and t.amount > 0 and to_timestamp(k.timestamp_s) at time zone 'utc' >= $5::date
        and not exists (select from settlement.bank_entries e
                         where e.event_block = t.block_number and e.event_log_index = t.log_index)
      order by t.block_number, t.log_index`,
    [chainId, token, blockNumber, ZERO_ADDRESS, since],
  );
  return rows;
}

async function writeMatches(tx: Transaction, { pairs, offsets }: Matches): Promise<void> {
  await tx.query(
    `update settlement.bank_entries e set event_block = m.block, event_log_index = m.log_index, event_units = m.units
       from unnest($1::bigint[], $2::bigint[], $3::int[], $4::numeric[]) as m (id, block, log_index, units)
      where e.id = m.id`,
    [
      pairs.map(({ entry }) => entry.id),
      pairs.map(({ event }) => event.blockNumber),
      pairs.map(({ event }) => event.logIndex),
      pairs.map(({ event }) => event.units),
    ],
  );
  await tx.query(
    `update settlement.bank_entries e set offset_by = m.by
       from unnest($1::bigint[], $2::bigint[]) as m (id, by) where e.id = m.id`,
    [
      offsets.flatMap(({ entry, by }) => [entry.id, by.id]),
      offsets.flatMap(({ entry, by }) => [by.id, entry.id]),
    ],
  );
}

async function differingMatches(
  tx: Transaction,
  { currency, today }: Supply,
  { entries, events }: Matches,
  toleranceDays: number,
): Promise<Difference[]> {
  const { rows: names } = await tx.query<{
    id: bigint;
    subject: string;
    event_units: bigint | null;
    units: bigint;
  }>(
    `select e.id, s.statement_id || '/' || e.position as subject, e.event_units, e.units
       from settlement.bank_entries e join settlement.bank_statements s on s.id = e.bank_statement_id
      where e.currency = $1 and e.offset_by is null and e.event_units is distinct from e.units`,
    [currency],
  );
  const subjects = new Map(names.map(({ id, subject }) => [id, subject]));
  const { rows: last } = await tx.query<{ date: string }>(
    'select max(last_date)::text as date from settlement.bank_statements where currency = $1',
    [currency],
  );
  const isLate = (date: string) => businessDaysBetween(date, today) > toleranceDays;
  const difference = (
    kind: Difference['kind'],
    subject: string,
    observed: bigint,
    expected: bigint,
    blockNumber: bigint | null = null,
  ): Difference => ({ kind, accountId: null, currency, subject, observed, expected, blockNumber });
  const kindOf = ({ isRepeat, isReturn, valueDate }: OpenEntry): Difference['kind'] => {
    if (isRepeat) return 'bank_duplicate';
    if (isReturn) return 'bank_return';
    return isLate(valueDate) ? 'bank_missing_inside' : 'bank_timing';
  };
  return [
    ...names.flatMap(({ subject, event_units: units, units: expected }) =>
      units === null ? [] : [difference('bank_amount', subject, units, expected)],
    ),
    ...[...entries].map((entry) =>
      difference(kindOf(entry), subjects.get(entry.id) as string, 0n, entry.units),
    ),
    ...[...events].flatMap(({ transactionHash, logIndex, units, date, blockNumber }) => {
      const isTold = date <= (last[0]?.date ?? '');
      if (!isTold && !isLate(date)) return []; // its statement is still to come
      const kind = isLate(date) ? 'bank_missing_outside' : 'bank_timing';
      return [difference(kind, `${transactionHash}/${logIndex}`, units, 0n, blockNumber)];
    }),
  ];
}

/** Statements that do not follow on the one before: another balance, or a number left out. A bank may count from 1 anew. */
async function differingSequence(tx: Transaction, currency: string): Promise<Difference[]> {
  const { rows } = await tx.query<{ statement_id: string; opening_units: bigint; expected_units: bigint }>(
    `select statement_id, opening_units, expected_units
       from (select statement_id, opening_units, sequence_number, lag(closing_units) over w as expected_units,
                    lag(sequence_number) over w as previous
               from settlement.bank_statements where currency = $1
             window w as (order by last_date, sequence_number, id)) s
      where expected_units is not null
        and (opening_units <> expected_units or sequence_number not in (previous + 1, 1))`,
    [currency],
  );
  return rows.map((row) => ({
    kind: 'bank_sequence',
    accountId: null,
    currency,
    subject: row.statement_id,
    observed: row.opening_units,
    expected: row.expected_units,
    blockNumber: null,
  }));
}

/** Fewer money at the bank than there were coins at the end of the last statement's day (UTC), once that day is over on the chain. */
async function missingReserve(
  tx: Transaction,
  { chainId, token, currency, blockNumber, today }: Supply,
): Promise<Difference[]> {
  const { rows } = await tx.query<{ closing_units: bigint; supply_units: bigint }>(
    `with last as (
       select closing_units, last_date from settlement.bank_statements
        where currency = $5 order by last_date desc, sequence_number desc nulls last, id desc limit 1
     )
     select closing_units, supply_units
       from last, lateral (
         select coalesce(sum(case when t.sender = $4 then t.amount else -t.amount end), 0) as supply_units
           from indexer.transfers t
           join indexer.blocks k on k.chain_id = t.chain_id and k.number = t.block_number
          where t.chain_id = $1 and t.token = $2 and t.block_number <= $3 and (t.sender = $4 or t.recipient = $4)
            and t.sender <> t.recipient and to_timestamp(k.timestamp_s) at time zone 'utc' < last.last_date + 1) s
      where last_date < $6::date and closing_units < supply_units`,
    [chainId, token, blockNumber, ZERO_ADDRESS, currency, today],
  );
  return rows.map((row) => ({
    kind: 'bank_reserve',
    accountId: null,
    currency,
    subject: '',
    observed: row.closing_units,
    expected: row.supply_units,
    blockNumber,
  }));
}

async function closeOthers(
  tx: Transaction,
  currency: string,
  differences: readonly Difference[],
): Promise<void> {
  await tx.query(
    `update settlement.breaks b set closed_at = now(), last_seen_at = now()
      where b.closed_at is null and b.currency = $1 and b.kind = any($2)
        and not exists (select from unnest($3::text[], $4::text[]) as f (kind, subject)
                         where f.kind = b.kind and f.subject = b.subject)`,
    [
      currency,
      bankBreakKinds,
      differences.map(({ kind }) => kind),
      differences.map(({ subject }) => subject),
    ],
  );
}
