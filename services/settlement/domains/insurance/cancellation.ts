/** How a policy is cancelled: only its holder can, so the answer is what the holder's wallet has to send. */
import { type Address, encodeFunctionData, type Hex, type PublicClient } from 'viem';
import { z } from 'zod';
import { parametricCoverAbi } from '../../../core/abi/parametricCover.ts';
import type { Deployment } from '../../../core/deployment.ts';
import { COVER_STEP, refundOf } from '../../../core/insurance/premium.ts';
import { COVER_CURRENCY, coverAmount } from '../../../core/insurance/product.ts';
import { isAmount, moneyFaults, parseMoney } from '../../../core/money.ts';
import { timeText } from '../../http/fields.ts';
import { problemsOf } from '../../http/problems.ts';
import { insuranceProblems } from './errors.ts';
import type { PolicyRow } from './store.ts';

const problem = problemsOf(insuranceProblems);
const amount = z.strictObject({ currency: z.string(), value: z.string() });

export const cancellationQuery = z.strictObject({
  insured: z
    .string()
    .refine(
      (value) => isAmount(value) && moneyFaults(COVER_CURRENCY, value).length === 0,
      'an amount such as 100.00',
    )
    .optional()
    .meta({ description: 'How much of the sum insured to give up; without it all.' }),
});

export const cancellationSchema = z
  .strictObject({
    policy: z.string(),
    insured: amount.meta({ description: 'What would no longer be covered.' }),
    refund: amount.meta({ description: 'Of the unearned premium, to the buyer. The capital charge stays.' }),
    cancellableUntil: z.iso.datetime().meta({ description: "By the chain's time." }),
    transaction: z
      .strictObject({ chainId: z.int(), from: z.string(), to: z.string(), data: z.string() })
      .meta({ description: "What the holder's wallet sends. Nobody else can." }),
  })
  .meta({ id: 'PolicyCancellation' });

export type Cancellation = z.output<typeof cancellationSchema>;

/**
 * Asks the contract what the holder would get for it.
 * @throws Problem `policy_not_cancellable`
 */
export async function prepareCancellation(
  { chain, deployment }: { chain: PublicClient; deployment: Deployment },
  row: PolicyRow,
  part: string | undefined,
): Promise<Cancellation> {
  const { policy_number: number, insured_units: covered } = row;
  const { timestamp, number: blockNumber } = await chain.getBlock();
  if (row.status !== 'issued' || number === null || covered === null)
    throw problem('policy_not_cancellable', `The policy is ${row.status}.`);
  if (timestamp >= row.sale_closes_at)
    throw problem(
      'policy_not_cancellable',
      `Its waiting period began at ${timeText(row.sale_closes_at)}, and the chain's time is ${timeText(timestamp)}.`,
    );
  const units = part === undefined ? covered : parseMoney(COVER_CURRENCY, part).units;
  if (units === 0n || units > covered || units % COVER_STEP !== 0n)
    throw problem(
      'policy_not_cancellable',
      `It covers ${coverAmount(covered).value}, and ${coverAmount(units).value} was to be given up.`,
    );
  const cover = { address: deployment.parametricCover as Address, abi: parametricCoverAbi } as const;
  const [policy, purchase] = await chain.readContract({
    ...cover,
    functionName: 'policyOf',
    args: [number],
    blockNumber,
  });
  const data: Hex = encodeFunctionData({ ...cover, functionName: 'cancel', args: [number, units] });
  return {
    policy: row.id,
    insured: coverAmount(units),
    refund: coverAmount(refundOf(purchase.unearnedPremium, policy.insuredSteps * COVER_STEP, units)),
    cancellableUntil: timeText(row.sale_closes_at),
    transaction: { chainId: deployment.chainId, from: policy.holder.toLowerCase(), to: cover.address, data },
  };
}
