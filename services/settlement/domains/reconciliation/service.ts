/** Ledger and index against chain, at each final block. A difference becomes a break that somebody sees; nothing is put right here. */
import type { Address, PublicClient } from 'viem';
import { minorUnit } from '../../../core/money.ts';
import type { ChainWitness } from '../../../platform/chainWitness.ts';
import { type Database, type Queryable, withTransaction } from '../../../platform/database.ts';
import { accountBreakKinds, type Difference, openBreaks } from './breaks.ts';
import { compareEvents, type EventFinding, readTransferLogs } from './events.ts';
import { type Position, readChainUnits, readPositions, type Snapshot } from './positions.ts';
import { type Blocks, nextSpan, type Span } from './span.ts';

/** Blocks that are compared again because an open break speaks of an event in them. */
const BLOCKS_IN_QUESTION = 200;

export interface ReconciliationParts {
  database: Database;
  chain: PublicClient;
  chainId: number;
  /** Asked whether the chain has the block under the hash that we have. */
  witness?: ChainWitness;
}

/**
 * Compares what became final since the last run event by event with the chain, an older stretch of the ledger with the
 * index, and the balances of the accounts that moved, that look wrong, and whose turn it is. Opens a break for each
 * difference and closes those that are gone. No transaction is open while the chain is asked.
 * @returns the block up to which the events were compared; there may be more. Undefined when nothing is posted yet,
 * nothing is new, or the nodes disagree about the block.
 */
export async function reconcile(parts: ReconciliationParts): Promise<bigint | undefined> {
  const { database, chain, chainId, witness } = parts;
  const span = await nextSpan(database, chainId);
  const snapshot = span && (await readPositions(database, chainId));
  if (!span || !snapshot) return undefined;
  const { blockNumber: number, blockHash: hash } = snapshot;
  if (await witness?.doubtBlock({ number, hash })) return undefined; // nobody knows what to compare with
  const chainUnits = await readChainUnits(chain, snapshot);
  const blocks = [span.fresh, ...(await blocksInQuestion(database, chainId, span, snapshot, chainUnits))];
  const events = await differingEvents(parts, snapshot.tokens, blocks);
  const differences = [...events, ...differingBalances(snapshot, chainUnits, events)];
  await record(parts, { span, snapshot, chainUnits, blocks, differences });
  return span.fresh.last;
}

/**
 * Older blocks in which ledger and index do not tell the same, in the stretch whose turn it is or of an account that is
 * not where the chain is, and those of open breaks. The chain is asked who is right.
 */
async function blocksInQuestion(
  database: Queryable,
  chainId: number,
  { fresh, swept }: Span,
  { positions }: Snapshot,
  chainUnits: readonly bigint[],
): Promise<Blocks[]> {
  const old = { first: 0n, last: fresh.first - 1n };
  const { rows: open } = await database.query<{ account_id: string; block_number: bigint; subject: string }>(
    `select account_id, block_number, subject from settlement.breaks
      where closed_at is null and kind = any($1) order by block_number, id`,
    [accountBreakKinds],
  );
  const broken = new Set(open.map((row) => row.account_id));
  const accounts = positions.filter(
    (position, at) =>
      broken.has(position.accountId) ||
      position.ledgerUnits !== chainUnits[at] ||
      position.indexUnits !== chainUnits[at],
  );
  const found = [
    ...(await compareEvents(database, 'ledger', 'index', { chainId, blocks: [swept] })),
    ...(accounts.length > 0
      ? await compareEvents(database, 'ledger', 'index', { chainId, blocks: [old], accounts })
      : []),
  ].map(({ blockNumber }) => blockNumber);
  const told = open.flatMap((row) => (row.subject === '' ? [] : row.block_number));
  const numbers = new Set([...told.slice(0, BLOCKS_IN_QUESTION), ...found]);
  return [...numbers].filter((block) => block < fresh.first).map((block) => ({ first: block, last: block }));
}

/** What ledger and index have otherwise than the chain, in these blocks. */
async function differingEvents(
  { database, chain, chainId }: ReconciliationParts,
  tokens: readonly Address[],
  blocks: readonly Blocks[],
): Promise<Difference[]> {
  const logs = [];
  for (const each of blocks) logs.push(...(await readTransferLogs(chain, tokens, each)));
  const question = { chainId, blocks, logs };
  const inLedger = await compareEvents(database, 'ledger', 'chain', question);
  const inIndex = await compareEvents(database, 'index', 'chain', question);
  const kindOf = ({ observed, expected }: EventFinding) => {
    if (observed === null) return 'missing_inside';
    return expected === null ? 'missing_outside' : 'amount';
  };
  return [
    ...inLedger.map((finding) => eventDifference(finding, kindOf(finding))),
    ...inIndex.map((finding) => eventDifference(finding, 'index')),
  ];
}

