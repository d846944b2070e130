/** How a node can misbehave. Each lasts as long as it is put on. */
import { setTimeout as delay } from 'node:timers/promises';
import { type Hex, keccak256, toHex } from 'viem';
import { ConnectionCut, type RpcCall } from '../../test/support/nodeProxy.ts';
import type { Random } from '../iso20022/random.ts';
import type { Misbehaviour } from './node.ts';

const isSending = ({ method }: RpcCall) => method === 'eth_sendRawTransaction';
const never = () => new Promise<never>(() => undefined);
const cut = (): never => {
  throw new ConnectionCut();
};
const LATEST = ['latest', 'pending', undefined];

/** @param head Asks the chain itself for its latest block's number. */
export function rpcFaults(head: () => Promise<bigint>) {
  return {
    'send-lost': (): Misbehaviour => ({ before: (call) => isSending(call) && cut() }),
    'send-landed': (): Misbehaviour => ({ after: (call, result) => (isSending(call) ? cut() : result) }),
    'send-hangs': (): Misbehaviour => ({ after: (call, result) => (isSending(call) ? never() : result) }),
    'send-swallowed': (): Misbehaviour => ({
      before: (call) => {
        if (!isSending(call)) return;
        const hash = keccak256(call.params[0] as Hex);
        // Another harmless call takes its place; `after` gives the answer that a good node would give.
        Object.assign(call, { method: 'eth_chainId', params: [], swallowed: hash });
      },
      after: (call, result) => (call as { swallowed?: Hex }).swallowed ?? result,
    }),
    'rpc-silent': (): Misbehaviour => ({ before: cut }),
    'rpc-lags': (_: Random, depth: number): Misbehaviour => lag(head, BigInt(depth)),
    'rpc-repeats': (): Misbehaviour => {
      const first = new Map<string, unknown>();
      return {
        after: (call, result) => {
          if (isSending(call)) return result;
          const key = JSON.stringify([call.method, call.params]);
          if (!first.has(key)) first.set(key, result);
          return first.get(key);
        },
      };
    },
    'rpc-reorders': (random: Random): Misbehaviour => ({
      before: () => delay(random.below(150)),
      body: (text) => {
        const answers = JSON.parse(text) as unknown;
        return Array.isArray(answers) ? JSON.stringify(answers.reverse()) : text;
      },
    }),
    'rpc-garbage': (random: Random): Misbehaviour => ({
      after: (_, result) => (random.chance(0.2) ? random.pick([null, {}, '0x', 'zz', []]) : result),
      body: (text) => (random.chance(0.3) ? '<html><h1>502 Bad Gateway</h1></html>' : text),
    }),
    'rpc-lies': (random: Random): Misbehaviour => ({
      before: (call) => {
        if (isSending(call) && random.chance(0.2)) throw new Error('already known');
      },
      after: (call, result) => (random.chance(0.3) ? lie(call, result, random) : result),
    }),
  };
}

/** The node is of another branch: it has each block but the first under another hash. */
export function otherBlocks(): Misbehaviour {
  return {
    after: ({ method }, result) =>
      method.startsWith('eth_getBlockBy') && result && BigInt(result.number) > 0n
        ? { ...result, hash: keccak256(result.hash) }
        : result,
  };
}

/** The node answers as it would have `depth` blocks ago; what came since it does not know. */
function lag(head: () => Promise<bigint>, depth: bigint): Misbehaviour {
  const seen = async () => toHex((await head()) - depth);
  return {
    before: async (call) => {
      const place = { eth_getBlockByNumber: 0, eth_getTransactionCount: 1, eth_call: 1, eth_estimateGas: 1 }[
        call.method
      ];
      if (place !== undefined && LATEST.includes(call.params[place] as string))
        call.params[place] = await seen();
    },
    after: async ({ method }, result) => {
      if (method === 'eth_blockNumber') return seen();
      const number = method === 'eth_getTransactionReceipt' ? result?.blockNumber : result?.number;
      if (!number || (await head()) - depth >= BigInt(number)) return result;
      return null;
    },
  };
}

/** Something else than the truth, of the same form. */
// biome-ignore lint/suspicious/noExplicitAny: answers are whatever JSON-RPC has
function lie({ method }: RpcCall, result: any, random: Random): unknown {
  const otherHash = () => toHex(random.below(2 ** 31), { size: 32 });
  switch (method) {
    case 'eth_getTransactionReceipt':
      if (!result) return result;
      return random.pick([
        null,
        { ...result, status: result.status === '0x1' ? '0x0' : '0x1' },
        { ...result, blockHash: otherHash() },
        { ...result, logs: result.logs.slice(1) },
        { ...result, logs: result.logs.map((log: object) => ({ ...log, data: otherHash() })) },
        { ...result, logs: [...result.logs, ...result.logs] },
      ]);
    case 'eth_getTransactionByHash':
      return null;
    case 'eth_getBlockByNumber':
    case 'eth_getBlockByHash':
      if (!result) return result;
      return random.pick([
        null,
        { ...result, parentHash: otherHash() },
        { ...result, hash: otherHash() },
        { ...result, number: toHex(BigInt(result.number) + 1n) },
        { ...result, receiptsRoot: otherHash() },
        { ...result, logsBloom: toHex(0, { size: 256 }) },
      ]);
    case 'eth_blockNumber':
      return toHex(BigInt(result) + BigInt(random.below(9) - 4));
    case 'eth_getTransactionCount':
      return toHex(Math.max(0, Number(result) + random.below(7) - 3));
    case 'eth_estimateGas':
      return toHex(60_000);
    default:
      return result;
  }
}
