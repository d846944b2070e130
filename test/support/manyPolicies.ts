/** Many policies on one risk, bought from the contract itself: what keepers pay need not have been sold by a service. */
import { encodeFunctionData, type Hex } from 'viem';
import { localAccounts } from '../../scripts/deploy/local.ts';
import { parametricCoverAbi } from '../../services/core/abi/parametricCover.ts';
import { stablecoinAbi } from '../../services/core/abi/stablecoin.ts';
import { toBytes32 } from '../../services/core/oracleReport.ts';
import type { TestChain } from './chain.ts';
import type { ObservedWindow } from './observation.ts';

const COIN = 1_000_000n;
/** Of one transaction of the buyer, within the gas that one may take. */
const SALES = 50;
const FLIGHT_DELAY = 1n;
const BUYER = 12;

/**
 * A coin's cover of the flight for each holder. `mine` puts what was sent into a block; without it the chain mines each transaction
 * at once.
 */
export async function sellPolicies(
  chain: TestChain,
  flight: ObservedWindow,
  holders: readonly Hex[],
  mine: () => Promise<void> = async () => undefined,
): Promise<void> {
  const { coverPool, parametricCover: cover, stablecoins } = chain.deployment;
  const coin = stablecoins.USD.address;
  const [windowStart, windowEnd] = [flight.windowStart, flight.windowEnd].map((time) =>
    BigInt(Date.parse(time) / 1_000),
  ) as [bigint, bigint];
  const subject = toBytes32(flight.subject) as Hex;
  const money = 2n * BigInt(holders.length) * COIN;
  const send = async (index: number, to: Hex, data: Hex, gas = 500_000n) => {
    const hash = await chain.wallet(index).sendTransaction({ to, data, gas } as never);
    await mine();
    const { status } = await chain.client.getTransactionReceipt({ hash });
    if (status !== 'success') throw new Error(`The transaction ${hash} was reverted.`);
  };
  const ofCoin = (functionName: 'transfer' | 'approve', to: Hex) =>
    encodeFunctionData({ abi: stablecoinAbi, functionName, args: [to, money] });
  const abi = parametricCoverAbi;
  await send(localAccounts.treasury, coin, ofCoin('transfer', chain.accounts[BUYER] as Hex));
  await send(BUYER, coin, ofCoin('approve', coverPool));
  const risk = [FLIGHT_DELAY, subject, windowStart, windowEnd] as const;
  await send(
    localAccounts.operator,
    cover,
    encodeFunctionData({ abi, functionName: 'openRisk', args: risk }),
  );
  for (let at = 0; at < holders.length; at += SALES) {
    const sales = holders.slice(at, at + SALES).map((holder) => {
      const bought = { productId: FLIGHT_DELAY, subject, windowStart, windowEnd, insured: COIN };
      const order = { ...bought, maxPremium: COIN, holder, transferable: false };
      return encodeFunctionData({ abi, functionName: 'issue', args: [order] });
    });
    const all = encodeFunctionData({ abi, functionName: 'multicall', args: [sales] });
    await send(BUYER, cover, all, 15_000_000n);
  }
}
