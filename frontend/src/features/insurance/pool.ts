import { useQuery } from '@tanstack/react-query';
import type { Address, PublicClient } from 'viem';
import { coverPoolAbi } from '../../../../services/core/abi/coverPool.ts';
import { readUnderwriting } from '../../../../services/core/insurance/underwriting.ts';
import { useAppConfig } from '../../lib/appConfig.ts';
import { useChainClient } from '../../lib/balances.ts';
import { askSandboxJson } from '../../lib/sandbox.ts';

const REFRESH_MS = 2_500;

export interface PoolFigures {
  totalAssets: bigint;
  lockedCapital: bigint;
  capacity: bigint;
  unearnedPremiums: bigint;
  payoutReserve: bigint;
  cooldownSeconds: bigint;
  claimWindowSeconds: bigint;
  isPaused: boolean;
}

/** By product, as the settlement API shows it. Amounts are decimal strings. */
export interface Exposure {
  product: string;
  openRisks: number;
  openPolicies: number;
  insured: { currency: string; value: string };
  premiums: { currency: string; value: string };
  payouts: { currency: string; value: string };
  lossRatioPercent: string | null;
}

/** The pool's money, asked of the chain itself. */
export function usePool() {
  const chain = useChainClient();
  const { coverPool } = useAppConfig().deployment;
  return useQuery({
    queryKey: ['pool'],
    queryFn: () => readPool(chain, coverPool),
    refetchInterval: REFRESH_MS,
  });
}

/** What an underwriter has in it. */
export function useUnderwriting(owner: Address) {
  const chain = useChainClient();
  const { coverPool } = useAppConfig().deployment;
  return useQuery({
    queryKey: ['underwriting', owner],
    queryFn: () => readUnderwriting(chain, coverPool, owner),
    refetchInterval: REFRESH_MS,
  });
}

/** What the pool has at risk; only where there is a sandbox, as the settlement API answers partners. */
export function useExposures() {
  const { sandboxUrl } = useAppConfig();
  return useQuery({
    queryKey: ['exposures'],
    queryFn: () => askSandboxJson<{ products: Exposure[] }>(sandboxUrl as string, '/partner/insurance/pool'),
    enabled: sandboxUrl !== null,
    refetchInterval: 2 * REFRESH_MS,
  });
}

async function readPool(chain: PublicClient, address: Address): Promise<PoolFigures> {
  const pool = { address, abi: coverPoolAbi } as const;
  const [
    totalAssets,
    lockedCapital,
    capacity,
    unearnedPremiums,
    payoutReserve,
    cooldownSeconds,
    claimWindowSeconds,
    isPaused,
  ] = await Promise.all([
    chain.readContract({ ...pool, functionName: 'totalAssets' }),
    chain.readContract({ ...pool, functionName: 'lockedCapital' }),
    chain.readContract({ ...pool, functionName: 'capacity' }),
    chain.readContract({ ...pool, functionName: 'unearnedPremiums' }),
    chain.readContract({ ...pool, functionName: 'payoutReserve' }),
    chain.readContract({ ...pool, functionName: 'cooldownSeconds' }),
    chain.readContract({ ...pool, functionName: 'claimWindowSeconds' }),
    chain.readContract({ ...pool, functionName: 'paused' }),
  ]);
  return {
    ...{ totalAssets, lockedCapital, capacity, unearnedPremiums, payoutReserve },
    ...{ cooldownSeconds, claimWindowSeconds, isPaused },
  };
}
