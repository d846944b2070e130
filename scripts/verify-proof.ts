/**
 * Verifies the proof of a payment without trusting whoever gave it:
 *
 *   npm run partner -- GET /v1/payments/pay_.../proof > proof.json
 *   npm run verify:proof -- proof.json --rpc https://a-node-of-yours
 */
import { readFileSync } from 'node:fs';
import { BaseError, type Hex, type PublicClient } from 'viem';
import {
  compareBlockHash,
  compareWithChain,
  ProofRefused,
  verifyPaymentProof,
} from '../services/core/evm/paymentProof.ts';
import type { PaymentProof } from '../services/core/evm/paymentProofFile.ts';
import { JsonMalformed, readJsonText } from '../services/core/json.ts';
import { createChainClient } from '../services/platform/chain.ts';
import { ConfigError } from '../services/platform/config.ts';
import { readArguments, runCommandLine } from './cli.ts';

const USAGE = 'npm run verify:proof -- proof.json [--rpc URL] [--block-hash 0x...]';
const HELP = `${USAGE}

Verifies the proof of a payment (GET /v1/payments/{id}/proof) with no trust in who gave it.
  --rpc URL          compare chain, block and transaction with a node that you trust
  --block-hash 0x..  compare the block with a hash that you have from elsewhere
Exit code 0: what is printed as proven is proven. 1: refused, with a code that programs can rely on.`;

await runCommandLine(async () => {
  const { options: values, positionals } = readArguments(USAGE, {
    rpc: { type: 'string' },
    'block-hash': { type: 'string' },
    help: { type: 'boolean' },
  });
  if (values.help) {
    console.log(HELP);
    return;
  }
  const [file, ...others] = positionals;
  if (!file || others.length > 0) throw new ConfigError(`Say which file. Usage: ${USAGE}`);
  const { rpc, 'block-hash': blockHash } = values;
  if (rpc !== undefined && !URL.canParse(rpc))
    throw new ConfigError(`--rpc ${rpc} is no URL. Usage: ${USAGE}`);
  if (blockHash !== undefined && !/^0x[0-9a-fA-F]{64}$/.test(blockHash))
    throw new ConfigError(`--block-hash ${blockHash} is not 0x and 64 hex digits. Usage: ${USAGE}`);
  try {
    const proof = verifyPaymentProof(readProof(file));
    if (blockHash) compareBlockHash(proof, blockHash);
    const standing = rpc ? await standingOnChain(proof, createChainClient(rpc)) : undefined;
    console.log(report(proof, standing, blockHash).join('\n'));
  } catch (error) {
    if (!(error instanceof ProofRefused)) throw error;
    throw new ConfigError(`REFUSED ${error.code}: ${error.message}`, { cause: error });
  }
});

function readProof(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new ConfigError(`REFUSED file_unreadable: ${(error as Error).message}`);
  }
  try {
    const { value, repeated } = readJsonText(text);
    const [twice] = repeated;
    // Else a reader may take the one, and what was verified is the other.
    if (twice) throw new ProofRefused('proof_malformed', `${twice.detail} (${twice.pointer}).`);
    return value;
  } catch (error) {
    if (!(error instanceof JsonMalformed)) throw error;
    throw new ProofRefused('proof_malformed', `The file is no JSON: ${error.message}.`, error);
  }
}

interface Standing {
  /** Blocks that stand on the proof's. */
  blocksOnIt: bigint;
  isFinal: boolean;
}

interface RpcBlock {
  number: Hex;
  hash: Hex;
  transactions: Hex[];
}

async function standingOnChain(proof: PaymentProof, client: PublicClient): Promise<Standing> {
  const ask = async <Answer>(method: string, ...params: unknown[]) =>
    (await (client.request as (call: object) => Promise<unknown>)({ method, params })) as Answer;
  try {
    const { number } = proof.block.header;
    const block = await ask<RpcBlock | null>('eth_getBlockByNumber', number, false);
    if (!block)
      throw new ProofRefused('block_not_on_chain', `The node has no block ${BigInt(number)}, or not yet.`);
    const chainId = Number(await ask<Hex>('eth_chainId'));
    compareWithChain(proof, { chainId, hash: block.hash, transactions: block.transactions });
    const head = await ask<Hex>('eth_blockNumber');
    const final = await ask<RpcBlock | null>('eth_getBlockByNumber', 'finalized', false);
    return {
      blocksOnIt: BigInt(head) - BigInt(number),
      isFinal: final !== null && BigInt(final.number) >= BigInt(number),
    };
  } catch (error) {
    if (error instanceof ProofRefused) throw error;
    const why = error instanceof BaseError ? `${error.shortMessage} ${error.details}` : String(error);
    throw new ConfigError(`REFUSED node_unreachable: The node at --rpc gave no usable answer: ${why}`, {
      cause: error,
    });
  }
}

function report(
  proof: PaymentProof,
  standing: Standing | undefined,
  blockHash: string | undefined,
): string[] {
  const { payment, batch, transaction, block, contracts } = proof;
  const time = new Date(Number(block.header.timestamp) * 1000).toISOString();
  const proven = [
    `The header has the hash ${block.hash} (block ${BigInt(block.header.number)}, ${time}).`,
    `The receipt of transaction ${transaction.index} of that block is as given, and the transaction succeeded.`,
    `In it the router ${contracts.router} settled the batch of ${batch.count} payments from sequence ${batch.firstSequence}; its events amount to the commitment ${batch.commitment}.`,
    payment.outcome === 'settled'
      ? `Payment ${payment.sequence} of that payer moved ${payment.amount} units of the token ${contracts.token} from ${payment.payer} to ${payment.recipient}.`
      : `Payment ${payment.sequence} of ${payment.payer}, ${payment.amount} units of the token ${contracts.token} to ${payment.recipient}, was returned: the recipient could not receive, and nothing left the payer.`,
  ];
  const open = [
    'That router and token are the contracts that you mean: compare their addresses with those that you know.',
    'Whose wallets payer and recipient are.',
  ];
  if (standing) {
    const { blocksOnIt, isFinal } = standing;
    proven.push(
      `By the node's word this block is in chain ${proof.chainId}, with transaction ${transaction.hash}; ${blocksOnIt} blocks stand on it, and it is ${isFinal ? '' : 'not yet '}final.`,
    );
  } else
    open.unshift(
      `That the chain is ${proof.chainId} and the transaction's hash ${transaction.hash} (--rpc URL).`,
    );
  if (blockHash) proven.push('The block is the one of --block-hash.');
  const isCompared = standing !== undefined || blockHash !== undefined;
  if (!isCompared)
    open.unshift('That the block is in the chain: the block itself is not compared with a node (--rpc URL).');
  const heading = isCompared ? 'PROVEN' : `PROVEN, if ${block.hash} is a block of the chain`;
  return [heading, ...proven.map((line) => `  ${line}`), 'NOT PROVEN', ...open.map((line) => `  ${line}`)];
}
