/** Policies, escrows, and what their contracts hold: settlement and index against the contracts, at each final block. */
import type { PublicClient } from 'viem';
import type { Deployment } from '../../../core/deployment.ts';
import type { ChainWitness } from '../../../platform/chainWitness.ts';
import {
  type Database,
  type Queryable,
  type Transaction,
  withTransaction,
} from '../../../platform/database.ts';
import { contractBreakKinds, type Difference, openBreaks } from './breaks.ts';
import { type Compared, escrowChanges, type Moment, namesOf, policyChanges } from './contractMoment.ts';
import { compareContractMoney, keepStretches, sumContractMoney } from './contractMoney.ts';
import { chooseEscrows, compareEscrows } from './escrows.ts';
import { choosePolicies, comparePolicies } from './policies.ts';

/** New events whose policies and escrows are compared in one run, of each contract; one block may have more. */
const EVENTS_A_RUN = 200;

export interface ContractReconciliationParts {
  database: Database;
  chain: PublicClient;
  deployment: Deployment;
  /** Asked whether the chain has the block under the hash that we have. */
  witness?: ChainWitness;
}

/**
 * One run, at the block up to which the ledger has posted: what the contracts hold, the policies and escrows that changed since the last
 * run, those of open breaks, and some in turn. Opens a break for each difference and closes those that are gone. No transaction is
 * open while the chain is asked.
 * @returns false when there is nothing new, the index lacks the contracts' history, or the nodes disagree about the block.
 */
export async function reconcileContracts(parts: ContractReconciliationParts): Promise<boolean> {
  const { database, chain, deployment, witness } = parts;
  const moment = await readMoment(database, deployment);
  if (!moment || (await witness?.doubtBlock(moment))) return false;
  const money = await sumContractMoney(database, moment, deployment);
  const policies = await choosePolicies(database, moment, deployment);
  const escrows = await chooseEscrows(database, moment, deployment);
  const compared = [
    ...(await compareContractMoney(chain, moment, deployment, money)),
    ...(await comparePolicies(parts, moment, policies.numbers)),
    ...(await compareEscrows(parts, moment, escrows.ids)),
  ];
  await withTransaction(database, async (tx) => {
    const { rowCount } = await tx.query(
      `update settlement.contract_reconciliations
          set block_number = $4, changed_to_block = $5, policy_turn = $6, escrow_turn = $7, stretch_turn = $8
        where chain_id = $1 and block_number = $2 and changed_to_block = $3`,
      [
        ...[moment.chainId, moment.compared, moment.changedFrom - 1n],
        ...[moment.number, moment.changedTo, policies.turn, escrows.turn, money.swept ?? -1n],
      ],
    );
    if (rowCount === 0) return; // another process has come further in the meantime
    await keepStretches(tx, moment.chainId, money);
    await recordBreaks(tx, compared, moment.number);
  });
  return true;
}

async function readMoment(
  database: Queryable,
  { chainId, escrow, parametricCover, coverPool, startBlock }: Deployment,
): Promise<Moment | undefined> {
  await database.query(
    `insert into settlement.contract_reconciliations
     values ($1, $2, $2, -1, '', -1) on conflict do nothing`,
    [chainId, startBlock - 1],
  );
  const [cover, pool, held] = [parametricCover, coverPool, escrow].map((each) => each.toLowerCase());
  const { rows } = await database.query<Omit<Moment, 'chainId' | 'changedFrom'> & { changed: bigint }>(
    `select k.number, k.hash, c.block_number as compared, c.changed_to_block as changed, c.policy_turn as "policyTurn",
            c.escrow_turn as "escrowTurn", c.stretch_turn as "stretchTurn", least(k.number, l.last) as "changedTo"
       from settlement.contract_reconciliations c
       join settlement.posted_blocks p on p.chain_id = c.chain_id
       join indexer.blocks k on k.chain_id = p.chain_id and k.number = p.block_number
      cross join lateral (
        select min(f.block_number) as last
          from unnest(array[$2, $3]) as o (contract)
         cross join lateral (
           select e.block_number from indexer.other_events e
            where e.chain_id = $1 and e.contract = o.contract and e.block_number > c.changed_to_block
              and e.name in ${namesOf([...policyChanges, ...escrowChanges])}
            order by e.block_number offset ${EVENTS_A_RUN} limit 1) f) l
      where c.chain_id = $1 and (c.block_number < k.number or c.changed_to_block < k.number)
        and (select count(*) from indexer.coverage v where v.chain_id = $1 and v.subject in ($2, $3, $4)) = 3`,
    [chainId, cover, held, pool],
  );
  const [row] = rows;
  return row && { ...row, chainId, changedFrom: row.changed + 1n };
}

/** Opens and closes breaks of what was compared; what was not stays as it is. */
async function recordBreaks(
  tx: Transaction,
  compared: readonly Compared[],
  blockNumber: bigint,
): Promise<void> {
  const differences = compared.flatMap(({ kind, subject, currency, partnerId, numbers }) =>
    numbers
      .filter(({ observed, expected }) => observed !== expected)
      .map(
        ({ measure, observed, expected }): Difference => ({
          ...{ kind, accountId: null, partnerId, currency, subject: `${subject}/${measure}` },
          ...{ observed, expected, blockNumber },
        }),
      ),
  );
  await tx.query(
    `update settlement.breaks b set closed_at = now(), last_seen_at = now()
       from unnest($2::text[], $3::text[], $4::text[], $5::boolean[]) as c (kind, subject, currency, is_shown)
      where b.closed_at is null and b.kind = any($1) and c.kind = b.kind and c.subject = split_part(b.subject, '/', 1)
        and c.currency = b.currency and (c.is_shown or b.subject not like '%\\_shown')
        and not exists (select from unnest($6::text[], $7::text[], $8::text[]) as f (kind, subject, currency)
                         where f.kind = b.kind and f.subject = b.subject and f.currency = b.currency)`,
    [
      contractBreakKinds,
      compared.map(({ kind }) => kind),
      compared.map(({ subject }) => subject),
      compared.map(({ currency }) => currency),
      compared.map(({ isShown = false }) => isShown),
      differences.map(({ kind }) => kind),
      differences.map(({ subject }) => subject),
      differences.map(({ currency }) => currency),
    ],
  );
  await openBreaks(tx, differences);
}