function eventDifference(finding: EventFinding, kind: Difference['kind']): Difference {
  const { accountId, currency, blockNumber, transactionHash, logIndex } = finding;
  return {
    kind,
    accountId,
    currency,
    subject: `${transactionHash}/${logIndex}`,
    observed: finding.observed ?? 0n,
    expected: finding.expected ?? 0n,
    blockNumber,
  };
}

/** Balances that differ, as far as differing events do not explain it. */
function differingBalances(
  { blockNumber, positions }: Snapshot,
  chainUnits: readonly bigint[],
  events: readonly Difference[],
): Difference[] {
  const explained = new Map<string, bigint>();
  for (const { kind, accountId, observed, expected } of events)
    if (accountId !== null && kind !== 'index')
      explained.set(accountId, (explained.get(accountId) ?? 0n) + observed - expected);
  return positions.flatMap((position, at) => {
    const { accountId, currency, ledgerUnits, indexUnits, heldUnits, holdsUnits } = position;
    const onChain = chainUnits[at] as bigint;
    const difference = (kind: Difference['kind'], observed: bigint, expected: bigint): Difference[] =>
      observed === expected
        ? []
        : [{ kind, accountId, currency, subject: '', observed, expected, blockNumber }];
    const isExplained = ledgerUnits - onChain === explained.get(accountId);
    return [
      ...(isExplained ? [] : difference('amount', ...ledgerAgainst(position, onChain))),
      ...difference('index', indexUnits, onChain),
      ...difference('holds', heldUnits, holdsUnits),
    ];
  });
}

/** The ledger's number that is wrong, and what it should be: the wallet's, the partner's whole minor units, or the rest. */
function ledgerAgainst(
  { currency, ledgerUnits, fundsUnits, dustUnits }: Position,
  onChain: bigint,
): [bigint, bigint] {
  if (ledgerUnits !== onChain) return [ledgerUnits, onChain];
  const dust = onChain % minorUnit(currency);
  if (fundsUnits !== onChain - dust) return [fundsUnits, onChain - dust];
  return [dustUnits, dust];
}

interface Run {
  span: Span;
  snapshot: Snapshot;
  chainUnits: readonly bigint[];
  /** Whose events were compared with the chain's. */
  blocks: readonly Blocks[];
  differences: readonly Difference[];
}

/** Writes a run down, unless another process has come further in the meantime: what it saw is newer. */
function record(
  { database, chainId }: ReconciliationParts,
  { span, snapshot, chainUnits, blocks, differences }: Run,
): Promise<void> {
  const { blockNumber, blockHash, positions } = snapshot;
  const accountIds = positions.map(({ accountId }) => accountId);
  return withTransaction(database, async (tx) => {
    await tx.query('select pg_advisory_xact_lock(hashtext($1))', ['reconciliation']); // one after the other
    const { rowCount } = await tx.query(
      `insert into settlement.reconciliations
         (chain_id, block_number, block_hash, accounts_checked, breaks, events_to_block, swept_to_block)
       select $1, $2, $3, $4, $5, $6, $7
        where not exists (select from settlement.reconciliations
                           where chain_id = $1 and (block_number > $2 or block_number = $2 and events_to_block >= $6))`,
      [
        chainId,
        blockNumber,
        blockHash,
        positions.length,
        differences.length,
        span.fresh.last,
        span.swept.last < span.fresh.first - 1n ? span.swept.last : null,
      ],
    );
    if (rowCount === 0) return;
    await tx.query(
      `insert into settlement.reconciled_balances (account_id, units, block_number)
       select a.*, $3 from unnest($1::text[], $2::numeric[]) as a
       on conflict (account_id) do update set units = excluded.units, block_number = excluded.block_number`,
      [accountIds, chainUnits, blockNumber],
    );
    await tx.query(
      `update settlement.breaks b set closed_at = now(), last_seen_at = now()
        where b.closed_at is null and b.kind = any($1)
          and case when b.subject = '' then b.account_id = any($2)
                   else exists (select from unnest($3::bigint[], $4::bigint[]) as r (first, last)
                                 where b.block_number between r.first and r.last) end
          and not exists (select from unnest($5::text[], $6::text[], $7::text[]) as f (kind, account_id, subject)
                           where f.kind = b.kind and f.account_id = b.account_id and f.subject = b.subject)`,
      [
        accountBreakKinds,
        accountIds,
        blocks.map(({ first }) => first),
        blocks.map(({ last }) => last),
        differences.map(({ kind }) => kind),
        differences.map(({ accountId }) => accountId),
        differences.map(({ subject }) => subject),
      ],
    );
    await openBreaks(tx, differences);
  });
}
