import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import {
  type Account,
  type Address,
  BaseError,
  type Chain,
  type PublicClient,
  type Transport,
  type WalletClient,
} from 'viem';
import { useConfig } from 'wagmi';
import { getWalletClient } from 'wagmi/actions';
import { escrowAbi } from '../../../../services/core/abi/escrow.ts';
import { stablecoinAbi } from '../../../../services/core/abi/stablecoin.ts';
import { useAppConfig } from '../../lib/appConfig.ts';
import { useChainClient } from '../../lib/balances.ts';
import { type Stablecoin, useStablecoins } from '../../lib/stablecoins.ts';

/** What a contract could not pay an account, and keeps for it (contracts/lib/ICredits.sol). */
export interface Credit {
  from: 'escrow' | 'coverPool';
  contract: Address;
  coin: Stablecoin;
  units: bigint;
}

const REFRESH_MS = 2_500;

/** Both contracts have these functions; the token's errors come through them. */
const abi = [...escrowAbi, ...stablecoinAbi.filter((item) => item.type === 'error')] as const;

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

/** Has the wallet fetch a credit of its own, after that was tried out on the chain's present state. */
export function useWithdrawal() {
  const chain = useChainClient();
  const wagmiConfig = useConfig();
  const { chainId } = useAppConfig();
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: async ({ contract, coin }: Credit) => {
      const wallet = (await getWalletClient(wagmiConfig, { chainId })) as WalletClient<
        Transport,
        Chain,
        Account
      >;
      const { account } = wallet;
      const args = [coin.address, account.address] as const;
      const call = { abi, address: contract, functionName: 'withdrawCredit', args, account } as const;
      const { request } = await chain.simulateContract(call);
      const hash = await wallet.writeContract({ ...request, chain: wallet.chain } as never);
      const { status } = await chain.waitForTransactionReceipt({ hash });
      if (status !== 'success') throw new BaseError(`The transaction ${hash} was reverted.`);
    },
    onSettled: () => queryClient.invalidateQueries(),
  });
}
