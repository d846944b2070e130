/** When a price is reported. */

/** What a feed has on chain, and when it is renewed. */
export interface Standing {
  units: bigint;
  /** Unix seconds; 0 when it has no value. */
  observedAt: number;
  /** Of the last report that was taken in, held ones included. */
  round: number;
  isHeld: boolean;
  heartbeatSeconds: number;
  deviationBps: number;
}

export type DueReason = 'no_value' | 'held' | 'heartbeat' | 'deviation';

/**
 * Why a value is to be reported in a round; undefined when it need not be. What is held waits for the next round to confirm it;
 * deviation is compared exactly, and any change from 0 is one.
 */
export function dueReason(units: bigint, round: number, standing: Standing): DueReason | undefined {
  if (standing.isHeld) return 'held';
  if (standing.observedAt === 0) return 'no_value';
  if (round - standing.observedAt >= standing.heartbeatSeconds) return 'heartbeat';
  const distance = absolute(units - standing.units) * 10_000n;
  const isFar = distance > 0n && distance >= absolute(standing.units) * BigInt(standing.deviationBps);
  return isFar ? 'deviation' : undefined;
}

const absolute = (units: bigint) => (units < 0n ? -units : units);
