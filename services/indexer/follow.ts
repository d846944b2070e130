/** Follows the chain by parent hash. One round looks at the node's head once and makes at most one commit. */
import type { ChainIdentity } from '../platform/chain.ts';
import type { Database } from '../platform/database.ts';
import type { Logger } from '../platform/log.ts';
import { advance } from './advance.ts';
import type { LogReader, RpcLog } from './blockLogs.ts';
import { type Ask, finalizedHeader, type Header, headerRange, latestHeader } from './chainNode.ts';
import type { Finality } from './config.ts';
import { type ContractEvent, readEvent, type WatchedContracts } from './contractEvents.ts';
import { beginCursor, type Cursor, readCursor, storedHash } from './cursor.ts';
import { paymentsOf } from './domains/payments/settledBatch.ts';
import { IndexerStopped, NodeInconsistent } from './errors.ts';
import { commonAncestor } from './fork.ts';
import type { IndexerMetrics } from './metrics.ts';
import type { Writer } from './writer.ts';

export interface Following {
  ask: Ask;
  logs: LogReader;
  database: Database;
  identity: ChainIdentity;
  contracts: WatchedContracts;
  startBlock: bigint;
  finality: Finality;
  /** Most blocks that one round takes in. */
  rangeBlocks: number;
  metrics: IndexerMetrics;
  log: Logger;
}

/**
 * Brings the database one step of at most `rangeBlocks` nearer to the node's head; true when there is more to fetch.
 * @throws IndexerStopped when the chain below a final block is another one than stored.
 * @throws NodeInconsistent, or the node's or database's error: nothing was changed, the next round tries again.
 */
export async function followRound(
  following: Following,
  writer: Writer,
  rangeBlocks = following.rangeBlocks,
): Promise<boolean> {
  const { ask, database, identity, contracts, metrics, log } = following;
  const { chainId } = identity;
  const latest = await latestHeader(ask);
  const cursor = (await readCursor(database, chainId)) ?? (await begin(following, writer));
  metrics.observe(cursor, latest.number);

  if (latest.number < cursor.head.number) {
    // A node that lags is no reorganisation: its head must come at least as far as ours before anything is undone.
    await checkGenesis(following);
    log.debug({ node: latest.number, head: cursor.head.number }, 'the node is behind the database');
    return false;
  }
  const range = async (after: bigint) => {
    const to = after + BigInt(rangeBlocks);
    return headerRange(ask, after + 1n, to < latest.number ? to : latest.number);
  };
  let base = cursor.head;
  let headers = await range(base.number);
  const next = headers[0] ?? latest;
  if (next.hash !== base.hash && next.parentHash !== base.hash) {
    await checkGenesis(following);
    base = await commonAncestor(ask, database, chainId, cursor, next);
    headers = await range(base.number);
    if (headers[0]?.parentHash !== base.hash)
      throw new NodeInconsistent(`The node left the branch of block ${next.number} ${next.hash} again.`);
  }

  const head = headers.at(-1) ?? base;
  const finalNumber = await finalUnder(following, cursor, head.number, headers);
  if (headers.length === 0 && finalNumber === cursor.finalNumber) return false;
  const events = await readEvents(following, headers);
  const unproven = await advance(writer, contracts, chainId, {
    from: cursor,
    base,
    headers,
    events,
    finalNumber,
  });

  metrics.observeStep(cursor, base, events, unproven.length);
  for (const { batch, reason } of unproven)
    log.error(
      { code: 'batch_unproven', ...batch, reason },
      'a settled batch cannot be proven: its payments are not in the database',
    );
  const depth = cursor.head.number - base.number;
  if (depth > 0n)
    log.warn({ depth, ancestor: base.number, head: head.number }, 'reorganisation: blocks were replaced');
  metrics.observe({ ...cursor, head, finalNumber }, latest.number);
  return head.number < latest.number;
}

/** Events in the order of the chain. A block with a batch that its events do not prove is read again, proven. */
async function readEvents({ logs, contracts }: Following, headers: Header[]): Promise<ContractEvent[]> {
  const toEvent = (log: RpcLog) => readEvent(contracts, log);
  const events = (await logs.logsOf(headers)).map(toEvent);
  const doubtful = new Set(paymentsOf(contracts, events).unproven.map(({ batch }) => batch.blockNumber));
  if (doubtful.size === 0) return events;
  const again = headers.filter(({ number }) => doubtful.has(number)).map(logs.provenLogsOf);
  const proven = (await Promise.all(again)).flat().map(toEvent);
  return [...events.filter(({ blockNumber }) => !doubtful.has(blockNumber)), ...proven].sort(
    (a, b) => Number(a.blockNumber - b.blockNumber) || a.logIndex - b.logIndex,
  );
}

async function begin({ ask, identity, startBlock }: Following, writer: Writer): Promise<Cursor> {
  const [parent] = await headerRange(ask, startBlock - 1n, startBlock - 1n);
  if (!parent) throw new NodeInconsistent(`The node does not have block ${startBlock - 1n} yet.`);
  await writer.transaction((tx) => beginCursor(tx, identity.chainId, parent));
  return { startBlock, head: parent, finalNumber: parent.number };
}

/** A local chain that was started anew has the same id and other blocks; say so instead of "reorganisation". */
async function checkGenesis({ ask, identity }: Following): Promise<void> {
  const [genesis] = await headerRange(ask, 0n, 0n);
  if (genesis?.hash === identity.genesisHash) return;
  throw new IndexerStopped(
    'chain_replaced',
    `The chain at RPC_URL was replaced while it was followed: chain ${identity.chainId} had genesis ${identity.genesisHash}, now it is ${genesis?.hash}. Nothing was changed. Point RPC_URL back, or begin with an empty database for the new chain (\`npm start\` does so for the local one).`,
  );
}

/** The highest block that is final when `head` is the head; never below one that was. */
async function finalUnder(
  { ask, database, identity, finality }: Following,
  cursor: Cursor,
  head: bigint,
  headers: Header[],
): Promise<bigint> {
  const rising = (number: bigint) => (number > cursor.finalNumber ? number : cursor.finalNumber);
  if (finality !== 'finalized-tag') return rising(head - BigInt(finality.depth));
  const finalized = await finalizedHeader(ask);
  if (!finalized || finalized.number <= cursor.finalNumber) return cursor.finalNumber;
  if (finalized.number > head) return rising(head);
  const ours =
    headers.find((header) => header.number === finalized.number)?.hash ??
    (await storedHash(database, identity.chainId, cursor, finalized.number));
  if (ours === finalized.hash) return finalized.number;
  throw new NodeInconsistent(
    `The node calls block ${finalized.number} ${finalized.hash} finalized, and led to ${ours} at that height.`,
  );
}
