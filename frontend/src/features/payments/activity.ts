import { useQuery } from '@tanstack/react-query';
import { type Address, type Hash, isAddressEqual, type PublicClient, parseAbiItem, zeroAddress } from 'viem';
import { useAccount } from '../../lib/account.ts';
import { useAppConfig } from '../../lib/appConfig.ts';
import { useChainClient } from '../../lib/balances.ts';
import { type Stablecoin, useStablecoins } from '../../lib/stablecoins.ts';
import { decodeReference } from './paymentInput.ts';

/** One movement of one's own money, read from the chain's events. `units` counts the coin's smallest unit. */
export interface ActivityEntry {
  key: string;
  transactionHash: Hash;
  blockNumber: bigint;
  coin: Stablecoin;
  direction: 'sent' | 'received' | 'minted';
  counterparty: Address;
  units: bigint;
  reference: string | undefined;
  final: boolean;
}

export interface Activity {
  /** Newest first. */
  entries: ActivityEntry[];
  /** The first block that was looked at. */
  fromBlock: bigint;
  complete: boolean;
}

/** Nodes refuse wide ranges; on a chain with a block each second this is about five and a half hours. */
const BLOCKS_A_PAGE = 20_000n;

const transferEvent = parseAbiItem('event Transfer(address indexed from, address indexed to, uint256 value)');
const paymentEvent = parseAbiItem(
  'event PaymentSettled(address indexed payer, address indexed recipient, bytes32 indexed paymentReference, address token, uint256 amount)',
);

/** The connected account's movements in the newest `pages` pages of blocks. */
export function useActivity(pages: number) {
  const chain = useChainClient();
  const account = useAccount();
  const { deployment, finalityDepth } = useAppConfig();
  const coins = useStablecoins();
  return useQuery({
    queryKey: ['activity', account?.address, pages],
    queryFn: async (): Promise<Activity> => {
      const head = await chain.getBlockNumber({ cacheTime: 0 });
      const first = BigInt(deployment.startBlock);
      const wanted = head - BLOCKS_A_PAGE * BigInt(pages);
      const fromBlock = wanted > first ? wanted : first;
      const owner = account?.address as Address;
      const entries = await readEntries(chain, {
        owner,
        coins,
        router: deployment.paymentRouter,
        fromBlock,
        toBlock: head,
      });
      return {
        fromBlock,
        complete: fromBlock === first,
        entries: entries.map((entry) => ({
          ...entry,
          final: head - entry.blockNumber >= BigInt(finalityDepth),
        })),
      };
    },
    enabled: account !== undefined,
    refetchInterval: 2_000,
    placeholderData: (previous) => previous,
  });
}

interface Search {
  owner: Address;
  coins: Stablecoin[];
  router: Address;
  fromBlock: bigint;
  toBlock: bigint;
}

/** Transfers tell of all money; a payment of the router in the same transaction adds its reference. */
async function readEntries(chain: PublicClient, { owner, coins, router, fromBlock, toBlock }: Search) {
  const range = { fromBlock, toBlock, strict: true } as const;
  const transfers = { ...range, address: coins.map(({ address }) => address), event: transferEvent };
  const payments = { ...range, address: router, event: paymentEvent };
  const [out, into, paid, gotPaid] = await Promise.all([
    chain.getLogs({ ...transfers, args: { from: owner } }),
    chain.getLogs({ ...transfers, args: { to: owner } }),
    chain.getLogs({ ...payments, args: { payer: owner } }),
    chain.getLogs({ ...payments, args: { recipient: owner } }),
  ]);
  const references = new Map(
    [...paid, ...gotPaid].map(({ transactionHash, args }) => [
      movementKey(transactionHash, args.token, args.payer, args.recipient, args.amount),
      decodeReference(args.paymentReference),
    ]),
  );
  const moved = new Map([...out, ...into].map((log) => [`${log.blockHash}-${log.logIndex}`, log]));
  return [...moved]
    .sort(([, a], [, b]) => Number(b.blockNumber - a.blockNumber) || b.logIndex - a.logIndex)
    .flatMap(([key, { address, args, transactionHash, blockNumber }]) => {
      const coin = coins.find((known) => isAddressEqual(known.address, address));
      if (!coin) return [];
      const sent = isAddressEqual(args.from, owner);
      const direction = sent ? 'sent' : isAddressEqual(args.from, zeroAddress) ? 'minted' : 'received';
      return {
        key,
        transactionHash,
        blockNumber,
        coin,
        direction: direction as ActivityEntry['direction'],
        counterparty: sent ? args.to : args.from,
        units: args.value,
        reference: references.get(movementKey(transactionHash, address, args.from, args.to, args.value)),
      };
    });
}

function movementKey(hash: Hash, token: Address, from: Address, to: Address, units: bigint): string {
  return [hash, token, from, to, units].join('-').toLowerCase();
}
