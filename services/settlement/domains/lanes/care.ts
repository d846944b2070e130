/** Looks after transactions that are under way: signs what is prepared, sends them again, raises their fee, gives up what cannot land. */
import { type Transaction, withTransaction } from '../../../platform/database.ts';
import { raiseFees, SignerError } from '../../../platform/signer.ts';
import {
  type Attempt,
  filler,
  insertPrepared,
  type PreparedAttempt,
  readUnfinished,
  type SignedAttempt,
} from './attempts.ts';
import { lockCargo } from './cargo.ts';
import { learnFate } from './fate.ts';
import { guardEpoch, type Lane } from './lease.ts';
import type { ChainView, LaneParts } from './parts.ts';
import { sendAttempt } from './send.ts';
import { signAttempt } from './signing.ts';

/** A transaction that is not in a block after so many pays more, up to so many times what a new one would pay. */
const PATIENCE_BLOCKS = 10n;
const DEAREST = 10n;
/** When so many prices did not bring the first in the queue into a block, it is not the price: its batch gives way. */
const PRICES_TRIED = 3;

export interface UnderWay {
  /** Nonces that are used up by nobody yet or whose fate is not known. */
  nonces: number;
  /** How many of them are not used as of the head: the node has them in its mempool. */
  pending: number;
  /** How many of these carry calls. */
  calls: number;
  /** What all that are pending may cost at most, in wei. */
  cost: bigint;
  /** What all that are pending may have of the gas of a block. */
  gas: bigint;
  /** The newest transaction of the nonce that comes next: all others wait for it. */
  first?: SignedAttempt;
  /** Why prepared attempts could not be signed, if so. */
  signerError?: SignerError;
}

/**
 * Goes through the lane's unfinished attempts. A signer that does not sign does not keep what is signed from being sent.
 * @param isNewHolder true in the first round after the lane was taken: everything is sent again at once.
 * @param isFunded false when the signer cannot pay: then it is not the transactions' fault that they do not land.
 */
export async function careForAttempts(
  parts: LaneParts,
  lane: Lane,
  view: ChainView,
  isNewHolder: boolean,
  isFunded = true,
): Promise<UnderWay> {
  const unfinished = await readUnfinished(parts.database, lane, view.latestNonce);
  const byNonce = Map.groupBy(unfinished, (attempt) => attempt.nonce);
  const underWay: UnderWay = { nonces: byNonce.size, pending: 0, calls: 0, cost: 0n, gas: 0n };
  for (const [nonce, attempts] of byNonce) {
    const newest = attempts.at(-1) as Attempt;
    if (nonce < view.latestNonce) {
      await learnFate(parts, lane, view, attempts);
      continue;
    }
    underWay.pending++;
    if (newest.callId) underWay.calls++;
    underWay.cost += newest.gas * newest.maxFeePerGas;
    underWay.gas += newest.gas;
    if (nonce === view.latestNonce && isSigned(newest)) underWay.first = newest;
    try {
      const maySign = underWay.signerError === undefined; // who does not answer is asked once a round
      await keepAlive(parts, lane, view, attempts, { isNewHolder, isFunded, maySign });
    } catch (error) {
      if (!(error instanceof SignerError)) throw error;
      underWay.signerError = error;
    }
  }
  return underWay;
}

const isSigned = (attempt: Attempt): attempt is SignedAttempt => attempt.state !== 'prepared';

/** The nonce is not used yet: the node must have the newest bytes, and they must pay enough. */
async function keepAlive(
  parts: LaneParts,
  lane: Lane,
  view: ChainView,
  attempts: readonly Attempt[],
  { isNewHolder, isFunded, maySign }: { isNewHolder: boolean; isFunded: boolean; maySign: boolean },
): Promise<void> {
  const signed = attempts.filter(isSigned);
  const newest = signed.at(-1);
  if (newest && (isNewHolder || newest.isQuiet)) await sendAttempt(parts, lane, newest);
  if (!maySign) return;
  const prepared =
    attempts.find((attempt) => attempt.state === 'prepared') ??
    (newest && isFunded ? await prepareReplacement(parts, lane, view, signed, newest) : undefined);
  if (prepared?.state !== 'prepared') return;
  const replacement = await signAttempt(parts, lane, prepared);
  if (replacement) await sendAttempt(parts, lane, replacement);
}

/**
 * Prepares what is to take the place of a late transaction: the same calldata under the same nonce for a higher fee, or,
 * when its batch or call does not need it any more or no price brought it in, one that only uses up the nonce. The earlier bytes
 * stay stored: they may land too. Undefined when the newest is fine as it is.
 */
async function prepareReplacement(
  { database, log }: LaneParts,
  lane: Lane,
  view: ChainView,
  signed: readonly SignedAttempt[],
  newest: SignedAttempt,
): Promise<PreparedAttempt | undefined> {
  const { nonce, maxFeePerGas, settlementBatchId, callId } = newest;
  const isFirst = nonce === view.latestNonce;
  const isTooCheap = maxFeePerGas < view.baseFeePerGas;
  const isLate = view.headNumber - newest.signedAtBlock >= PATIENCE_BLOCKS;
  // Those behind the first wait for it, not for their price.
  if (!isLate || !(isFirst || isTooCheap)) return undefined;
  const isDear = maxFeePerGas >= view.fees.maxFeePerGas * DEAREST;
  return withTransaction(database, async (tx: Transaction) => {
    await guardEpoch(tx, lane);
    const state = await lockCargo(tx, newest);
    if (state === 'included') return undefined; // a reorganisation may be about to take it back
    const isWanted = state === 'signed' || state === 'broadcast';
    const isHopeless = isFirst && (isDear || signed.length >= PRICES_TRIED);
    const keepsCall = isWanted && !isHopeless;
    if (isDear && (keepsCall || state === undefined)) return undefined;
    const content = keepsCall ? { settlementBatchId, callId, gas: newest.gas } : { gas: filler.gas };
    const words = keepsCall
      ? 'a late transaction pays more'
      : 'a transaction that cannot land gives its nonce up';
    log.info({ nonce, was: newest.hash, settlementBatchId, callId }, words);
    return insertPrepared(tx, lane, { ...content, nonce, ...raiseFees(newest, view.fees) }, view.headNumber);
  });
}
