/**
 * Anchors the ledger's head on the chain: sign, store, send, and look for the event in the final blocks. No lease is needed. The
 * signer is used for nothing else, one anchor is under way at a time, and the contract takes a number once: whoever sends
 * what, in whatever process, a head is anchored once.
 */
import {
  type Address,
  BaseError,
  encodeFunctionData,
  formatEther,
  type Hash,
  isAddressEqual,
  keccak256,
  type PublicClient,
  RpcRequestError,
  recoverTransactionAddress,
  TransactionNotFoundError,
  type TransactionSerialized,
} from 'viem';
import { ledgerAnchorAbi } from '../../../core/abi/ledgerAnchor.ts';
import type { ChainWitness } from '../../../platform/chainWitness.ts';
import type { Database } from '../../../platform/database.ts';
import type { Logger } from '../../../platform/log.ts';
import { undefinedIfReverted } from '../../../platform/reverted.ts';
import { type Fees, quoteFees, raiseFees, type Signer } from '../../../platform/signer.ts';
import { readAnchorEvents } from './anchorEvents.ts';
import {
  closeAnchor,
  type LedgerHead,
  type OpenAnchor,
  readDueHead,
  readOpenAnchor,
  readSeal,
  type SignedAnchor,
  storeAgain,
  storeAnchor,
} from './anchors.ts';

/** A transaction that is not in a block after so many pays more, up to so many times what a new one would pay. */
const PATIENCE_BLOCKS = 10n;
const DEAREST = 10n;
const GAS_MARGIN_PERCENT = 125n;

export interface AnchoringParts {
  database: Database;
  chain: PublicClient;
  chainId: number;
  /** The contract `LedgerAnchor`. */
  contract: Address;
  /** Has the role LEDGER_ANCHORER, and signs nothing else. */
  signer: Signer;
  /** So often, if there are new postings. */
  intervalSeconds: number;
  /** Asked before anything is signed or sent. */
  witness?: ChainWitness;
  log: Logger;
}

/** Nothing can be anchored for now; the code says why, the sentence what to do. Each round tries again. */
export class AnchoringPaused extends Error {
  override readonly name = 'AnchoringPaused';
  readonly code: string;

  constructor(code: string, sentence: string) {
    super(sentence);
    this.code = code;
  }
}

/** The chain at the beginning of a round. */
interface View {
  headNumber: bigint;
  fees: Fees;
  /** Highest block that is final and indexed. */
  finalNumber: bigint;
  latestNonce: number;
  finalNonce: number;
}

/**
 * One round: looks after the anchor that is under way, or begins the next one when it is due.
 * @throws AnchoringPaused `not_anchorer`, `unfunded`, `anchor_refused`, the doubt that the nodes give rise to, or
 * `ledger_unlike_anchor`: then a person must look, and nothing is anchored as long as that is so.
 */
export async function anchorLedger(parts: AnchoringParts): Promise<void> {
  const open = await readOpenAnchor(parts.database);
  const due = open ? undefined : await readDueHead(parts.database, parts.intervalSeconds);
  const head = open ?? due;
  const doubt = head && (await parts.witness?.doubtHead());
  if (doubt) throw new AnchoringPaused(doubt.code, doubt.sentence);
  const view = head && (await viewChain(parts));
  if (!view) return;
  if (open) await careFor(parts, open, view);
  else await begin(parts, head, view);
}

async function begin(parts: AnchoringParts, head: LedgerHead, view: View): Promise<void> {
  if ((await lastAnchored(parts, head)) >= head.number) return; // by this database's elder self, before a restore
  const signed = await sign(parts, head, view.latestNonce, view.fees, view.headNumber);
  if (!(await storeAnchor(parts.database, head, signed))) return;
  await send(parts, signed);
  parts.log.info({ posting: head.number.toString(), head: head.head }, 'the ledger is being anchored');
}

async function careFor(parts: AnchoringParts, open: OpenAnchor, view: View): Promise<void> {
  const { database, chain, chainId, contract, log } = parts;
  const isLate = view.headNumber - open.signedAtBlock >= PATIENCE_BLOCKS;
  const isDear = open.maxFeePerGas >= view.fees.maxFeePerGas * DEAREST;
  if ((await lastAnchored(parts, open, view.finalNumber)) >= open.number) {
    const { ledgerId, number } = open;
    const range = [open.sinceBlock, view.finalNumber] as const;
    const [event] = await readAnchorEvents(chain, contract, range, { ledgerId, number });
    if (event) await closeAnchor(database, chainId, event);
    else
      log.warn(
        { posting: open.number.toString() },
        'the chain has the anchor, the node does not show its event',
      );
  } else if (!isAddressEqual(await senderOf(open), parts.signer.address)) {
    log.warn({ nonce: open.nonce }, 'an anchor is signed again, by the account that anchors now');
    await signAgain(parts, open, view.latestNonce, view.fees, view.headNumber);
  } else if (open.nonce < view.finalNonce) {
    log.warn({ nonce: open.nonce }, 'an anchor had no effect; it is signed again');
    await signAgain(parts, open, view.latestNonce, view.fees, view.headNumber);
  } else if (open.nonce === view.latestNonce && isLate && !isDear) {
    try {
      await signAgain(parts, open, open.nonce, raiseFees(open, view.fees), view.headNumber);
    } catch (error) {
      // It cannot pay more: what it can pay still goes.
      if (error instanceof AnchoringPaused) await send(parts, open);
      throw error;
    }
  } else if (open.nonce >= view.latestNonce) {
    await send(parts, open);
  }
}

