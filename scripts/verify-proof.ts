/**
 * Verifies the proof of a payment, a policy or an escrow without trusting whoever gave it:
 *
 *   npm run partner -- GET /v1/payments/pay_.../proof > proof.json
 *   npm run verify:proof -- proof.json --rpc https://a-node-of-yours
 */
import { readFileSync } from 'node:fs';
import { BaseError, type Hex, type PublicClient } from 'viem';
import { verifyEventsProof } from '../services/core/evm/eventsProof.ts';
import { EVENTS_PROOF_FORMAT, type EventsProof } from '../services/core/evm/eventsProofFile.ts';
import { verifyPaymentProof } from '../services/core/evm/paymentProof.ts';
import type { PaymentProof } from '../services/core/evm/paymentProofFile.ts';
import { compareWithChain, ProofRefused } from '../services/core/evm/receiptProof.ts';
import type { ReceiptProof } from '../services/core/evm/receiptProofFile.ts';
import { JsonMalformed, readJsonText } from '../services/core/json.ts';
import { createChainClient } from '../services/platform/chain.ts';
import { ConfigError } from '../services/platform/config.ts';
import { readArguments, runCommandLine } from './cli.ts';

const USAGE = 'npm run verify:proof -- proof.json [--rpc URL] [--block-hash 0x...]';
const HELP = `${USAGE}

Verifies the proof of a payment, a policy or an escrow (GET /v1/payments/{id}/proof, and so on) with no trust in who gave it.
  --rpc URL          compare chain, blocks and transactions with a node that you trust
  --block-hash 0x..  compare the block with a hash that you have from elsewhere; once for each block of the proof
Exit code 0: what is printed as proven is proven. 1: refused, with a code that programs can rely on.`;

/** Of the times that JavaScript can write (ECMA-262, time values). */
const LAST_SECOND = 8_640_000_000_000n;

await runCommandLine(async () => {
  const { options: values, positionals } = readArguments(USAGE, {
    rpc: { type: 'string' },
    'block-hash': { type: 'string', multiple: true },
    help: { type: 'boolean' },
  });
  if (values.help) {
    console.log(HELP);
    return;
  }
  const [file, ...others] = positionals;
  if (!file || others.length > 0) throw new ConfigError(`Say which file. Usage: ${USAGE}`);
  const { rpc, 'block-hash': blockHashes = [] } = values;
  if (rpc !== undefined && !URL.canParse(rpc))
    throw new ConfigError(`--rpc ${rpc} is no URL. Usage: ${USAGE}`);
  for (const blockHash of blockHashes)
    if (!/^0x[0-9a-fA-F]{64}$/.test(blockHash))
      throw new ConfigError(`--block-hash ${blockHash} is not 0x and 64 hex digits. Usage: ${USAGE}`);
  try {
    const input = readProof(file);
    const isOfEvents = (input as { format?: unknown } | null)?.format === EVENTS_PROOF_FORMAT;
    const findings = isOfEvents
      ? findingsOfEvents(verifyEventsProof(input))
      : findingsOfPayment(verifyPaymentProof(input));
    compareBlocks(findings, blockHashes);
    const standing = rpc ? await standingsOnChain(findings, createChainClient(rpc)) : [];
    console.log(report(findings, standing, blockHashes.length > 0).join('\n'));
  } catch (error) {
    if (!(error instanceof ProofRefused)) throw error;
    throw new ConfigError(`REFUSED ${error.code}: ${visible(error.message)}`);
  }
});

/** A file may name its members as it likes: what would move the cursor, hide text or begin a line is spelt out. */
function visible(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) => {
    return `\\u{${character.codePointAt(0)?.toString(16)}}`;
  });
}

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

/** What a proof shows by itself. */
interface Findings {
  chainId: number;
  /** In the order of the chain. */
  receipts: readonly ReceiptProof[];
  /** What is proven, in words, and what no node can tell. */
  proven: string[];
  open: string[];
}

function findingsOfPayment(proof: PaymentProof): Findings {
  const { payment, batch, contracts } = proof;
  return {
    chainId: proof.chainId,
    receipts: [proof],
    proven: [
      ...placeOf(proof),
      `In it the router ${contracts.router} settled the batch of ${batch.count} payments from sequence ${batch.firstSequence}; its events amount to the commitment ${batch.commitment}.`,
      payment.outcome === 'settled'
        ? `Payment ${payment.sequence} of that payer moved ${payment.amount} units of the token ${contracts.token} from ${payment.payer} to ${payment.recipient}.`
        : `Payment ${payment.sequence} of ${payment.payer}, ${payment.amount} units of the token ${contracts.token} to ${payment.recipient}, was returned: the recipient could not receive, and nothing left the payer.`,
    ],
    open: [
      'That router and token are the contracts that you mean: compare their addresses with those that you know.',
      'Whose wallets payer and recipient are.',
    ],
  };
}

