/** From the block at which a source knows to the payout, included and final. */
import { parseEventLogs } from 'viem';
import { oracleHubAbi } from '../../services/core/abi/oracleHub.ts';
import { parametricCoverAbi } from '../../services/core/abi/parametricCover.ts';
import type { CoverWorld, Flight, SoldCover } from './cover.ts';

export interface Payout {
  /** Blocks from the source's knowledge to the one with the last of the payouts. */
  blocksIncluded: number;
  /** To the one at which settlement shows all of them as paid: that one is final. */
  blocksFinal: number;
  /** From the block with the observation to the one with the last payout, by the chain's clock. */
  seconds: number;
}

/**
 * Has the source know, and waits until every policy of the flight is paid. Nothing else may be paid meanwhile.
 * @throws when not all are paid
 */
export async function payOut(
  world: CoverWorld,
  flight: Flight,
  covers: readonly SoldCover[],
): Promise<Payout> {
  const { client, deployment } = world.chain;
  const head = () => client.getBlockNumber({ cacheTime: 0 });
  const known = await head();
  world.tell(flight);
  for (const cover of covers) await world.untilPaid(cover);
  const final = await head();

  const logsOf = (address: `0x${string}`) => client.getLogs({ address, fromBlock: known, toBlock: final });
  const [observation] = parseEventLogs({
    abi: oracleHubAbi,
    eventName: 'ObservationRecorded',
    logs: await logsOf(deployment.oracleHub),
  });
  const paid = parseEventLogs({
    abi: parametricCoverAbi,
    eventName: 'PolicyPaid',
    logs: await logsOf(deployment.parametricCover),
  });
  const last = paid.at(-1);
  const sold = covers.reduce((sum, { policies }) => sum + policies, 0);
  if (!observation || !last || paid.length !== sold)
    throw new Error(`${paid.length} of ${sold} policies on ${flight.subject} were paid.`);
  const timeOf = async (blockNumber: bigint) => Number((await client.getBlock({ blockNumber })).timestamp);
  return {
    blocksIncluded: Number(last.blockNumber - known),
    blocksFinal: Number(final - known),
    seconds: (await timeOf(last.blockNumber)) - (await timeOf(observation.blockNumber)),
  };
}
