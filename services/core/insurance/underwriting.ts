/** What an underwriter has in the pool, and the calls by which its wallet puts money in and takes it out. */
import type { Abi, Address, PublicClient } from 'viem';
import { coverPoolAbi } from '../abi/coverPool.ts';
import { stablecoinAbi } from '../abi/stablecoin.ts';

/** A price may move so much against the underwriter between the look and the block: 0.5 %. */
const SLIPPAGE_BPS = 50n;
const BPS = 10_000n;

export interface Underwriting {
  /** Of the latest block, Unix seconds. */
  timestamp: bigint;
  blockNumber: bigint;
  shares: bigint;
  /** What the shares are worth, in token units: their part of all capital. */
  worth: bigint;
  /** What they would bring if all could be taken out now: as if every risk that has begun paid its most. */
  exitWorth: bigint;
  /** Shares that are not asked back. */
  freeShares: bigint;
  request?: {
    shares: bigint;
    /** At the exit price. */
    worth: bigint;
    claimableAt: bigint;
    lapsesAt: bigint;
    state: 'waiting' | 'claimable' | 'lapsed';
  };
  /** What `take` brings now, in shares and in token units: as far as the capital is not locked. */
  takeableShares: bigint;
  takeable: bigint;
}

/** As the pool has it at the latest block. */
export async function readUnderwriting(
  chain: PublicClient,
  pool: Address,
  owner: Address,
): Promise<Underwriting> {
  const { number: blockNumber, timestamp } = await chain.getBlock();
  const at = { address: pool, abi: coverPoolAbi, blockNumber } as const;
  const [shares, [requested, claimableAt, lapsesAt], takeableShares] = await Promise.all([
    chain.readContract({ ...at, functionName: 'balanceOf', args: [owner] }),
    chain.readContract({ ...at, functionName: 'redeemRequestOf', args: [owner] }),
    chain.readContract({ ...at, functionName: 'maxRedeem', args: [owner] }),
  ]);
  const exitOf = (some: bigint) => chain.readContract({ ...at, functionName: 'previewRedeem', args: [some] });
  const [worth, exitWorth, requestWorth, takeable] = await Promise.all([
    chain.readContract({ ...at, functionName: 'convertToAssets', args: [shares] }),
    exitOf(shares),
    exitOf(requested),
    exitOf(takeableShares),
  ]);
  const state = timestamp < claimableAt ? 'waiting' : timestamp < lapsesAt ? 'claimable' : 'lapsed';
  return {
    ...{ timestamp, blockNumber, shares, worth, exitWorth, takeableShares, takeable },
    freeShares: shares - requested,
    ...(requested > 0n && {
      request: { shares: requested, worth: requestWorth, claimableAt, lapsesAt, state },
    }),
  };
}

/** What an underwriter does. `units` are token units; undefined is all of it. */
export type PoolAction =
  | { action: 'deposit'; units: bigint }
  | { action: 'request'; units: bigint | undefined }
  | { action: 'take' }
  | { action: 'keep' };

/** A call as viem takes it. */
export interface PoolCall {
  address: Address;
  abi: Abi;
  functionName: string;
  args: readonly unknown[];
}

/**
 * What the owner's wallet sends for it, one after the other: each is in a block before the next is sent. Entry and exit have a
 * bound, so that no price that moved meanwhile takes more than 0.5 %.
 */
export async function poolCalls(
  chain: PublicClient,
  { pool, asset }: { pool: Address; asset: Address },
  owner: Address,
  asked: PoolAction,
): Promise<PoolCall[]> {
  const contract = { address: pool, abi: coverPoolAbi } as const;
  const call = (functionName: string, ...args: unknown[]): PoolCall => ({ ...contract, functionName, args });
  switch (asked.action) {
    case 'deposit': {
      const { units } = asked;
      const [approved, shares] = await Promise.all([
        chain.readContract({
          address: asset,
          abi: stablecoinAbi,
          functionName: 'allowance',
          args: [owner, pool],
        }),
        chain.readContract({ ...contract, functionName: 'previewDeposit', args: [units] }),
      ]);
      const approval = { address: asset, abi: stablecoinAbi, functionName: 'approve', args: [pool, units] };
      return [...(approved < units ? [approval] : []), call('deposit', units, owner, least(shares))];
    }
    case 'request': {
      const { freeShares } = await readUnderwriting(chain, pool, owner);
      if (asked.units === undefined) return [call('requestRedeem', freeShares)];
      const shares = await chain.readContract({
        ...contract,
        functionName: 'previewWithdraw',
        args: [asked.units],
      });
      return [call('requestRedeem', shares < freeShares ? shares : freeShares)];
    }
    case 'take': {
      const { takeableShares, takeable } = await readUnderwriting(chain, pool, owner);
      return [call('redeem', takeableShares, owner, owner, least(takeable))];
    }
    case 'keep':
      return [call('cancelRequest', owner)];
  }
}

function least(shown: bigint): bigint {
  return (shown * (BPS - SLIPPAGE_BPS)) / BPS;
}
