/** Follows the chain by parent hash. One round looks at the node's head once and takes in what leads to it, step by step. */
import type { ChainIdentity } from '../platform/chain.ts';
import type { Database } from '../platform/database.ts';
import type { Logger } from '../platform/log.ts';
import { cover } from './addition.ts';
import { advance } from './advance.ts';
import type { BlockReader } from './blockReader.ts';
import type { BlockReference, ChainNode, Header } from './chainNode.ts';
import type { Finality } from './config.ts';
import type { WatchedContracts } from './contractEvents.ts';
import { beginCursor, type Cursor, readCursor, storedHash } from './cursor.ts';
import { IndexerStopped, NodeInconsistent } from './errors.ts';
import { commonAncestor } from './fork.ts';
import type { IndexerMetrics } from './metrics.ts';
import { type Step, stepsOf } from './steps.ts';
import type { Writer } from './writer.ts';

export interface Following {
  node: ChainNode;
  reader: BlockReader;
  database: Database;
  identity: ChainIdentity;
  contracts: WatchedContracts;
  startBlock: bigint;
  finality: Finality;
  /** Most blocks that one commit takes in, unless it replaces more. */
  rangeBlocks: number;
  /** Most blocks that one round takes in. */
  roundBlocks?: number;
  /** What the tables hold when they are begun now. */
  subjects: readonly string[];
  metrics: IndexerMetrics;
  log: Logger;
}

/**
 * Brings the database to where the node's head was when the round began. True when it took in more than one block: the
 * node may have others by now.
 * @throws IndexerStopped when the chain below a final block is another one than stored.
 * @throws NodeInconsistent, or the node's or database's error: what was committed stays, the next round goes on from there.
 */
export async function followRound(following: Following, writer: Writer): Promise<boolean> {
  const { node, reader, database, identity, rangeBlocks, finality, metrics, log } = following;
  const latest = await node.latestHeader();
  const cursor = (await readCursor(database, identity.chainId)) ?? (await begin(following, writer));
  metrics.observe(cursor, latest.number);

  if (latest.number < cursor.head.number) {
    // A node that lags is no reorganisation: its head must come at least as far as ours before anything is undone.
    await checkGenesis(following);
    log.debug({ node: latest.number, head: cursor.head.number }, 'the node is behind the database');
    return false;
  }
  const base = await branchPoint(following, cursor, latest);
  const finalized = finality === 'finalized-tag' ? await node.finalizedHeader() : undefined;
  const round = { ...following, writer, latest, finalized };
  const to = lastOfRound(following, cursor, latest);

  let writing = Promise.resolve(cursor);
  try {
    const spans = reader.spans(base.number + 1n, to, latest);
    for await (const step of stepsOf(spans, base, rangeBlocks, cursor.head.number)) {
      const from = await writing;
      writing = write(round, from, step); // the next step is read meanwhile
      writing.catch(() => undefined); // whoever waits for it hears of it
    }
    if (base.number === latest.number) writing = write(round, cursor, { base, headers: [], events: [] });
  } finally {
    await writing;
  }
  return latest.number > cursor.head.number + 1n;
}

function lastOfRound({ roundBlocks }: Following, { head }: Cursor, latest: Header): bigint {
  const most = roundBlocks === undefined ? latest.number : head.number + BigInt(roundBlocks);
  return most < latest.number ? most : latest.number;
}

interface Round extends Following {
  writer: Writer;
  latest: Header;
  finalized: Header | undefined;
}

/** Commits a step, of which nothing may be left but that more is final. Returns where the cursor is then. */
async function write(round: Round, from: Cursor, step: Step): Promise<Cursor> {
  const { writer, contracts, identity, metrics, log, latest } = round;
  const head = step.headers.at(-1) ?? step.base;
  const finalNumber = await finalUnder(round, from, head.number, step.headers);
  if (step.headers.length === 0 && finalNumber === from.finalNumber) return from;
  const unproven = await advance(writer, contracts, identity.chainId, { ...step, from, finalNumber });

  metrics.observeStep(from, step.base, step.events, unproven.length);
  for (const { batch, reason } of unproven)
    log.error(
      { code: 'batch_unproven', ...batch, reason },
      'a settled batch cannot be proven: its payments are not in the database',
    );
  const depth = from.head.number - step.base.number;
  if (depth > 0n)
    log.warn(
      { depth, ancestor: step.base.number, head: head.number },
      'reorganisation: blocks were replaced',
    );
  const cursor = { ...from, head, finalNumber };
  metrics.observe(cursor, latest.number);
  return cursor;
}

async function begin(following: Following, writer: Writer): Promise<Cursor> {
  const { node, identity, startBlock, subjects } = following;
  const parent = await node.headerByNumber(startBlock - 1n);
  await writer.transaction(async (tx) => {
    await beginCursor(tx, identity.chainId, parent);
    await cover(tx, identity.chainId, subjects);
  });
  return { startBlock, head: parent, finalNumber: parent.number };
}

/** The block to build upon: the cursor's head, or, at a fork, the last block that both branches have. */
async function branchPoint(following: Following, cursor: Cursor, latest: Header): Promise<BlockReference> {
  const { node, database, identity } = following;
  const { head } = cursor;
  const next = latest.number <= head.number + 1n ? latest : await node.headerByNumber(head.number + 1n);
  if (next.hash === head.hash || next.parentHash === head.hash) return head;
  await checkGenesis(following);
  return commonAncestor(node, database, identity.chainId, cursor, next);
}

/** A local chain that was started anew has the same id and other blocks; say so instead of "reorganisation". */
async function checkGenesis({ node, identity }: Following): Promise<void> {
  const { hash } = await node.headerByNumber(0n);
  if (hash === identity.genesisHash) return;
  throw new IndexerStopped(
    'chain_replaced',
    `The chain at RPC_URL was replaced while it was followed: chain ${identity.chainId} had genesis ${identity.genesisHash}, now it is ${hash}. Nothing was changed. Point RPC_URL back, or begin with an empty database for the new chain (\`npm start\` does so for the local one).`,
  );
}

/** The highest block that is final when `head` is the head; never below one that was. */
async function finalUnder(
  { database, identity, finality, finalized }: Round,
  cursor: Cursor,
  head: bigint,
  headers: Header[],
): Promise<bigint> {
  const rising = (number: bigint) => (number > cursor.finalNumber ? number : cursor.finalNumber);
  if (finality !== 'finalized-tag') return rising(head - BigInt(finality.depth));
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
