/** What the node says about blocks, asked for by number or hash, taken only if it answers the question asked. */
import type { Hex, PublicClient } from 'viem';
import { isUnknownMethod } from '../platform/chain.ts';
import { NodeInconsistent } from './errors.ts';

export interface BlockReference {
  number: bigint;
  hash: Hex;
}

export interface Header extends BlockReference {
  parentHash: Hex;
  /** Unix seconds. */
  timestampS: bigint;
  logsBloom: Hex;
  receiptsRoot: Hex;
  transactionHashes: Hex[];
}

/** Sends one JSON-RPC request; rejects when the node refuses, is silent, or the indexer stops. */
export type Ask = <Answer>(method: string, params: unknown[]) => Promise<Answer>;

/** Requests over `client` that end when `signal` does and report each failure to `onError`; that a method is not there is an answer. */
export function createAsk(client: PublicClient, signal: AbortSignal, onError: (method: string) => void): Ask {
  const request = client.request as (call: object, options: object) => Promise<unknown>;
  return async <Answer>(method: string, params: unknown[]) => {
    try {
      return (await request({ method, params }, { signal })) as Answer;
    } catch (error) {
      if (!signal.aborted && !isUnknownMethod(error)) onError(method);
      throw error;
    }
  };
}

interface RpcBlock {
  number: Hex;
  hash: Hex;
  parentHash: Hex;
  timestamp: Hex;
  logsBloom: Hex;
  receiptsRoot: Hex;
  transactions: Hex[];
}

export async function latestHeader(ask: Ask): Promise<Header> {
  return readHeader(await ask<RpcBlock | null>('eth_getBlockByNumber', ['latest', false]), 'latest block');
}

/** The block that the node holds for final; undefined when it knows of none yet. */
export async function finalizedHeader(ask: Ask): Promise<Header | undefined> {
  const block = await ask<RpcBlock | null>('eth_getBlockByNumber', ['finalized', false]);
  return block ? readHeader(block, 'finalized block') : undefined;
}

export async function headerByHash(ask: Ask, { number, hash }: BlockReference): Promise<Header> {
  const header = readHeader(await ask<RpcBlock | null>('eth_getBlockByHash', [hash, false]), `block ${hash}`);
  if (header.hash !== hash || header.number !== number)
    throw new NodeInconsistent(
      `Asked for block ${number} ${hash}, the node gave ${header.number} ${header.hash}.`,
    );
  return header;
}

/** The headers from block `from` to `to`, both included, each the parent of the next. Empty when `to` < `from`. */
export async function headerRange(ask: Ask, from: bigint, to: bigint): Promise<Header[]> {
  const numbers = Array.from(
    { length: Math.max(0, Number(to - from) + 1) },
    (_, index) => from + BigInt(index),
  );
  const headers = await Promise.all(
    numbers.map(async (number) => {
      const block = await ask<RpcBlock | null>('eth_getBlockByNumber', [`0x${number.toString(16)}`, false]);
      const header = readHeader(block, `block ${number}`);
      if (header.number === number) return header;
      throw new NodeInconsistent(`Asked for block ${number}, the node gave block ${header.number}.`);
    }),
  );
  for (const [index, header] of headers.entries()) {
    const parent = headers[index - 1];
    if (parent && header.parentHash !== parent.hash)
      throw new NodeInconsistent(
        `Block ${header.number} names ${header.parentHash} as its parent; the node gave ${parent.hash} for it.`,
      );
  }
  return headers;
}

function readHeader(block: RpcBlock | null, what: string): Header {
  if (!block?.hash) throw new NodeInconsistent(`The node does not have the ${what} that it should have.`);
  return {
    number: BigInt(block.number),
    hash: block.hash.toLowerCase() as Hex,
    parentHash: block.parentHash.toLowerCase() as Hex,
    timestampS: BigInt(block.timestamp),
    logsBloom: block.logsBloom,
    receiptsRoot: block.receiptsRoot,
    transactionHashes: block.transactions,
  };
}
