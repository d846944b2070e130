/** What the node says about blocks, asked for by number or hash, taken only if it answers the question asked. */
import type { Hex } from 'viem';
import { blockHash, type RpcHeader } from '../core/evm/blockHeader.ts';
import { type AskEach, RpcError } from '../platform/jsonRpc.ts';
import { fastKeccak } from '../platform/keccak.ts';
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

/**
 * Whether a header is taken for what its fields hash to. `hash`: only if that is the hash by which the node names the block. `none`: the
 * node is believed, for chains whose headers have fields of their own.
 */
export type HeaderProof = 'hash' | 'none';

export interface ChainNode {
  /** Rejects when the node refuses, is silent, or the indexer stops. */
  ask<Answer>(method: string, params: unknown[]): Promise<Answer>;
  /** The same method with each of `params`; answers in their order. */
  askEach: AskEach;
  latestHeader(): Promise<Header>;
  /** The block that the node holds for final; undefined when it knows of none yet. */
  finalizedHeader(): Promise<Header | undefined>;
  headerByHash(block: BlockReference): Promise<Header>;
  headerByNumber(number: bigint): Promise<Header>;
  /** The headers from block `from` to `to`, both included, each the parent of the next. */
  headerRange(from: bigint, to: bigint): Promise<Header[]>;
}

type RpcBlock = RpcHeader & { hash: Hex; transactions: Hex[] };

/**
 * The node that answers `askEach`. What it says of a block and does not fit together is a NodeInconsistent.
 * @param onError Told of each method that failed; that a method is not there is an answer.
 */
export function createChainNode(
  askEach: AskEach,
  headerProof: HeaderProof,
  onError: (method: string) => void = () => undefined,
): ChainNode {
  const readHeader = (block: RpcBlock | null | undefined, what: string) => toHeader(block, what, headerProof);
  const node: ChainNode = {
    async askEach<Answer>(method: string, params: readonly unknown[][]) {
      try {
        return await askEach<Answer>(method, params);
      } catch (error) {
        if (error instanceof RpcError && error.code !== 'rpc_unknown_method') onError(method);
        throw error;
      }
    },
    async ask<Answer>(method: string, params: unknown[]) {
      const [answer] = await node.askEach<Answer>(method, [params]);
      return answer as Answer;
    },
    async latestHeader() {
      return readHeader(await node.ask<RpcBlock>('eth_getBlockByNumber', ['latest', false]), 'latest block');
    },
    async finalizedHeader() {
      const block = await node.ask<RpcBlock | null>('eth_getBlockByNumber', ['finalized', false]);
      return block ? readHeader(block, 'finalized block') : undefined;
    },
    async headerByHash({ number, hash }) {
      const block = await node.ask<RpcBlock | null>('eth_getBlockByHash', [hash, false]);
      const header = readHeader(block, `block ${hash}`);
      if (header.hash === hash && header.number === number) return header;
      throw new NodeInconsistent(
        `Asked for block ${number} ${hash}, the node gave ${header.number} ${header.hash}.`,
      );
    },
    async headerByNumber(number) {
      const [header] = await node.headerRange(number, number);
      return header as Header;
    },
    async headerRange(from, to) {
      const numbers = Array.from({ length: Number(to - from) + 1 }, (_, index) => from + BigInt(index));
      const blocks = await node.askEach<RpcBlock | null>(
        'eth_getBlockByNumber',
        numbers.map((number) => [`0x${number.toString(16)}`, false]),
      );
      const headers = blocks.map((block, index) => readHeader(block, `block ${numbers[index]}`));
      for (const [index, header] of headers.entries()) checkPlace(header, numbers[index], headers[index - 1]);
      return headers;
    },
  };
  return node;
}

function checkPlace(header: Header, number: bigint | undefined, parent: Header | undefined): void {
  if (header.number !== number)
    throw new NodeInconsistent(`Asked for block ${number}, the node gave block ${header.number}.`);
  if (parent && header.parentHash !== parent.hash)
    throw new NodeInconsistent(
      `Block ${header.number} names ${header.parentHash} as its parent; the node gave ${parent.hash} for it.`,
    );
}

function toHeader(block: RpcBlock | null | undefined, what: string, proof: HeaderProof): Header {
  if (!block?.hash) throw new NodeInconsistent(`The node does not have the ${what} that it should have.`);
  const hash = block.hash.toLowerCase() as Hex;
  if (proof === 'hash') checkHash(block, what, hash);
  return {
    number: BigInt(block.number),
    hash,
    parentHash: block.parentHash.toLowerCase() as Hex,
    timestampS: BigInt(block.timestamp),
    logsBloom: block.logsBloom,
    receiptsRoot: block.receiptsRoot.toLowerCase() as Hex,
    transactionHashes: block.transactions,
  };
}

function checkHash(block: RpcBlock, what: string, hash: Hex): void {
  let computed: string;
  try {
    computed = blockHash(block, fastKeccak);
  } catch (error) {
    computed = `nothing (${(error as Error).message})`;
  }
  if (computed === hash) return;
  throw new NodeInconsistent(
    `The node names the ${what} ${hash}, but its header hashes to ${computed}: the node is wrong, or the chain's headers have fields that Ethereum's do not; for such a chain set INDEXER_HEADER_PROOF=none.`,
    'header_hash_wrong',
  );
}
