/** What the router and a token say of payments in a transaction's receipt. */
import { type Hex, type Log, parseEventLogs } from 'viem';
import { paymentRouterAbi } from '../abi/paymentRouter.ts';
import { stablecoinAbi } from '../abi/stablecoin.ts';
import type { ReceiptLog } from './receipt.ts';
import type { DecodedEvent } from './settledBatch.ts';

export interface ReceiptEvent extends DecodedEvent {
  /** Among the receipt's logs, from 0. */
  logIndex: number;
}

/** The router's batches and returns and the token's transfers, in order; other logs are left out. */
export function eventsOfReceipt(
  logs: readonly ReceiptLog[],
  { router, token }: { router: Hex; token: Hex },
): ReceiptEvent[] {
  const places = logs.map((log, logIndex) => ({ ...log, logIndex }));
  const by = (contract: Hex) => places.filter(({ address }) => address === contract) as unknown as Log[];
  const events = [
    ...parseEventLogs({
      abi: paymentRouterAbi,
      eventName: ['BatchSettled', 'PaymentReturned'],
      logs: by(router),
    }),
    ...parseEventLogs({ abi: stablecoinAbi, eventName: 'Transfer', logs: by(token) }),
  ];
  return events
    .map(({ address, eventName, args, logIndex }) => ({
      contract: address,
      name: eventName,
      arguments: Object.fromEntries(
        Object.entries(args).map(([name, value]: [string, bigint | string]) => [
          name,
          typeof value === 'string' ? value.toLowerCase() : value,
        ]),
      ),
      logIndex: Number(logIndex),
    }))
    .sort((a, b) => a.logIndex - b.logIndex);
}
