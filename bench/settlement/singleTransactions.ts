/**
 * The peer: one transaction a payment, as relayers do it, as fast as that can be made. Eight senders sign ERC-20 transfers, the
 * signed bytes are stored in PostgreSQL in bulk before they are sent in JSON-RPC batches, receipts are asked for in batches, and
 * a payment is done when its block is final. It has no API, ledger, screening or webhooks, and nothing refuses a second
 * transaction for the same payment.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { type Address, encodeFunctionData, type Hex, keccak256, type LocalAccount } from 'viem';
import { stablecoinAbi } from '../../services/core/abi/stablecoin.ts';
import { perSecond } from './load.ts';
import { FINALITY_DEPTH, type World } from './world.ts';

const CHUNK = 100;
const LIMIT_MS = 300_000;
const POLL_MS = 250;
const TIP = 10n ** 9n;
const GAS = 80_000n;

type Receipt = { blockNumber: Hex; status: Hex } | null;

/** @returns payments a second, from the first signature to the last final receipt. */
export async function settleOneByOne(world: World, count: number): Promise<number> {
  await world.database.query(
    'create table if not exists bench_transactions (hash text primary key, raw text not null, block_number bigint)',
  );
  const { senders } = world;
  const share = Math.ceil(count / senders.length);
  const startedAt = performance.now();
  await Promise.all(
    senders.map(async (sender) => {
      const waiting: Hex[][] = [];
      for await (const hashes of sendTransfers(world, sender, share)) waiting.push(hashes);
      for (const hashes of waiting) await untilFinal(world, hashes);
    }),
  );
  return perSecond(share * senders.length, startedAt);
}

/** Signs, stores, sends, chunk by chunk; yields the hashes of each chunk. */
async function* sendTransfers(world: World, sender: LocalAccount, count: number): AsyncGenerator<Hex[]> {
  const { baseFeePerGas } = await world.chain.getBlock();
  const recipient = world.wallets[0] as Address;
  const unsigned = {
    type: 'eip1559',
    chainId: world.deployment.chainId,
    to: world.deployment.stablecoins.USD.address as Address,
    data: encodeFunctionData({ abi: stablecoinAbi, functionName: 'transfer', args: [recipient, 1n] }),
    gas: GAS,
    maxFeePerGas: (baseFeePerGas ?? 0n) * 2n + TIP,
    maxPriorityFeePerGas: TIP,
  } as const;
  let nonce = await world.chain.getTransactionCount({ address: sender.address });
  for (let sent = 0; sent < count; sent += CHUNK) {
    const raws: Hex[] = [];
    for (let left = Math.min(CHUNK, count - sent); left > 0; left--)
      raws.push(await sender.signTransaction({ ...unsigned, nonce: nonce++ }));
    const hashes = raws.map((raw) => keccak256(raw));
    await world.database.query(
      'insert into bench_transactions (hash, raw) select * from unnest($1::text[], $2::text[])',
      [hashes, raws],
    );
    await request(world.rpcUrl, 'eth_sendRawTransaction', raws);
    yield hashes;
  }
}

async function untilFinal({ rpcUrl, chain, database }: World, hashes: readonly Hex[]): Promise<void> {
  const deadline = Date.now() + LIMIT_MS;
  for (;;) {
    const final = (await chain.getBlockNumber({ cacheTime: 0 })) - BigInt(FINALITY_DEPTH);
    const receipts = await request<Receipt>(rpcUrl, 'eth_getTransactionReceipt', hashes);
    const isFinal = (receipt: Receipt) => receipt !== null && BigInt(receipt.blockNumber) <= final;
    if (receipts.every(isFinal)) {
      if (receipts.some((receipt) => receipt?.status !== '0x1')) throw new Error('a transfer reverted');
      await database.query(
        `update bench_transactions t set block_number = r.block_number
           from unnest($1::text[], $2::bigint[]) as r (hash, block_number) where t.hash = r.hash`,
        [hashes, receipts.map((receipt) => BigInt(receipt?.blockNumber ?? 0))],
      );
      return;
    }
    if (Date.now() > deadline) throw new Error('the transfers are not final in time');
    await delay(POLL_MS);
  }
}

async function request<Answer>(url: string, method: string, params: readonly unknown[]): Promise<Answer[]> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(params.map((param, id) => ({ jsonrpc: '2.0', id, method, params: [param] }))),
  });
  const answers = (await response.json()) as { id: number; result: Answer; error?: { message: string } }[];
  const failed = answers.find(({ error }) => error);
  if (failed) throw new Error(`${method}: ${failed.error?.message}`);
  return answers.sort((a, b) => a.id - b.id).map(({ result }) => result);
}
