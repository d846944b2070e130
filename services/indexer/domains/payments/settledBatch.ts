/** Which payments the events of blocks tell of. */
import type { Hex } from 'viem';
import {
  paymentsOfTransaction,
  type SettledPayment,
  type UnprovenBatch as UnprovenBatchOf,
} from '../../../core/evm/settledBatch.ts';
import type { ContractEvent, WatchedContracts } from '../../contractEvents.ts';

/** A payment, and where its event is. */
export interface ChainPayment extends Omit<SettledPayment<ContractEvent>, 'event' | 'batch'> {
  blockNumber: bigint;
  logIndex: number;
  transactionHash: Hex;
}

export type UnprovenBatch = UnprovenBatchOf<ContractEvent>;

/** The payments that `events` (whole transactions, in order) tell of, by `paymentsOfTransaction`. */
export function paymentsOf(
  contracts: WatchedContracts,
  events: ContractEvent[],
): { payments: ChainPayment[]; unproven: UnprovenBatch[] } {
  const transactions = eventsByTransaction(events).map((ofOne) => paymentsOfTransaction(contracts, ofOne));
  return {
    payments: transactions.flatMap(({ payments }) => payments).map(placed),
    unproven: transactions.flatMap(({ unproven }) => unproven),
  };
}

function eventsByTransaction(events: readonly ContractEvent[]): ContractEvent[][] {
  const transactions: ContractEvent[][] = [];
  for (const event of events) {
    const latest = transactions.at(-1);
    if (latest?.[0]?.transactionHash === event.transactionHash) latest.push(event);
    else transactions.push([event]);
  }
  return transactions;
}

function placed({ event, batch: _, ...payment }: SettledPayment<ContractEvent>): ChainPayment {
  const { blockNumber, logIndex, transactionHash } = event;
  return { blockNumber, logIndex, transactionHash, ...payment };
}
