/** What the contracts say: each settled payment moved its money once, nothing else moved any, no sequence was used twice. */
import { type Address, getAddress, type Log, parseEventLogs } from 'viem';
import { paymentRouterAbi } from '../../services/core/abi/paymentRouter.ts';
import { stablecoinAbi } from '../../services/core/abi/stablecoin.ts';
import type { CorridorCurrency } from '../../services/core/currency.ts';
import { parseMoney } from '../../services/core/money.ts';
import type { Payment } from '../../services/settlement/domains/payments/schema.ts';
import { noncesOf, paidByWallets } from './authorized.ts';
import { payers } from './chain.ts';
import type { Known, Remains, Violation } from './invariants.ts';
import { amountOf, type Partner } from './partner.ts';

/** Everything that router and coins tell of the run. */
export function readLogs({ world: { chain }, startBlock }: Remains): Promise<Log[]> {
  return chain.client.getLogs({
    address: [chain.deployment.paymentRouter, chain.token('USD').address, chain.token('EUR').address],
    fromBlock: startBlock + 1n,
  });
}

export async function chainViolations(
  remains: Remains,
  known: readonly Known[],
  logs: Log[],
): Promise<Violation[]> {
  const { world, supply } = remains;
  const { chain } = world;
  const { paymentRouter: router } = chain.deployment;
  const payerOf = ({ index }: Partner) => chain.account(payers[index] as number);
  const wallets = [...known.flatMap(({ partner }) => [payerOf(partner), partner.wallet]), router].map(
    (wallet) => getAddress(wallet),
  );
  const moved = parseEventLogs({ abi: stablecoinAbi, logs, eventName: 'Transfer' })
    .filter(({ args }) => wallets.includes(getAddress(args.from)))
    .map(({ address, args }) => transferKey(address, args.from, args.to, args.value));

  const settled = known.flatMap(({ partner, payments }) => {
    const payer = payerOf(partner);
    return payments
      .filter(({ state }) => state === 'posted')
      .map((payment) => {
        const { amount, creditor } = payment;
        const { address } = chain.token(amount.currency as CorridorCurrency);
        const to = creditor.account.identification as Address;
        return transferKey(address, payer, to, parseMoney(amount.currency, amount.value).units);
      });
  });
  // What a wallet signed goes through the router.
  const nonces = noncesOf(logs);
  const authorized = known.flatMap(({ partner }) =>
    paidByWallets(partner, nonces).flatMap((planned) => {
      const { address } = chain.token(planned.currency);
      const { units } = parseMoney(planned.currency, amountOf(planned));
      return [
        transferKey(address, partner.wallet, router, units),
        transferKey(address, router, partner.walletOf(planned), units),
      ];
    }),
  );
  settled.push(...authorized);
  const violations: Violation[] = [
    ...surplus(moved, settled).map(
      (key): Violation => ({ kind: 'duplicated', what: `Moved without a payment: ${key}` }),
    ),
    ...surplus(settled, moved).map(
      (key): Violation => ({ kind: 'lost', what: `Settled, and did not move: ${key}` }),
    ),
  ];

  const sequences = parseEventLogs({ abi: paymentRouterAbi, logs, eventName: 'BatchSettled' }).flatMap(
    ({ args: { payer, firstSequence, count } }) =>
      Array.from({ length: Number(count) }, (_, place) => `${payer} ${firstSequence + BigInt(place)}`),
  );
  for (const twice of surplus(sequences, [...new Set(sequences)]))
    violations.push({ kind: 'duplicated', what: `The sequence was settled twice: ${twice}` });
  violations.push(...(await unusedSequences(remains, known)));

  for (const [currency, after] of Object.entries(await chain.supply()))
    if (after !== supply[currency])
      violations.push({
        kind: 'unbalanced',
        what: `Supply of ${currency}: was ${supply[currency]}, is ${after}`,
      });
  return violations;
}

/** A payment that has its sequence and ended on the chain has used that sequence. */
async function unusedSequences({ world: { chain } }: Remains, known: readonly Known[]): Promise<Violation[]> {
  const ended = ({ state, sequence }: Payment) =>
    (state === 'posted' || state === 'returned') && sequence !== undefined;
  const looked = known.flatMap(({ partner, payments }) =>
    payments.filter(ended).map(async ({ id, sequence }): Promise<Violation[]> => {
      const payer = chain.account(payers[partner.index] as number);
      const isUsed = await chain.client.readContract({
        address: chain.deployment.paymentRouter,
        abi: paymentRouterAbi,
        functionName: 'isSequenceUsed',
        args: [payer, BigInt(sequence ?? 0)],
      });
      return isUsed ? [] : [{ kind: 'lost', what: `${id} ended, its sequence ${sequence} is unused` }];
    }),
  );
  return (await Promise.all(looked)).flat();
}

function transferKey(token: string, from: string, to: string, units: bigint): string {
  return `${units} of ${token} from ${from} to ${to}`.toLowerCase();
}

/** What stands in `some` more often than in `others`. */
function surplus(some: readonly string[], others: readonly string[]): string[] {
  const left = new Map<string, number>();
  for (const key of others) left.set(key, (left.get(key) ?? 0) + 1);
  return some.filter((key) => {
    const count = left.get(key) ?? 0;
    left.set(key, count - 1);
    return count <= 0;
  });
}
