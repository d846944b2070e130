/** Does what the rules of escrows say, once a final block or the bank's statement has it so. */
import type { Address } from 'viem';
import { bankReference } from '../../../core/iso20022/reference.ts';
import { parseMoney } from '../../../core/money.ts';
import { type Database, type Transaction, withTransaction } from '../../../platform/database.ts';
import { act, type KeeperParts } from './deadlines.ts';
import { type FinalBlock, lockCursor, readPosted } from './follower.ts';
import type { RuleStep, StoredRule } from './ruleSchema.ts';
import { readEscrows } from './store.ts';

/** So many in a round; the others have the next. */
const A_ROUND = 100;

export interface RuleParts extends KeeperParts {
  oracleHub: Address;
}

/** Stores the rules of an escrow that was just written. */
export async function insertRules(tx: Transaction, id: string, rules: readonly StoredRule[]): Promise<void> {
  if (rules.length === 0) return;
  await tx.query(
    `insert into settlement.escrow_rules (escrow_id, position, asked, condition, steps, bank_reference)
     select $1, ordinality - 1, asked, condition, steps, reference
       from unnest($2::jsonb[], $3::jsonb[], $4::jsonb[], $5::text[])
              with ordinality as given (asked, condition, steps, reference, ordinality)`,
    [
      id,
      rules.map(({ asked }) => JSON.stringify(asked)),
      rules.map(({ condition }) => JSON.stringify(condition)),
      rules.map(({ steps }) => JSON.stringify(steps)),
      rules.map(({ reference }) => reference ?? bankReference(id)),
    ],
  );
}

/**
 * One round: notes which rules hold, then has the next step of each made. Any number of keepers may do it: a rule holds once,
 * and its step is an action that is asked for once.
 */
export async function followRules(parts: RuleParts): Promise<void> {
  const { database, chainId, escrow, lifecycle, oracleHub } = parts;
  await withTransaction(database, async (tx) => {
    // The lock keeps two rules of an escrow from holding at once: each begins upon what the one before left.
    if ((await lockCursor(tx, chainId, 'update')) === undefined) return;
    const posted = await readPosted(tx, chainId, escrow);
    if (posted) await lifecycle.hold(tx, await holdRules(tx, chainId, oracleHub, posted), posted.number);
  });
  for (const { id, position, isOver, step, next } of await readHeld(database, chainId)) {
    if (isOver || !step) await finish(database, id, position);
    else if (await isTooMuch(database, id, step)) await giveUp(parts, id, position);
    else {
      const request =
        step.verb === 'void'
          ? { action: 'void' as const }
          : { action: 'capture' as const, ...(step.value !== undefined && { amount: step.value }) };
      await act(parts, id, request, { askedBy: 'rule', step: `rule ${position}.${next}` });
    }
  }
}

