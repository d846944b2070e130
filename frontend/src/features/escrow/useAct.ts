import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import type { Account, Chain, Hash, Transport, WalletClient } from 'viem';
import { useConfig } from 'wagmi';
import { getWalletClient } from 'wagmi/actions';
import { useAppConfig } from '../../lib/appConfig.ts';
import { useChainClient } from '../../lib/balances.ts';
import { ProblemError } from '../../lib/sandbox.ts';
import { type Order, type Split, sendVerb, signAuthorization, signSplit, type Way } from './carryOut.ts';
import { type Escrow, handIn, type SignedAction } from './escrowApi.ts';
import type { Contract } from './escrowTerms.ts';
import type { Party } from './escrowVerbs.ts';

type Asked = Order | { verb: 'authorize'; way: Way } | { verb: 'release'; party: Party; split: Split };

/** Has the wallet sign or send one thing at a time, and says what became of it. */
export function useAct(escrow: Escrow, contract: Contract) {
  const wagmiConfig = useConfig();
  const chain = useChainClient();
  const queryClient = useQueryClient();
  const { chainId, sandboxUrl } = useAppConfig();
  /** Signed for what was asked, and perhaps handed in. */
  const signed = useRef<{ asked: string; action: SignedAction }>(undefined);
  /** A transaction in a block, and the length of the timeline before it: it grows when the block is final. */
  const [sent, setSent] = useState<{ hash: Hash; events: number }>();
  const events = escrow.events?.length ?? 0;

  const mutation = useMutation({
    mutationFn: async (asked: Asked) => {
      const client = await getWalletClient(wagmiConfig, { chainId });
      const signer = { chain, wallet: client as WalletClient<Transport, Chain, Account>, contract };
      if (asked.verb !== 'authorize' && asked.verb !== 'release') {
        setSent({ hash: await sendVerb(escrow, asked, signer), events });
        return;
      }
      const words = JSON.stringify(asked);
      if (signed.current?.asked !== words) {
        const action =
          asked.verb === 'authorize'
            ? await signAuthorization(escrow, asked.way, signer)
            : await signSplit(escrow, asked.party, asked.split, signer);
        signed.current = { asked: words, action };
      }
      try {
        await handIn(sandboxUrl as string, signed.current.action);
      } catch (error) {
        if (error instanceof ProblemError && error.status < 500) signed.current = undefined; // nothing was taken
        throw error;
      }
      signed.current = undefined;
    },
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ['escrow', escrow.id] }),
  });
  const isWaiting = sent !== undefined && events <= sent.events;
  return {
    start: (asked: Asked) => mutation.mutate(asked),
    now: mutation.isPending ? mutation.variables : undefined,
    isPending: mutation.isPending,
    isWaiting,
    sent: isWaiting ? sent.hash : undefined,
    isOpen: mutation.isError && signed.current !== undefined,
    error: mutation.error,
  };
}
