/** Receipts in their blocks, of what the node has, for proofs. */
import { setImmediate } from 'node:timers/promises';
import { bytesToHex, type Hex } from 'viem';
import type { RpcHeader } from '../../core/evm/blockHeader.ts';
import type { RpcReceipt } from '../../core/evm/receipt.ts';
import { receiptInBlock } from '../../core/evm/receiptProof.ts';
import { headerOf, type ReceiptProof } from '../../core/evm/receiptProofFile.ts';
import { receiptProof } from '../../core/evm/receiptTrie.ts';
import { Problem } from '../../platform/http/problem.ts';
import { type AskEach, createJsonRpc, RpcError } from '../../platform/jsonRpc.ts';
import { fastKeccak } from '../../platform/keccak.ts';
import type { Logger } from '../../platform/log.ts';
import { type ProblemCatalogue, problemsOf } from '../http/problems.ts';

export const proofProblems = {
  nothing_final: {
    status: 409,
    meaning: 'No final block has anything of it that could be proven.',
    next: 'Ask again when it is on the chain and final, which a webhook tells.',
  },
  proof_not_obtainable: {
    status: 503,
    meaning: 'The node does not give a block of it, or what it gave does not prove it.',
    next: 'Ask again after the pause of Retry-After. Nothing is handed out that was not verified before.',
  },
} as const satisfies ProblemCatalogue;

const problem = problemsOf(proofProblems);
const RETRY_AFTER_SECONDS = 5;
/** What one proof may take, and how many of a partner wait for each other: whoever can write receipts can make them large. */
const MOST_SECONDS = 20;
const MOST_WAITING = 20;

export function notObtainable(why: string) {
  return problem('proof_not_obtainable', `There is no proof at the moment. ${why}`, [], {
    'retry-after': String(RETRY_AFTER_SECONDS),
  });
}

/** Where the index has a transaction. */
export interface Place {
  block_hash: Hex;
  transaction_hash: Hex;
}

export interface Prover {
  /**
   * Has `make` make a proof of receipts that the node has. Of a partner one is made after the other.
   * @throws Problem `proof_not_obtainable` for whatever goes wrong in `make`: all of it is the node, unreachable, without the
   * block, or with answers that do not fit together. Where it is, is nobody's business.
   */
  prove<Proof>(partnerId: string, make: (receiptOf: ReceiptOf) => Promise<Proof>): Promise<Proof>;
}

/** The receipt of a transaction in its block. */
export type ReceiptOf = (place: Place) => Promise<ReceiptProof>;

export function createProver({ rpcUrl, log }: { rpcUrl: string; log: Logger }): Prover {
  const askEach = createJsonRpc(rpcUrl, new AbortController().signal);
  const queues = new Map<string, { last: Promise<unknown>; waiting: number }>();

  async function attempt<Proof>(make: (receiptOf: ReceiptOf) => Promise<Proof>): Promise<Proof> {
    try {
      return await make(readerOf(askEach));
    } catch (error) {
      if (error instanceof Problem) throw error;
      log.warn({ err: error }, 'a proof cannot be made of what the node says');
      const isAway = error instanceof RpcError && error.code === 'rpc_unreachable';
      throw notObtainable(
        isAway ? 'The node cannot be reached.' : 'What the node says at the moment does not prove it.',
      );
    }
  }

  return {
    async prove(partnerId, make) {
      const queue = queues.get(partnerId) ?? { last: Promise.resolve(), waiting: 0 };
      if (queue.waiting >= MOST_WAITING) throw notObtainable(`${MOST_WAITING} of yours are being made.`);
      queues.set(partnerId, queue);
      queue.waiting++;
      const turn = queue.last.then(() => attempt(make));
      queue.last = turn.catch(() => undefined);
      try {
        return await turn;
      } finally {
        queue.waiting--;
        if (queue.waiting === 0) queues.delete(partnerId);
      }
    },
  };
}

/** Receipts for one proof. Those of one block that are asked for one after the other need one look at it. */
function readerOf(askEach: AskEach): ReceiptOf {
  const begun = performance.now();
  let known: { hash: Hex; block: Block; receipts: RpcReceipt[] } | undefined;
  return async (place) => {
    if (performance.now() - begun > MOST_SECONDS * 1_000)
      throw notObtainable(`It is not made after ${MOST_SECONDS} s.`);
    const hash = place.block_hash;
    if (known?.hash !== hash) {
      const block = await readBlock(askEach, hash);
      known = { hash, block, receipts: await readReceipts(askEach, hash, block) };
    }
    await setImmediate(); // other requests have their turn between two receipts
    return prove(place, known.block, known.receipts);
  };
}

function prove({ block_hash: hash, ...place }: Place, block: Block, receipts: RpcReceipt[]): ReceiptProof {
  const index = block.transactions.indexOf(place.transaction_hash);
  const nodes = receiptProof(receipts, index, fastKeccak);
  return {
    transaction: { hash: place.transaction_hash, index },
    receipt: bytesToHex(receiptInBlock(block.receiptsRoot, index, nodes)),
    receiptProof: nodes,
    block: { hash, header: headerOf(block) },
  };
}

interface Block extends RpcHeader {
  transactions: Hex[];
}

async function readBlock(askEach: AskEach, hash: Hex): Promise<Block> {
  const [block] = await askEach<Block | null>('eth_getBlockByHash', [[hash, false]]);
  if (!block) throw new Error(`The node does not have the block ${hash}.`);
  return block;
}

/** All receipts of a block, in order; one by one where the node does not give them at once. */
async function readReceipts(askEach: AskEach, hash: Hex, { transactions }: Block): Promise<RpcReceipt[]> {
  try {
    const [receipts] = await askEach<RpcReceipt[] | null>('eth_getBlockReceipts', [[hash]]);
    return receipts ?? [];
  } catch (error) {
    if (!(error instanceof RpcError) || error.code !== 'rpc_unknown_method') throw error;
  }
  const receipts = await askEach<RpcReceipt | null>(
    'eth_getTransactionReceipt',
    transactions.map((transaction) => [transaction]),
  );
  return receipts.flatMap((receipt) => receipt ?? []);
}
