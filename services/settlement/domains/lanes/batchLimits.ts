/** What the lanes tell the batcher: how large a batch may be, and how much may be settled for an account. */
import type { Logger } from '../../../platform/log.ts';
import type { BatchLimits } from '../payments/batcher.ts';
import { type BatchSize, readBatchSizes } from './batchSize.ts';
import type { LaneParts } from './parts.ts';
import { readRooms } from './rooms.ts';

export interface BatchLimitsParts
  extends Pick<LaneParts, 'database' | 'chain' | 'chainId' | 'router' | 'batchGasPercent'> {
  log: Logger;
  /** Payments in a batch that are configured. */
  batchSize: number;
  /** Told of the size whenever it is read; for metrics. */
  onTarget?: (token: string, payments: number) => void;
}

export function createBatchLimits(parts: BatchLimitsParts): BatchLimits {
  const { database, chainId, batchSize, batchGasPercent, log, onTarget } = parts;
  const known = new Map<string, BatchSize['limitedBy']>();
  return {
    async readSizes() {
      const sizes = await readBatchSizes(database, chainId, batchSize, batchGasPercent);
      for (const [token, { payments, limitedBy }] of sizes) {
        onTarget?.(token, payments);
        const before = known.get(token) ?? 'configuration';
        if (before !== limitedBy) log.info({ token, payments, limitedBy }, 'the size of batches');
        known.set(token, limitedBy);
      }
      return new Map([...sizes].map(([token, { payments }]) => [token, payments]));
    },
    readRooms: (accountIds) => readRooms(parts, accountIds),
  };
}
