/** What an underwriter has in the pool, and what its wallet has to send to put money in or take it out: nobody else can. */
import { type Address, encodeFunctionData, type PublicClient } from 'viem';
import { z } from 'zod';
import { coverPoolAbi } from '../../../core/abi/coverPool.ts';
import { stablecoinAbi } from '../../../core/abi/stablecoin.ts';
import type { Deployment } from '../../../core/deployment.ts';
import { COVER_CURRENCY, coverAmount } from '../../../core/insurance/product.ts';
import { type PoolAction, poolCalls, readUnderwriting } from '../../../core/insurance/underwriting.ts';
import { isAmount, moneyFaults, parseMoney } from '../../../core/money.ts';
import { addressField, timeText } from '../../http/fields.ts';
import { problemsOf } from '../../http/problems.ts';
import { insuranceProblems } from './errors.ts';

const problem = problemsOf(insuranceProblems);
const amount = z.strictObject({ currency: z.string(), value: z.string() });

export const underwriterQuery = z.strictObject({ wallet: addressField });

export const underwritingQuery = underwriterQuery.extend({
  action: z.enum(['deposit', 'request', 'take', 'keep']).meta({
    description:
      'Put money in; ask for money back, which begins the cooldown; take what was asked for and is free; or keep the shares in.',
  }),
  amount: z
    .string()
    .refine(
      (value) =>
        isAmount(value) &&
        moneyFaults(COVER_CURRENCY, value).length === 0 &&
        parseMoney(COVER_CURRENCY, value).units > 0n,
      'an amount such as 100.00',
    )
    .optional()
    .meta({ description: 'Of a deposit, or of what is asked for; without it all shares are asked for.' }),
});
type Asked = z.output<typeof underwritingQuery>;

export const underwriterSchema = z
  .strictObject({
    wallet: z.string(),
    blockNumber: z.int(),
    shares: z.string(),
    worth: amount.meta({ description: "The shares' part of the capital." }),
    exitWorth: amount.meta({
      description: 'What they would bring now: as if every risk that has begun paid its most.',
    }),
    request: z
      .strictObject({
        state: z.enum(['waiting', 'claimable', 'lapsed']),
        shares: z.string(),
        worth: amount,
        claimableAt: z.iso.datetime(),
        lapsesAt: z.iso.datetime(),
      })
      .nullable()
      .meta({ description: 'Shares that are asked back.' }),
    takeable: amount.meta({ description: 'Of the request, what can be taken now.' }),
  })
  .meta({ id: 'Underwriter' });

export const underwritingSchema = z
  .strictObject({
    action: z.string(),
    transactions: z
      .array(
        z.strictObject({
          call: z.string().meta({ example: 'deposit' }),
          chainId: z.int(),
          from: z.string(),
          to: z.string(),
          data: z.string(),
        }),
      )
      .meta({ description: 'What the wallet sends, each when the one before is in a block.' }),
  })
  .meta({ id: 'UnderwritingTransactions' });

interface Parts {
  chain: PublicClient;
  deployment: Deployment;
}

/** As of the latest block. */
export async function readUnderwriter(
  { chain, deployment }: Parts,
  wallet: Address,
): Promise<z.output<typeof underwriterSchema>> {
  const { request, ...held } = await readUnderwriting(chain, deployment.coverPool, wallet);
  return {
    wallet: wallet.toLowerCase(),
    blockNumber: Number(held.blockNumber),
    shares: String(held.shares),
    worth: coverAmount(held.worth),
    exitWorth: coverAmount(held.exitWorth),
    request: request
      ? {
          state: request.state,
          shares: String(request.shares),
          worth: coverAmount(request.worth),
          claimableAt: timeText(request.claimableAt),
          lapsesAt: timeText(request.lapsesAt),
        }
      : null,
    takeable: coverAmount(held.takeable),
  };
}

/**
 * The transactions of an action.
 * @throws Problem `underwriting_refused` for what the pool would refuse now
 */
export async function prepareUnderwriting(
  { chain, deployment }: Parts,
  asked: Asked,
): Promise<z.output<typeof underwritingSchema>> {
  const { wallet } = asked;
  const [pool, asset] = [deployment.coverPool, deployment.stablecoins[COVER_CURRENCY].address];
  const wanted = actionOf(asked);
  await refuse({ chain, deployment }, wallet, wanted);
  const calls = await poolCalls(chain, { pool, asset }, wallet, wanted);
  return {
    action: asked.action,
    transactions: calls.map(({ address, ...call }) => ({
      call: call.functionName,
      chainId: deployment.chainId,
      from: wallet.toLowerCase(),
      to: address,
      data: encodeFunctionData(call),
    })),
  };
}

function actionOf({ action, amount: value }: Asked): PoolAction {
  const units = value === undefined ? undefined : parseMoney(COVER_CURRENCY, value).units;
  if (action === 'request') return { action, units };
  if (action !== 'deposit') return { action };
  if (units === undefined) throw problem('underwriting_refused', 'A deposit needs `amount`, such as 100.00.');
  return { action, units };
}

async function refuse({ chain, deployment }: Parts, wallet: Address, asked: PoolAction): Promise<void> {
  if (asked.action === 'deposit') {
    const asset = deployment.stablecoins[COVER_CURRENCY].address;
    const pool = { address: deployment.coverPool, abi: coverPoolAbi } as const;
    const [balance, most] = await Promise.all([
      chain.readContract({
        address: asset,
        abi: stablecoinAbi,
        functionName: 'balanceOf',
        args: [wallet],
      }),
      chain.readContract({ ...pool, functionName: 'maxDeposit', args: [wallet] }),
    ]);
    if (most < asked.units)
      throw problem('underwriting_refused', `The pool takes ${coverAmount(most).value} at the moment.`);
    if (balance < asked.units)
      throw problem('underwriting_refused', `The wallet has ${coverAmount(balance).value}.`);
    return;
  }
  const { freeShares, request, takeableShares } = await readUnderwriting(chain, deployment.coverPool, wallet);
  if (asked.action === 'request' && freeShares === 0n)
    throw problem('underwriting_refused', 'The wallet has no shares that are not asked back already.');
  if (asked.action === 'keep' && !request)
    throw problem('underwriting_refused', 'The wallet has asked for nothing back.');
  if (asked.action === 'take' && takeableShares === 0n)
    throw problem(
      'underwriting_refused',
      request
        ? `What was asked for is ${request.state}, from ${timeText(request.claimableAt)} to ${timeText(request.lapsesAt)}, and nothing of it is free now.`
        : 'The wallet has asked for nothing back.',
    );
}
