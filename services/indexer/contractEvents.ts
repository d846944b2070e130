/** The contracts that the indexer reads, and their logs as events. */
import { type Abi, type AbiEvent, type Hex, toEventSelector } from 'viem';
import { accessManagerAbi } from '../core/abi/accessManager.ts';
import { coverPoolAbi } from '../core/abi/coverPool.ts';
import { escrowAbi } from '../core/abi/escrow.ts';
import { oracleHubAbi } from '../core/abi/oracleHub.ts';
import { parametricCoverAbi } from '../core/abi/parametricCover.ts';
import { paymentRouterAbi } from '../core/abi/paymentRouter.ts';
import { stablecoinAbi } from '../core/abi/stablecoin.ts';
import type { Deployment } from '../core/deployment.ts';
import { decodeArguments, type EventArgument } from '../core/evm/eventArguments.ts';
import { type BlockLog, lowerCase } from './blockLog.ts';

export interface ContractEvent {
  blockNumber: bigint;
  /** Position in the block. */
  logIndex: number;
  transactionHash: Hex;
  transactionIndex: number;
  contract: Hex;
  /** As in the ABI; `unknown` for a log that the ABI does not have, with its raw `topics` and `data`. */
  name: string;
  arguments: Record<string, EventArgument>;
}

/** The deployment's contracts, all addresses in lower case. */
export interface WatchedContracts {
  addresses: readonly Hex[];
  tokens: ReadonlySet<string>;
  router: Hex;
  eventsByAddress: ReadonlyMap<string, ReadonlyMap<Hex, AbiEvent>>;
}

export function watchedContracts(deployment: Deployment): WatchedContracts {
  const tokens = Object.values(deployment.stablecoins).map((coin) => lowerCase(coin.address));
  const router = lowerCase(deployment.paymentRouter);
  const stablecoinEvents = eventsOf(stablecoinAbi);
  const eventsByAddress = new Map([
    [lowerCase(deployment.accessManager), eventsOf(accessManagerAbi)],
    [router, eventsOf(paymentRouterAbi)],
    [lowerCase(deployment.coverPool), eventsOf(coverPoolAbi)],
    [lowerCase(deployment.parametricCover), eventsOf(parametricCoverAbi)],
    [lowerCase(deployment.escrow), eventsOf(escrowAbi)],
    [lowerCase(deployment.oracleHub), eventsOf(oracleHubAbi)],
    ...tokens.map((token) => [token, stablecoinEvents] as const),
  ]);
  return { addresses: [...eventsByAddress.keys()], tokens: new Set(tokens), router, eventsByAddress };
}

export function readEvent(contracts: WatchedContracts, log: BlockLog): ContractEvent {
  const [topic] = log.topics;
  const abiEvent = topic && contracts.eventsByAddress.get(log.address)?.get(lowerCase(topic));
  return {
    blockNumber: log.blockNumber,
    logIndex: log.logIndex,
    transactionHash: log.transactionHash,
    transactionIndex: log.transactionIndex,
    contract: log.address,
    name: abiEvent ? abiEvent.name : 'unknown',
    arguments: abiEvent ? readArguments(abiEvent, log) : { topics: log.topics.join(), data: log.data },
  };
}

function readArguments(abiEvent: AbiEvent, log: BlockLog): Record<string, EventArgument> {
  // By far the commonest event, decoded by hand: viem takes several times as long.
  if (abiEvent.name === 'Transfer')
    return { from: topicAddress(log.topics[1]), to: topicAddress(log.topics[2]), value: BigInt(log.data) };
  return decodeArguments(abiEvent, log);
}

function topicAddress(topic: Hex | undefined): Hex {
  if (topic?.length !== 66) throw new Error(`A Transfer event without its indexed addresses: ${topic}`);
  return `0x${topic.slice(26).toLowerCase()}`;
}

function eventsOf(abi: Abi): Map<Hex, AbiEvent> {
  return new Map(abi.filter((item) => item.type === 'event').map((event) => [toEventSelector(event), event]));
}
