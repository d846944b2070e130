import { useQuery } from '@tanstack/react-query';
import {
  type Address,
  decodeFunctionData,
  getAddress,
  type Hash,
  isAddressEqual,
  type PublicClient,
  parseEventLogs,
  type Transaction,
  TransactionNotFoundError,
  type TransactionReceipt,
  TransactionReceiptNotFoundError,
} from 'viem';
import { paymentRouterAbi } from '../../../../services/core/abi/paymentRouter.ts';
import { stablecoinAbi } from '../../../../services/core/abi/stablecoin.ts';
import { useAppConfig } from '../../lib/appConfig.ts';
import { useChainClient } from '../../lib/balances.ts';
import { POLL_MS } from '../../lib/chain.ts';
import { type Stablecoin, useStablecoins } from '../../lib/stablecoins.ts';
import { decodeReference } from './paymentInput.ts';

export type PaymentStage = 'signed' | 'included' | 'final' | 'failed' | 'lost';

/** Money that a transaction moves. `units` counts the coin's smallest unit. */
export interface Movement {
  key: string;
  coin: Stablecoin;
  from: Address;
  to: Address;
  units: bigint;
  reference: string | undefined;
}

export interface PaymentStatus {
  stage: PaymentStage;
  /** Blocks on top of the payment's own, at most the finality depth. */
  confirmations: number;
  receipt?: TransactionReceipt;
  includedAt?: Date;
  movements: Movement[];
}

interface Deployed {
  router: Address;
  coins: Stablecoin[];
  finalityDepth: number;
}

/** Follows a transaction until it is final, from the chain alone: it works for any link, also after a reload. */
export function usePaymentStatus(hash: Hash) {
  const chain = useChainClient();
  const { deployment, finalityDepth } = useAppConfig();
  const coins = useStablecoins();
  const deployed = { router: deployment.paymentRouter, coins, finalityDepth };
  return useQuery({
    queryKey: ['payment', hash],
    queryFn: () => readStatus(chain, hash, deployed),
    refetchInterval: ({ state }) =>
      state.data?.stage === 'final' || state.data?.stage === 'failed' ? false : POLL_MS,
  });
}

async function readStatus(chain: PublicClient, hash: Hash, deployed: Deployed): Promise<PaymentStatus> {
  const [transaction, receipt, head] = await Promise.all([
    chain.getTransaction({ hash }).catch(missing(TransactionNotFoundError)),
    chain.getTransactionReceipt({ hash }).catch(missing(TransactionReceiptNotFoundError)),
    chain.getBlockNumber({ cacheTime: 0 }),
  ]);
  if (!transaction) return { stage: 'lost', confirmations: 0, movements: [] };
  if (!receipt)
    return { stage: 'signed', confirmations: 0, movements: orderedMovements(transaction, deployed) };

  const block = await chain.getBlock({ blockNumber: receipt.blockNumber });
  // A block counts by its hash: after a reorganisation the number names another block.
  if (block.hash !== receipt.blockHash) {
    return { stage: 'signed', confirmations: 0, movements: orderedMovements(transaction, deployed) };
  }
  const confirmations = Math.min(Number(head - receipt.blockNumber), deployed.finalityDepth);
  const final = confirmations >= deployed.finalityDepth;
  return {
    stage: receipt.status === 'reverted' ? 'failed' : final ? 'final' : 'included',
    confirmations,
    receipt,
    includedAt: new Date(Number(block.timestamp) * 1_000),
    movements:
      receipt.status === 'reverted'
        ? orderedMovements(transaction, deployed)
        : settledMovements(receipt, deployed),
  };
}

/** What a transaction that waits asks the router to do. */
function orderedMovements({ to, from, input }: Transaction, { router, coins }: Deployed): Movement[] {
  if (!to || !isAddressEqual(to, router)) return [];
  const { functionName, args } = decodeFunctionData({ abi: paymentRouterAbi, data: input });
  if (functionName !== 'pay' && functionName !== 'payWithPermit') return [];
  const [token, recipient, units, reference] = args;
  const coin = coins.find(({ address }) => isAddressEqual(address, token));
  return coin
    ? [
        {
          key: 'order',
          coin,
          from: getAddress(from),
          to: recipient,
          units,
          reference: decodeReference(reference),
        },
      ]
    : [];
}

/** What a transaction did: its payments with a reference, else the transfers of the coins. */
function settledMovements({ logs }: TransactionReceipt, { router, coins }: Deployed): Movement[] {
  const coinAt = (token: Address) => coins.find(({ address }) => isAddressEqual(address, token));
  const payments = parseEventLogs({ abi: paymentRouterAbi, logs, eventName: 'PaymentSettled' })
    .filter(({ address }) => isAddressEqual(address, router))
    .flatMap(({ args, logIndex }) => {
      const coin = coinAt(args.token);
      const reference = decodeReference(args.paymentReference);
      return coin
        ? [
            {
              key: String(logIndex),
              coin,
              from: args.payer,
              to: args.recipient,
              units: args.amount,
              reference,
            },
          ]
        : [];
    });
  if (payments.length > 0) return payments;
  return parseEventLogs({ abi: stablecoinAbi, logs, eventName: 'Transfer' }).flatMap(
    ({ address, args, logIndex }) => {
      const coin = coinAt(address);
      return coin
        ? [
            {
              key: String(logIndex),
              coin,
              from: args.from,
              to: args.to,
              units: args.value,
              reference: undefined,
            },
          ]
        : [];
    },
  );
}

function missing(type: abstract new (...args: never[]) => Error) {
  return (error: unknown): undefined => {
    if (!(error instanceof type)) throw error;
  };
}
