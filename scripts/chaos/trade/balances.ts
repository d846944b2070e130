/** Whose money is where in a world of trade, as the contracts say it at one block. */
import type { Address } from 'viem';
import { coverPoolAbi } from '../../../services/core/abi/coverPool.ts';
import { escrowAbi } from '../../../services/core/abi/escrow.ts';
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
  /** What the wallets behind the partners' accounts own. */
  payers: ByCurrency[];
  /** What the escrow contract holds. */
  escrows: ByCurrency;
  /** What those own that put money into escrows by their signature. */
  wallets: ByCurrency[];
}

type ByCurrency = Record<(typeof tradeCurrencies)[number], bigint>;

/** What escrows are in. */
export const tradeCurrencies = ['USD', 'EUR'] as const satisfies readonly CorridorCurrency[];

/** What a wallet owns of a currency: in coins, and as credits of the contracts that could not pay it. */
export async function ownedBy(
  { chain }: World,
  wallet: Address,
  currency: CorridorCurrency,
  blockNumber?: bigint,
): Promise<bigint> {
  const token = chain.token(currency);
  const at = { ...(blockNumber !== undefined && { blockNumber }) };
  const { escrow, coverPool } = chain.deployment;
  const creditOf = { functionName: 'creditOf', args: [wallet, token.address], ...at } as const;
  const amounts = await Promise.all([
    chain.client.readContract({ ...token, functionName: 'balanceOf', args: [wallet], ...at }),
    chain.client.readContract({ address: escrow, abi: escrowAbi, ...creditOf }),
    chain.client.readContract({ address: coverPool, abi: coverPoolAbi, ...creditOf }),
  ]);
  return amounts.reduce((sum, amount) => sum + amount, 0n);
}

export async function readBalances(world: World): Promise<TradeBalances> {
  const { chain } = world;
  const { coverPool, escrow } = chain.deployment;
  const blockNumber = await chain.head();
  const holds = (contract: Address, currency: CorridorCurrency) =>
    chain.client.readContract({
      ...chain.token(currency),
      functionName: 'balanceOf',
      args: [contract],
      blockNumber,
    });
  const ofEach = async (read: (currency: CorridorCurrency) => Promise<bigint>) => ({
    USD: await read('USD'),
    EUR: await read('EUR'),
  });
  const ownedOfEach = (wallet: Address) =>
    ofEach((currency) => ownedBy(world, wallet, currency, blockNumber));
  const pool = { address: coverPool, abi: coverPoolAbi, blockNumber } as const;
  const read = (functionName: Exclude<keyof TradeBalances['pool'], 'balance'>) =>
    chain.client.readContract({ ...pool, functionName });
  return {
    pool: {
      balance: await holds(coverPool, 'USD'),
      totalAssets: await read('totalAssets'),
      lockedCapital: await read('lockedCapital'),
      unearnedPremiums: await read('unearnedPremiums'),
      payoutReserve: await read('payoutReserve'),
      totalCredits: await read('totalCredits'),
    },
    payers: await Promise.all(payers.map((index) => ownedOfEach(chain.account(index)))),
    escrows: await ofEach((currency) => holds(escrow, currency)),
    wallets: await Promise.all(walletAccounts.map(({ address }) => ownedOfEach(address))),
  };
}