/** Of each escrow without a rule under way, the first that holds by a final block. */
async function holdRules(
  tx: Transaction,
  chainId: number,
  oracleHub: Address,
  { number, time }: FinalBlock,
): Promise<{ id: string; position: number }[]> {
  const { rows } = await tx.query<{ id: string; position: number }>(
    `with held as (
       select distinct on (r.escrow_id) r.escrow_id, r.position, p.bank_entry_id
         from settlement.escrow_rules r
         join settlement.escrows s on s.id = r.escrow_id
         left join lateral (
           select e.id as bank_entry_id from settlement.bank_entries e
            where r.condition ->> 'type' = 'bank_payout' and e.end_to_end_id = r.bank_reference and e.direction = 'debit'
              and e.currency = s.currency and e.units = (r.condition ->> 'units')::numeric and not e.is_return and e.offset_by is null
              and not exists (select from settlement.escrow_rules b where b.escrow_id = r.escrow_id and b.bank_entry_id = e.id)
            order by e.id limit 1
         ) p on true
        where s.chain_id = $1 and s.status = 'authorized' and r.held_block is null
          and not exists (select from settlement.escrow_rules b
                           where b.escrow_id = r.escrow_id and b.held_block is not null and not b.is_done)
          and case r.condition ->> 'type'
                when 'time' then (r.condition ->> 'at')::bigint <= $4
                when 'bank_payout' then p.bank_entry_id is not null
                else exists (
                  select from indexer.other_events o
                    join indexer.coverage v on v.chain_id = o.chain_id and v.subject = o.contract
                   where o.chain_id = $1 and o.contract = $2 and o.name = 'ObservationRecorded' and o.block_number <= $3
                     and o.arguments ->> 'feed' = r.condition ->> 'feed'
                     and o.arguments ->> 'subject' = r.condition ->> 'subject'
                     and o.arguments ->> 'windowStart' = r.condition ->> 'windowStart'
                     and o.arguments ->> 'windowEnd' = r.condition ->> 'windowEnd'
                     and (o.arguments ->> 'value')::numeric >= coalesce((r.condition ->> 'atLeast')::numeric, '-infinity')
                     and (o.arguments ->> 'value')::numeric <= coalesce((r.condition ->> 'atMost')::numeric, 'infinity'))
              end
        order by r.escrow_id, r.position
     )
     update settlement.escrow_rules r set held_block = $3, bank_entry_id = held.bank_entry_id
       from held where r.escrow_id = held.escrow_id and r.position = held.position
     returning r.escrow_id as id, r.position`,
    [chainId, oracleHub.toLowerCase(), number, time],
  );
  return rows;
}

interface Held {
  id: string;
  position: number;
  /** Nothing is held any more that the rule could move. */
  isOver: boolean;
  /** Steps that are done. */
  next: number;
  step: RuleStep | null;
}

/**
 * Rules that hold and are not done, but for those whose escrow has an action under way or is disputed. Any of them, so that none waits
 * for others that the contract refuses.
 */
async function readHeld(database: Database, chainId: number): Promise<Held[]> {
  const { rows } = await database.query<Held>(
    `select r.escrow_id as id, r.position, s.status <> 'authorized' as "isOver", d.count::int as next,
            r.steps -> d.count::int as step
       from settlement.escrow_rules r
       join settlement.escrows s on s.id = r.escrow_id
      cross join lateral (select count(*) as count from settlement.escrow_actions a
                           where a.escrow_id = r.escrow_id and a.state = 'done' and a.asked_by = 'rule'
                             and a.step like 'rule ' || r.position || '.%') d
      where s.chain_id = $1 and s.status <> 'disputed' and r.held_block is not null and not r.is_done
        and not exists (select from settlement.escrow_actions a where a.escrow_id = r.escrow_id and a.state = 'open')
      order by random() limit $2`,
    [chainId, A_ROUND],
  );
  return rows;
}

/** What is capturable only ever becomes less, so what does not fit at a final block never will. */
async function isTooMuch(database: Database, id: string, { value }: RuleStep): Promise<boolean> {
  const [row] = await readEscrows(database, [id]);
  if (!row) throw new Error(`There is no escrow ${id}.`);
  return value !== undefined && parseMoney(row.currency, value).units > row.capturable;
}

/** Moves nothing on a guess: what is left stays for other rules, for the parties, or for its deadline. */
async function giveUp({ database, lifecycle }: RuleParts, id: string, position: number): Promise<void> {
  await withTransaction(database, async (tx) => {
    const { rowCount } = await tx.query(
      `update settlement.escrow_rules set is_done = true, failure = 'amount_not_held'
        where escrow_id = $1 and position = $2 and not is_done`,
      [id, position],
    );
    if (rowCount === 1) await lifecycle.giveUp(tx, id, position, 'amount_not_held');
  });
}

async function finish(database: Database, id: string, position: number): Promise<void> {
  await database.query(
    'update settlement.escrow_rules set is_done = true where escrow_id = $1 and position = $2',
    [id, position],
  );
}
