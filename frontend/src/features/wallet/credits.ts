import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { Address, PublicClient } from 'viem';
import { escrowAbi } from '../../../../services/core/abi/escrow.ts';
import { useAppConfig } from '../../lib/appConfig.ts';
import { useChainClient } from '../../lib/balances.ts';
import { useSender } from '../../lib/sender.ts';
import { type Stablecoin, useStablecoins } from '../../lib/stablecoins.ts';

/** What a contract could not pay an account, and keeps for it (contracts/lib/ICredits.sol). */
export interface Credit {
  from: 'escrow' | 'coverPool';
  contract: Address;
  coin: Stablecoin;
  units: bigint;
}

const REFRESH_MS = 2_500;

/** Both contracts have these functions. */
const abi = escrowAbi;

/** All that waits for the account, in every coin. */
export function useCredits(owner: Address | undefined) {
  const chain = useChainClient();
  const { deployment } = useAppConfig();
  const coins = useStablecoins();
  return useQuery({
    queryKey: ['credits', owner],
    queryFn: async () => {
      const places = (['escrow', 'coverPool'] as const).flatMap((from) =>
        coins.map((coin) => ({ from, contract: deployment[from], coin })),
      );
      const credits = await Promise.all(places.map((place) => readCredit(chain, place, owner as Address)));
      return credits.filter(({ units }) => units > 0n);
    },
    enabled: owner !== undefined,
    refetchInterval: REFRESH_MS,
  });
}

async function readCredit(
  chain: PublicClient,
  place: Omit<Credit, 'units'>,
  owner: Address,
): Promise<Credit> {
  const args = [owner, place.coin.address] as const;
  const units = await chain.readContract({ abi, address: place.contract, functionName: 'creditOf', args });
  return { ...place, units };
}

/** Has the wallet fetch a credit of its own. */
export function useWithdrawal() {
  const openWallet = useSender();
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: async ({ contract, coin }: Credit) => {
      const { address, send } = await openWallet();
      const args = [coin.address, address];
      await send({ abi, address: contract, functionName: 'withdrawCredit', args });
    },
    onSettled: () => queryClient.invalidateQueries(),
  });
}