function findingsOfEvents({ chainId, subject, receipts }: EventsProof): Findings {
  const { kind } = subject;
  const contracts =
    kind === 'policy' ? `${subject.contract} and its pool ${subject.pool} are` : `${subject.contract} is`;
  const id = kind === 'policy' ? subject.policyNumber : subject.escrowId;
  return {
    chainId,
    receipts,
    proven: receipts.flatMap(({ events, ...receipt }) => [
      ...placeOf(receipt),
      ...events.map((event) => `In it ${event.contract} said ${event.name}: ${inWords(event.arguments)}.`),
    ]),
    open: [
      `That ${contracts} what you mean by ${kind} ${id}: compare with addresses that you know.`,
      `That nothing else happened to the ${kind}, in other transactions.`,
      ...(kind === 'policy'
        ? ['That what was paid was received, if the pool is another: its CreditAdded would not be here.']
        : []),
      'Whose wallets these are.',
    ],
  };
}

function placeOf({ block, transaction }: ReceiptProof): string[] {
  const seconds = BigInt(block.header.timestamp);
  const time = seconds <= LAST_SECOND ? new Date(Number(seconds) * 1000).toISOString() : `second ${seconds}`;
  return [
    `The header has the hash ${block.hash} (block ${BigInt(block.header.number)}, ${time}).`,
    `The receipt of transaction ${transaction.index} of that block is as given, and the transaction succeeded.`,
  ];
}

/** Members with their values; those of a struct by their path. */
function inWords(said: Record<string, unknown>, path = ''): string {
  const words = Object.entries(said).map(([name, value]) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? inWords(value as Record<string, unknown>, `${path}${name}.`)
      : `${path}${name} ${Array.isArray(value) ? `[${value.join(', ')}]` : String(value)}`,
  );
  return words.join(', ');
}

/** Each block of the proof must have one of these hashes, if there are any. @throws ProofRefused */
function compareBlocks({ receipts }: Findings, hashes: readonly string[]): void {
  const known = new Set(hashes.map((hash) => hash.toLowerCase()));
  for (const { block } of receipts)
    if (known.size > 0 && !known.has(block.hash))
      throw new ProofRefused(
        'block_not_on_chain',
        `Block ${BigInt(block.header.number)} of the proof has the hash ${block.hash}, which is none of --block-hash: it was made up, or the chain was reorganised.`,
      );
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

/** How the node has the receipts' blocks, in their order. @throws ProofRefused when it has others */
async function standingsOnChain({ chainId, receipts }: Findings, client: PublicClient): Promise<Standing[]> {
  const ask = async <Answer>(method: string, ...params: unknown[]) =>
    (await (client.request as (call: object) => Promise<unknown>)({ method, params })) as Answer;
  try {
    const chainIdOfNode = Number(await ask<Hex>('eth_chainId'));
    const head = await ask<Hex>('eth_blockNumber');
    const final = await ask<RpcBlock | null>('eth_getBlockByNumber', 'finalized', false);
    const standings = [];
    for (const receipt of receipts) {
      const { number } = receipt.block.header;
      const block = await ask<RpcBlock | null>('eth_getBlockByNumber', number, false);
      if (!block)
        throw new ProofRefused('block_not_on_chain', `The node has no block ${BigInt(number)}, or not yet.`);
      const { hash, transactions } = block;
      compareWithChain({ chainId, ...receipt }, { chainId: chainIdOfNode, hash, transactions });
      standings.push({
        blocksOnIt: BigInt(head) > BigInt(number) ? BigInt(head) - BigInt(number) : 0n,
        isFinal: final !== null && BigInt(final.number) >= BigInt(number),
      });
    }
    return standings;
  } catch (error) {
    if (error instanceof ProofRefused) throw error;
    const why = error instanceof BaseError ? `${error.shortMessage} ${error.details}` : String(error);
    throw new ConfigError(`REFUSED node_unreachable: The node at --rpc gave no usable answer: ${why}`, {
      cause: error,
    });
  }
}

function report(
  { chainId, receipts, proven, open }: Findings,
  standings: readonly Standing[],
  isComparedByHash: boolean,
): string[] {
  const lines = [...proven];
  const openLines = [...open];
  for (const [at, { blocksOnIt, isFinal }] of standings.entries())
    lines.push(
      `By the node's word block ${receipts[at]?.block.hash} is in chain ${chainId}, with transaction ${receipts[at]?.transaction.hash}; ${blocksOnIt} blocks stand on it, and it is ${isFinal ? '' : 'not yet '}final.`,
    );
  if (standings.length === 0) {
    const transactions = receipts.map(({ transaction }) => transaction.hash).join(', ');
    openLines.unshift(`That the chain is ${chainId} and the transaction's hash ${transactions} (--rpc URL).`);
  }
  if (isComparedByHash) lines.push('Each block is one of --block-hash.');
  const isCompared = standings.length > 0 || isComparedByHash;
  if (!isCompared)
    openLines.unshift(
      'That a block is in the chain: the blocks themselves are not compared with a node (--rpc URL).',
    );
  const hashes = [...new Set(receipts.map(({ block }) => block.hash))];
  const condition = hashes.length === 1 ? `${hashes[0]} is a block` : `${hashes.join(', ')} are blocks`;
  const heading = isCompared ? 'PROVEN' : `PROVEN, if ${condition} of the chain`;
  return [heading, ...indented(lines), 'NOT PROVEN', ...indented(openLines)];
}

function indented(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}
