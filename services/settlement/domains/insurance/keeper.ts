/**
 * The keeper: sends what was ordered, settles what is known, pays what is owed. Everything that it does goes by calls of the lanes,
 * which the contract takes once; so any number of keepers may run, and any of them may die at any moment.
 */
import type { Address, PublicClient } from 'viem';
import type { Database } from '../../../platform/database.ts';
import type { insertCall } from '../lanes/calls.ts';
import { sendOrders } from './issuing.ts';
import { payPolicies } from './paying.ts';
import { settleRisks } from './settling.ts';
import { closeRisks, watchRisks } from './watching.ts';

export interface KeeperParts {
  database: Database;
  chain: PublicClient;
  chainId: number;
  cover: Address;
  oracleHub: Address;
  insertCall: typeof insertCall;
  /** Above this price of a block's gas the cheapest payments come first; without it in their order. */
  dearGasWei?: bigint | undefined;
}

/** One round. @returns true when there may be more to do at once */
export async function keep(parts: KeeperParts): Promise<boolean> {
  const isMoreOrdered = await sendOrders(parts);
  await watchRisks(parts);
  const isMoreSettled = await settleRisks(parts);
  await payPolicies(parts);
  await closeRisks(parts);
  return isMoreOrdered || isMoreSettled;
}
