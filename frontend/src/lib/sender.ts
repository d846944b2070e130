import type { Abi, Account, Address, Chain, Transport, WalletClient } from 'viem';
import { useConfig } from 'wagmi';
import { getWalletClient } from 'wagmi/actions';
import { stablecoinAbi } from '../../../services/core/abi/stablecoin.ts';
import { useAppConfig } from './appConfig.ts';
import { useChainClient } from './balances.ts';
import { untilIncluded } from './included.ts';

/** A call as viem takes it. The ABI has the errors of all contracts on the way but the token's. */
export interface Call {
  address: Address;
  abi: Abi;
  functionName: string;
  args: readonly unknown[];
}

export interface Sender {
  address: Address;
  /** Resolves once the transaction is in a block. @throws what viem or the wallet throws, and `untilIncluded` */
  send(call: Call): Promise<void>;
}

/** The contracts hand on the token's errors. */
const tokenErrors = stablecoinAbi.filter((item) => item.type === 'error');

/** Opens the connected wallet. Each call is tried out on the chain's present state before the wallet is asked for it. */
export function useSender(): () => Promise<Sender> {
  const chain = useChainClient();
  const wagmiConfig = useConfig();
  const { chainId } = useAppConfig();
  return async () => {
    const wallet = (await getWalletClient(wagmiConfig, { chainId })) as WalletClient<
      Transport,
      Chain,
      Account
    >;
    const { account } = wallet;
    return {
      address: account.address,
      send: async (call) => {
        const abi: Abi = [...call.abi, ...tokenErrors];
        const { request } = await chain.simulateContract({ ...call, abi, account });
        const hash = await wallet.writeContract({ ...request, chain: wallet.chain } as never);
        await untilIncluded(chain, hash);
      },
    };
  };
}
