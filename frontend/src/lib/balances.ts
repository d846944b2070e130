import { useQuery } from '@tanstack/react-query';
import type { Address, PublicClient } from 'viem';
import { usePublicClient } from 'wagmi';
import { stablecoinAbi } from '../../../services/core/abi/stablecoin.ts';
import { type Stablecoin, useStablecoins } from './stablecoins.ts';

export interface CoinBalance {
  coin: Stablecoin;
  units: bigint;
  frozen: boolean;
}

export interface Balances {
  coins: CoinBalance[];
  etherWei: bigint;
}

/** What an account holds, asked of the chain every two seconds. */
export function useBalances(owner: Address | undefined) {
  const client = useChainClient();
  const coins = useStablecoins();
  return useQuery({
    queryKey: ['balances', owner],
    queryFn: () => readBalances(client, coins, owner as Address),
    enabled: owner !== undefined,
    refetchInterval: 2_000,
  });
}

/** The node of this installation, whatever the wallet is connected to. */
export function useChainClient(): PublicClient {
  return usePublicClient() as PublicClient;
}

async function readBalances(client: PublicClient, coins: Stablecoin[], owner: Address): Promise<Balances> {
  const [etherWei, ...held] = await Promise.all([
    client.getBalance({ address: owner }),
    ...coins.map(async (coin) => {
      const contract = { abi: stablecoinAbi, address: coin.address } as const;
      const [units, frozen] = await Promise.all([
        client.readContract({ ...contract, functionName: 'balanceOf', args: [owner] }),
        client.readContract({ ...contract, functionName: 'isFrozen', args: [owner] }),
      ]);
      return { coin, units, frozen };
    }),
  ]);
  return { etherWei, coins: held };
}
