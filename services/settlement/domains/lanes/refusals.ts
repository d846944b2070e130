/** What is to become of a batch that the simulation refused: whose fault it is, and whether a part of it can go. */
import { paymentRouterAbi } from '../../../core/abi/paymentRouter.ts';
import { firstHalf } from './division.ts';
import type { LaneParts } from './parts.ts';
import type { Refusal } from './routerCall.ts';
import type { SettlementBatch } from './settlementBatch.ts';

/**
 * `divideAt`: the first so many payments are tried by themselves, the others by themselves.
 * `isOthersFault`: nothing of the account can go, so all of it waits, in its order; else only this batch waits.
 */
export interface Verdict {
  divideAt?: number;
  isOthersFault: boolean;
}

/** Neither payment nor account: nothing of this token can go. */
const stopped = ['RouterIsPaused', 'TokenIsPaused'];

/** Too little for the sum of the batch, and which argument says how much there is. */
const amountReasons: Record<string, number> = {
  OperatorLimitExceeded: 3,
  PayerCannotCover: 2,
  ERC20InsufficientBalance: 1,
  ERC20InsufficientAllowance: 1,
};

/** A node that refuses a batch so often, and not a contract, may find it too big: that shows when it is divided. */
const REFUSALS_OF_NODE = 5;

export async function judgeRefusal(
  parts: LaneParts,
  batch: SettlementBatch,
  { name, args, isByContract }: Refusal,
): Promise<Verdict> {
  const count = batch.payments.length;
  const place = amountReasons[name];
  if (place !== undefined) return judgeAmount(parts, batch, name, args[place] as bigint);
  if (stopped.includes(name)) return { isOthersFault: true };
  if (name === 'AccountIsFrozen' && String(args[0]).toLowerCase() === batch.payer)
    return { isOthersFault: true };
  if (!isByContract && batch.failures < REFUSALS_OF_NODE) return { isOthersFault: true };
  return count > 1 ? { divideAt: firstHalf(count), isOthersFault: false } : { isOthersFault: false };
}

/** What fits goes, the rest waits in its order; but nothing waits for a payment that is more than the limit ever gives. */
async function judgeAmount(
  { chain, router, signer }: LaneParts,
  { payer, token, payments }: SettlementBatch,
  name: string,
  available: bigint,
): Promise<Verdict> {
  let left = available;
  const exceeding = payments.findIndex(({ units }) => {
    left -= units;
    return left < 0n;
  });
  if (exceeding > 0) return { divideAt: exceeding, isOthersFault: true };
  if (name !== 'OperatorLimitExceeded') return { isOthersFault: true };
  const [, limit] = await chain.readContract({
    address: router,
    abi: paymentRouterAbi,
    functionName: 'operatorAllowance',
    args: [payer, signer.address, token],
  });
  const isNeverPaid = limit > 0n && (payments[0]?.units ?? 0n) > limit;
  if (isNeverPaid && payments.length > 1) return { divideAt: 1, isOthersFault: false };
  return { isOthersFault: !isNeverPaid };
}