/**
 * The number that was anchored last, as of a block, or of the latest one.
 * @throws AnchoringPaused `ledger_unlike_anchor` when its head is not our seal: it was rewritten, or restored from an older backup.
 */
async function lastAnchored(
  { database, chain, contract }: AnchoringParts,
  { ledgerId }: LedgerHead,
  blockNumber?: bigint,
): Promise<bigint> {
  const [number, head] = await chain.readContract({
    address: contract,
    abi: ledgerAnchorAbi,
    functionName: 'lastAnchor',
    args: [ledgerId],
    ...(blockNumber !== undefined && { blockNumber }),
  });
  if (number === 0n) return number;
  const seal = await readSeal(database, number);
  if (seal === head) return number;
  throw new AnchoringPaused(
    'ledger_unlike_anchor',
    `The chain has head ${head} at posting ${number} of ledger ${ledgerId}, the database ${seal ?? 'has no such posting'}. Was it restored from an older backup? Run npm run verify:ledger, and see docs/ledger.md.`,
  );
}

async function signAgain(
  parts: AnchoringParts,
  open: OpenAnchor,
  nonce: number,
  fees: Fees,
  headNumber: bigint,
): Promise<void> {
  const signed = await sign(parts, open, nonce, fees, headNumber);
  if (await storeAgain(parts.database, open, signed)) await send(parts, signed);
}

async function sign(
  { chain, chainId, contract, signer }: AnchoringParts,
  { ledgerId, number, head }: LedgerHead,
  nonce: number,
  fees: Fees,
  signedAtBlock: bigint,
): Promise<SignedAnchor> {
  const { address } = signer;
  const call = { abi: ledgerAnchorAbi, functionName: 'anchor', args: [ledgerId, number, head] } as const;
  // As of the latest block: what another process, or we, have just sent would make it a repetition.
  const estimate = await chain
    .estimateContractGas({ ...call, address: contract, account: address, blockTag: 'latest' })
    .catch(undefinedIfReverted('AccessManagedUnauthorized'));
  if (estimate === undefined)
    throw new AnchoringPaused(
      'not_anchorer',
      `${address}, the account of LEDGER_ANCHOR_SIGNER_KEY, has not the role LEDGER_ANCHORER, without which ${contract} takes no anchor, or the contract is closed: give it the role, or set the key of the account that has it.`,
    );
  const gas = (estimate * GAS_MARGIN_PERCENT) / 100n;
  const [cost, balance] = [gas * fees.maxFeePerGas, await chain.getBalance({ address })];
  if (balance < cost)
    throw new AnchoringPaused(
      'unfunded',
      `${address} has ${formatEther(balance)} ETH, the next anchor may cost ${formatEther(cost)}. It waits: send the account ETH.`,
    );
  const data = encodeFunctionData(call);
  const { raw } = await signer.sign({ chainId, to: contract, data, gas, nonce, ...fees });
  return { ...fees, nonce, gas, raw, signedAtBlock };
}

/** Sends stored bytes, unless the node has them. What it refuses now is looked at again in the next round. */
async function send({ chain, signer }: AnchoringParts, { raw, nonce }: SignedAnchor): Promise<void> {
  const hash = keccak256(raw);
  if (await isKnown(chain, hash)) return;
  try {
    await chain.request({ method: 'eth_sendRawTransaction', params: [raw] });
  } catch (error) {
    // The answer alone may be lost; or another process was faster, with the same bytes or others.
    if (await isKnown(chain, hash)) return;
    if ((await chain.getTransactionCount({ address: signer.address })) > nonce) return;
    const refusal = error instanceof BaseError && error.walk((one) => one instanceof RpcRequestError);
    if (!(refusal instanceof RpcRequestError)) throw error;
    throw new AnchoringPaused(
      'anchor_refused',
      `The node refuses the anchor's transaction ${hash} (nonce ${nonce}): ${refusal.details}. It is sent again; see whether ${signer.address} has enough ETH.`,
    );
  }
}

function senderOf({ raw }: SignedAnchor): Promise<Address> {
  return recoverTransactionAddress({ serializedTransaction: raw as TransactionSerialized });
}

async function isKnown(chain: PublicClient, hash: Hash): Promise<boolean> {
  try {
    await chain.getTransaction({ hash });
    return true;
  } catch (error) {
    if (error instanceof TransactionNotFoundError) return false;
    throw error;
  }
}

/** Undefined as long as the index has nothing of the chain. */
async function viewChain({ database, chain, chainId, signer }: AnchoringParts): Promise<View | undefined> {
  const { rows } = await database.query<{ final_number: bigint }>(
    'select final_number from indexer.cursors where chain_id = $1',
    [chainId],
  );
  if (!rows[0]) return undefined;
  const finalNumber = rows[0].final_number;
  const { address } = signer;
  const [head, latestNonce, finalNonce] = await Promise.all([
    chain.getBlock(),
    chain.getTransactionCount({ address }),
    chain.getTransactionCount({ address, blockNumber: finalNumber }),
  ]);
  const fees = await quoteFees(chain, head.baseFeePerGas ?? 0n);
  return { headNumber: head.number, fees, finalNumber, latestNonce, finalNonce };
}
