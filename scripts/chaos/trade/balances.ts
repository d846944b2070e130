/** Whose money is where in a world of trade, as the contracts say it at one block. */
import type { Address } from 'viem';
import { coverPoolAbi } from '../../../services/core/abi/coverPool.ts';
import type { CorridorCurrency } from '../../../services/core/currency.ts';
import { payers, walletAccounts } from '../chain.ts';
import type { World } from '../world.ts';

export interface TradeBalances {
  pool: {
    balance: bigint;
    totalAssets: bigint;
    lockedCapital: bigint;
    unearnedPremiums: bigint;
    payoutReserve: bigint;
    totalCredits: bigint;
  };
  /** Of the partners' payers, in the currency of the cover. */
  payers: bigint[];
  /** What the escrow contract holds, and the wallets that put money into it. */
  escrows: ByCurrency;
  wallets: ByCurrency[];
}

type ByCurrency = Record<(typeof tradeCurrencies)[number], bigint>;

/** What escrows are in. */
export const tradeCurrencies = ['USD', 'EUR'] as const satisfies readonly CorridorCurrency[];

export async function readBalances({ chain }: World): Promise<TradeBalances> {
  const { coverPool } = chain.deployment;
  const blockNumber = await chain.head();
  const holds = (wallet: Address, currency: CorridorCurrency = 'USD') =>
    chain.client.readContract({
      ...chain.token(currency),
      functionName: 'balanceOf',
      args: [wallet],
      blockNumber,
    });
  const holdsOfEach = async (wallet: Address) => ({
    USD: await holds(wallet),
    EUR: await holds(wallet, 'EUR'),
  });
  const pool = { address: coverPool, abi: coverPoolAbi, blockNumber } as const;
  const read = (functionName: Exclude<keyof TradeBalances['pool'], 'balance'>) =>
    chain.client.readContract({ ...pool, functionName });
  return {
    pool: {
      balance: await holds(coverPool),
      totalAssets: await read('totalAssets'),
      lockedCapital: await read('lockedCapital'),
      unearnedPremiums: await read('unearnedPremiums'),
      payoutReserve: await read('payoutReserve'),
      totalCredits: await read('totalCredits'),
    },
    payers: await Promise.all(payers.map((index) => holds(chain.account(index)))),
    escrows: await holdsOfEach(chain.deployment.escrow),
    wallets: await Promise.all(walletAccounts.map(({ address }) => holdsOfEach(address))),
  };
}
