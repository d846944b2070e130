import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { type PoolAction, poolCalls } from '../../../../services/core/insurance/underwriting.ts';
import { useAppConfig } from '../../lib/appConfig.ts';
import { useChainClient } from '../../lib/balances.ts';
import { useCoverCoin } from '../../lib/coverCoin.ts';
import { useSender } from '../../lib/sender.ts';

/** Does what the underwriter asks for, one transaction after the other: each is in a block before the next. */
export function usePoolAction() {
  const chain = useChainClient();
  const openWallet = useSender();
  const { deployment } = useAppConfig();
  const coin = useCoverCoin();
  const queryClient = useQueryClient();
  const [step, setStep] = useState<{ number: number; of: number }>();
  const action = useMutation({
    mutationFn: async (asked: PoolAction) => {
      const wallet = await openWallet();
      const contracts = { pool: deployment.coverPool, asset: coin.address };
      const calls = await poolCalls(chain, contracts, wallet.address, asked);
      for (const [index, call] of calls.entries()) {
        setStep({ number: index + 1, of: calls.length });
        await wallet.send(call);
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
