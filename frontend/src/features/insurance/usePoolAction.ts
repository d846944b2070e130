import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { type Abi, type Account, BaseError, type Chain, type Transport, type WalletClient } from 'viem';
import { useConfig } from 'wagmi';
import { getWalletClient } from 'wagmi/actions';
import { coverPoolAbi } from '../../../../services/core/abi/coverPool.ts';
import { stablecoinAbi } from '../../../../services/core/abi/stablecoin.ts';
import { type PoolAction, poolCalls } from '../../../../services/core/insurance/underwriting.ts';
import { useAppConfig } from '../../lib/appConfig.ts';
import { useChainClient } from '../../lib/balances.ts';
import { usePoolCoin } from './pool.ts';

/** The pool hands on the token's errors, so both ABIs are needed to read them. */
const errors = [...coverPoolAbi, ...stablecoinAbi].filter((item) => item.type === 'error');

/**
 * Does what the underwriter asks for: each transaction is tried out against the chain's state before the wallet is asked
 * for it, and is in a block before the next.
 */
export function usePoolAction() {
  const chain = useChainClient();
  const wagmiConfig = useConfig();
  const { chainId, deployment } = useAppConfig();
  const coin = usePoolCoin();
  const queryClient = useQueryClient();
  const [step, setStep] = useState<{ number: number; of: number }>();
  const action = useMutation({
    mutationFn: async (asked: PoolAction) => {
      const wallet = (await getWalletClient(wagmiConfig, { chainId })) as WalletClient<
        Transport,
        Chain,
        Account
      >;
      const contracts = { pool: deployment.coverPool, asset: coin.address };
      const calls = await poolCalls(chain, contracts, wallet.account.address, asked);
      for (const [index, call] of calls.entries()) {
        setStep({ number: index + 1, of: calls.length });
        const abi: Abi = [...call.abi, ...errors];
        const { request } = await chain.simulateContract({ ...call, abi, account: wallet.account });
        const hash = await wallet.writeContract({ ...request, chain: wallet.chain } as never);
        const { status } = await chain.waitForTransactionReceipt({ hash });
        if (status !== 'success') throw new BaseError(`The transaction ${hash} was reverted.`);
      }
      return asked.action;
    },
    onSettled: async () => {
      setStep(undefined);
      await queryClient.invalidateQueries();
    },
  });
  return { ...action, step };
}
