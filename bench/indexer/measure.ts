/** The measurements, each upon a database of its own. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import pg from 'pg';
import { indexerScript } from '../../scripts/indexer-script.ts';
import type { LogProof } from '../../services/indexer/blockLogs.ts';
import { type BenchmarkChain, EVENTS_PER_BLOCK } from './chain.ts';
import { startMeasured } from './process.ts';

const LIMIT_MS = 600_000;
const LOOK_ANYWAY_MS = 1_000;
const LATENCY_BLOCKS = 200;
const MISSED_BLOCKS = 20;

export interface Stage {
  chain: BenchmarkChain;
  /** Number of the first block that is full of transfers. */
  firstFull: number;
  postgresUrl: string;
}

/** Seconds that the bare pipeline takes for so many events. */
export async function bareSeconds(stage: Stage, events: number): Promise<number> {
  const databaseUrl = await createDatabase(stage);
  const bare = await startMeasured(['bench/indexer/bare.ts'], {
    DATABASE_URL: databaseUrl,
    RPC_URL: stage.chain.rpcUrl,
    TOKEN: stage.chain.token,
    FROM: String(stage.firstFull),
    TO: String(lastBlockOf(stage, events)),
  });
  await bare.ended;
  const seconds = (performance.now() - bare.startedAt) / 1000;
  await expectTransfers(databaseUrl, 'transfers', stage, events);
  return seconds;
}

export interface Backfill {
  databaseUrl: string;
  /** Seconds until so many events were in the database, in the order asked for. */
  seconds: number[];
  /** The most memory that the process had until then, MiB. */
  peaksMiB: (number | undefined)[];
}

/** A backfill by the indexer from an empty database, until the last of the rising numbers of events. */
export async function backfill(stage: Stage, proof: LogProof, events: number[]): Promise<Backfill> {
  const databaseUrl = await createDatabase(stage);
  const indexer = await startIndexer(stage, databaseUrl, proof);
  const client = await listen(databaseUrl);
  const seconds: number[] = [];
  const peaksMiB: (number | undefined)[] = [];
  for (const count of events) {
    await untilHead(client, lastBlockOf(stage, count));
    seconds.push((performance.now() - indexer.startedAt) / 1000);
    peaksMiB.push(await indexer.peakRssMiB());
  }
  await indexer.kill();
  await client.end();
  await expectTransfers(databaseUrl, 'indexer.transfers', stage, events.at(-1) ?? 0);
  return { databaseUrl, seconds, peaksMiB };
}

export interface Live {
  /** Milliseconds from when the node has a block until readers are told that the database has it. */
  latenciesMs: number[];
  /** Seconds from the start of the process until it stood at the node's head, after SIGKILL and some blocks without it. */
  recoverySeconds: number;
}

/** The indexer at the node's head, in a database with a history: how late it is with each block, and after it was killed. */
export async function live(stage: Stage, databaseUrl: string): Promise<Live> {
  const { chain } = stage;
  let indexer = await startIndexer(stage, databaseUrl, 'receipts');
  const client = await listen(databaseUrl);
  await untilHead(client, await chain.head());
  const latenciesMs: number[] = [];
  for (let block = 0; block < LATENCY_BLOCKS; block++) {
    const told = once(client, 'notification').then(() => performance.now());
    await chain.mine(1);
    const minedAt = performance.now();
    latenciesMs.push(Math.max(0, (await told) - minedAt));
  }
  await indexer.kill();
  await chain.mine(MISSED_BLOCKS);
  const startsAt = performance.now();
  const head = await chain.head();
  indexer = await startIndexer(stage, databaseUrl, 'receipts');
  await untilHead(client, head);
  const recoverySeconds = (performance.now() - startsAt) / 1000;
  await indexer.kill();
  await client.end();
  return { latenciesMs, recoverySeconds };
}

function startIndexer({ chain }: Stage, databaseUrl: string, proof: LogProof) {
  return startMeasured(indexerScript, {
    DATABASE_URL: databaseUrl,
    RPC_URL: chain.rpcUrl,
    RPC_WS_URL: chain.wsUrl,
    DEPLOYMENT_FILE: chain.deploymentFile,
    INDEXER_PORT: '0',
    INDEXER_LOG_PROOF: proof,
  });
}

function lastBlockOf({ firstFull }: Stage, events: number): number {
  return firstFull + events / EVENTS_PER_BLOCK - 1;
}

/** Looks when the indexer tells of a commit, so that looking takes nothing from what is measured. */
async function untilHead(client: pg.Client, number: number): Promise<void> {
  for (const endsAt = performance.now() + LIMIT_MS; performance.now() < endsAt; ) {
    const told = once(client, 'notification', { signal: AbortSignal.timeout(LOOK_ANYWAY_MS) });
    told.catch(() => undefined);
    const { rowCount } = await client.query('select from indexer.cursors where head_number >= $1', [number]);
    if (rowCount === 1) return;
    await told.catch(() => undefined);
  }
  throw new Error(`The indexer did not come to block ${number} within ${LIMIT_MS / 1000} s.`);
}

/** A figure of a run that lost something would be worth nothing. */
async function expectTransfers(url: string, table: string, stage: Stage, events: number): Promise<void> {
  const client = await connect(url);
  const { rows } = await client.query<{ count: string }>(
    `select count(*) from ${table} where block_number between $1 and $2`,
    [stage.firstFull, lastBlockOf(stage, events)],
  );
  await client.end();
  if (Number(rows[0]?.count) !== events)
    throw new Error(`${table} has ${rows[0]?.count} of ${events} transfers.`);
}

async function createDatabase({ postgresUrl }: Stage): Promise<string> {
  const client = await connect(postgresUrl);
  const name = `bench_${randomBytes(6).toString('hex')}`;
  await client.query(`create database ${name}`);
  await client.query('checkpoint'); // what the run before left to be written is not this one's
  await client.end();
  return postgresUrl.replace(/\/postgres$/, `/${name}`);
}

async function listen(url: string): Promise<pg.Client> {
  const client = await connect(url);
  await client.query('listen indexer_head');
  return client;
}

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client(url);
  await client.connect();
  return client;
}
