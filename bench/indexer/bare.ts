/**
 * The ceiling: what reading logs and writing rows costs when nothing is checked or derived. Logs in ranges, several at
 * once, decoded by hand, written by COPY in commits of the same size; no headers, no proof, no balances, no way back.
 *
 *   DATABASE_URL=... RPC_URL=... TOKEN=0x... FROM=42 TO=2041 node bench/indexer/bare.ts
 */
import type { Hex } from 'viem';
import { z } from 'zod';
import type { RpcLog } from '../../services/indexer/blockLogs.ts';
import {
  databaseUrlVariable,
  loadConfig,
  rpcUrlVariable,
  wholeNumber,
} from '../../services/platform/config.ts';
import { copyRows, openDatabase, withTransaction } from '../../services/platform/database.ts';
import { createJsonRpc } from '../../services/platform/jsonRpc.ts';

const BLOCKS_OF_REQUEST = 25;
const REQUESTS_OF_COMMIT = 8;
const AHEAD = 4;

const { DATABASE_URL, RPC_URL, TOKEN, FROM, TO } = loadConfig(
  z.object({
    DATABASE_URL: databaseUrlVariable,
    RPC_URL: rpcUrlVariable,
    TOKEN: z.string(),
    FROM: wholeNumber(0),
    TO: wholeNumber(0),
  }),
);
const database = openDatabase(DATABASE_URL, 'bare', 1);
await database.query(`create table transfers (
    block_number bigint not null, log_index int not null, transaction_hash text not null, token text not null,
    sender text not null, recipient text not null, amount numeric(78, 0) not null, primary key (block_number, log_index));
  create index on transfers (sender, block_number);
  create index on transfers (recipient, block_number)`);
const askEach = createJsonRpc(RPC_URL, new AbortController().signal);
const hex = (number: number): Hex => `0x${number.toString(16)}`;

async function read(from: number): Promise<string[]> {
  const filter = {
    fromBlock: hex(from),
    toBlock: hex(Math.min(TO, from + BLOCKS_OF_REQUEST - 1)),
    address: TOKEN,
  };
  const [logs = []] = await askEach<RpcLog[]>('eth_getLogs', [[filter]]);
  return logs.map(
    ({ blockNumber, logIndex, transactionHash, address, topics: [, from, to], data }) =>
      `${Number(blockNumber)}\t${Number(logIndex)}\t${transactionHash}\t${address}\t0x${from?.slice(26)}\t0x${to?.slice(26)}\t${BigInt(data)}`,
  );
}
const write = (rows: string[]) =>
  withTransaction(database, (tx) => copyRows(tx, 'transfers', rows, (row) => row));

process.stdout.write('started\n');
const reading: Promise<string[]>[] = [];
let writing: Promise<void> = Promise.resolve();
let rows: string[] = [];
let taken = 0;
for (let next = FROM; next <= TO || reading.length > 0; ) {
  for (; next <= TO && reading.length < AHEAD; next += BLOCKS_OF_REQUEST) reading.push(read(next));
  rows.push(...((await reading.shift()) ?? []));
  if (++taken % REQUESTS_OF_COMMIT !== 0) continue;
  await writing;
  writing = write(rows);
  rows = [];
}
await writing;
await write(rows);
await database.end();
process.exit(0); // the connections to the node are kept alive
