/** The proof of a payment, made of what the node has of its block. */
import { bytesToHex, type Hex } from 'viem';
import type { RpcHeader } from '../../../core/evm/blockHeader.ts';
import { paymentInReceipt, receiptInBlock, verifyPaymentProof } from '../../../core/evm/paymentProof.ts';
import { headerOf, PAYMENT_PROOF_FORMAT, type PaymentProof } from '../../../core/evm/paymentProofFile.ts';
import { decodeReceipt, type RpcReceipt } from '../../../core/evm/receipt.ts';
import { receiptProof } from '../../../core/evm/receiptTrie.ts';
import type { Database } from '../../../platform/database.ts';
import { type AskEach, RpcError } from '../../../platform/jsonRpc.ts';
import { fastKeccak } from '../../../platform/keccak.ts';
import { problemsOf } from '../../http/problems.ts';
import { paymentProblems } from './errors.ts';
import type { PaymentState } from './states.ts';
import type { PaymentRow } from './store.ts';

const problem = problemsOf(paymentProblems);

/** In these states a payment stands in a block that is final. */
const provable: readonly PaymentState[] = ['final', 'posted', 'returned'];
const RETRY_AFTER_SECONDS = 5;

export interface ProofParts {
  database: Database;
  askEach: AskEach;
  router: Hex;
}

/**
 * Makes the proof of a payment and verifies it as its reader will.
 * @throws Problem `payment_not_settled` before its block is final; `proof_not_obtainable` when the index does not have the
 * payment at this moment, the node does not answer, or what it answers does not prove the payment.
 */
export async function provePayment(
  { database, askEach, router }: ProofParts,
  payment: PaymentRow,
): Promise<PaymentProof> {
  if (!provable.includes(payment.state))
    throw problem('payment_not_settled', `The payment ${payment.id} is in state ${payment.state}.`);
  const place = await findPlace(database, payment.id);
  if (!place) throw notObtainable(`The index does not have the block of the payment ${payment.id}`);
  try {
    const block = await readBlock(askEach, place.block_hash);
    const receipts = await readReceipts(askEach, place.block_hash, block);
    return prove(place, router.toLowerCase() as Hex, block, receipts);
  } catch (error) {
    // All of it is the node: unreachable, without the block, or with answers that do not fit together. Where it is, is
    // nobody's business.
    const isAway = error instanceof RpcError && error.code === 'rpc_unreachable';
    throw notObtainable(isAway ? 'The node cannot be reached.' : (error as Error).message);
  }
}

function notObtainable(why: string) {
  return problem('proof_not_obtainable', `There is no proof at the moment. ${why}`, [], {
    'retry-after': String(RETRY_AFTER_SECONDS),
  });
}

interface Place {
  chain_id: bigint;
  payer: Hex;
  token: Hex;
  sequence: bigint;
  block_hash: Hex;
  transaction_hash: Hex;
}

/** Where the index has the payment; undefined while it does not. */
async function findPlace(database: Database, paymentId: string): Promise<Place | undefined> {
  const { rows } = await database.query<Place>(
    `select b.chain_id, b.payer, b.token, p.sequence, k.hash as block_hash, i.transaction_hash
       from settlement.payments p
       join settlement.settlement_batches b on b.id = p.settlement_batch_id
       join indexer.payments i on i.chain_id = b.chain_id and i.payer = b.payer and i.sequence = p.sequence
       join indexer.blocks k on k.chain_id = i.chain_id and k.number = i.block_number
      where p.id = $1`,
    [paymentId],
  );
  return rows[0];
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

function prove(place: Place, router: Hex, block: Block, receipts: RpcReceipt[]): PaymentProof {
  const { token, payer, sequence, transaction_hash: transactionHash } = place;
  const index = block.transactions.indexOf(transactionHash);
  const nodes = receiptProof(receipts, index, fastKeccak);
  const receipt = receiptInBlock(block.receiptsRoot, index, nodes);
  const { payment, batch } = paymentInReceipt(
    { router, token, payer, sequence },
    decodeReceipt(receipt).logs,
  );
  return verifyPaymentProof({
    format: PAYMENT_PROOF_FORMAT,
    chainId: Number(place.chain_id),
    contracts: { router, token },
    payment,
    batch,
    transaction: { hash: transactionHash, index },
    receipt: bytesToHex(receipt),
    receiptProof: nodes,
    block: { hash: place.block_hash, header: headerOf(block) },
  });
}
