import { useQuery } from '@tanstack/react-query';
import type { Address, PublicClient } from 'viem';
import { paymentRouterAbi } from '../../../../services/core/abi/paymentRouter.ts';
import { stablecoinAbi } from '../../../../services/core/abi/stablecoin.ts';
import { useAccount } from '../../lib/account.ts';
import { useAppConfig } from '../../lib/appConfig.ts';
import { useChainClient } from '../../lib/balances.ts';
import { type Trouble, troubleOf } from '../../lib/trouble.ts';
import type { PaymentOrder } from './sendPayment.ts';

/** What a permit and the router cost on top of the bare transfer, in gas; measured, rounded up. */
const ROUTER_GAS = 50_000n;

export interface PaymentPreview {
  feeWei: bigint;
  /** Why the payment would fail on the present state; undefined when it would go through. */
  trouble: Trouble | undefined;
}

/** Tries the payment out by `eth_call` and estimates its fee, again and again while the person reads. */
export function usePaymentPreview(order: PaymentOrder) {
  const chain = useChainClient();
  const account = useAccount();
  const { deployment } = useAppConfig();
  return useQuery({
    queryKey: [
      'preview',
      account?.address,
      order.coin.address,
      order.recipient,
      String(order.units),
      order.isSponsored,
    ],
    queryFn: () => preview(chain, deployment.paymentRouter, account?.address as Address, order),
    enabled: account !== undefined,
    refetchInterval: 4_000,
  });
}

async function preview(
  chain: PublicClient,
  router: Address,
  payer: Address,
  { coin, recipient, units, isSponsored }: PaymentOrder,
): Promise<PaymentPreview> {
  // Before the permit is signed, the token's own transfer shows the same obstacles as the router's.
  const transfer = {
    abi: stablecoinAbi,
    address: coin.address,
    functionName: 'transfer',
    args: [recipient, units],
    account: payer,
  } as const;
  const [gasPrice, etherWei, paused, obstacle] = await Promise.all([
    chain.getGasPrice(),
    chain.getBalance({ address: payer }),
    chain.readContract({ abi: paymentRouterAbi, address: router, functionName: 'paused' }),
    chain.simulateContract(transfer).then(() => undefined, troubleOf),
  ]);
  if (obstacle?.kind === 'nodeUnreachable') throw new Error('The node stopped answering');
  const transferGas = obstacle ? 60_000n : await chain.estimateContractGas(transfer).catch(() => 60_000n);
  const feeWei = (transferGas + ROUTER_GAS) * gasPrice;
  const trouble: Trouble | undefined =
    obstacle ??
    (paused ? { kind: 'paused' } : !isSponsored && etherWei < feeWei ? { kind: 'noGas' } : undefined);
  return { feeWei, trouble };
}
