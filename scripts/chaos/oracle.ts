/** The oracle of a world of trade: four reporters (f = 1) as processes, each with a provider of the sandbox of its own; how they fail. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  type Provider,
  providers,
  type SourceFault,
} from '../../services/sandbox/domains/sources/switches.ts';
import { until } from '../../test/support/until.ts';
import { localReporters } from '../deploy/localReporters.ts';
import { freePort } from '../free-port.ts';
import type { WorldChain } from './chain.ts';
import type { FaultName } from './faults.ts';
import type { Scene } from './inject.ts';
import { startFaultyNode } from './node.ts';
import type { ScheduledFault } from './schedule.ts';
import { Service } from './service.ts';

const READY_LIMIT_MS = 120_000;
/** A price is renewed when it is so old, and a source's answer counts so long. */
export const PRICE_FEED = 'EUR/USD';
export const PRICE_MAX_AGE_SECONDS = 60;
const HEARTBEAT_SECONDS = 20;

export interface Oracle {
  readonly reporters: readonly Service[];
  /** Changes what the sources of the reporter of this number say. */
  setSources(reporter: number, fault: SourceFault): Promise<void>;
}

/** @param parts Whatever has to be stopped in the end. */
export async function startOracle({
  chain,
  folder,
  onCrash,
  parts,
}: {
  chain: WorldChain;
  folder: string;
  onCrash: (report: string) => void;
  parts: AsyncDisposableStack;
}): Promise<Oracle> {
  const node = await startFaultyNode(chain.rpcUrl, chain.note);
  parts.defer(() => node.stop());
  const environment = { RPC_URL: node.rpcUrl, DEPLOYMENT_FILE: chain.deploymentFile, LOG_LEVEL: 'warn' };
  const start = (name: string, port: number, more: Record<string, string>) => {
    const service = new Service(name, port, { ...environment, ...more }, onCrash);
    parts.defer(() => service.stop());
    service.start();
    return service;
  };
  const sandbox = start('sandbox 1', await freePort(), {});
  const origin = `http://127.0.0.1:${sandbox.port}`;
  await until('the sandbox to be ready', () => sandbox.isReady(), READY_LIMIT_MS);

  const ports: number[] = [];
  for (const _ of localReporters) ports.push(await freePort());
  const reporters: Service[] = [];
  for (const [index, { privateKey }] of localReporters.entries()) {
    const file = path.join(folder, `feeds-${index}.json`);
    await writeFile(file, JSON.stringify(feedsOf(`${origin}/sources/${providers[index]}`)));
    const peers = ports.filter((_, other) => other !== index).map((port) => `http://127.0.0.1:${port}`);
    reporters.push(
      start(`oracle ${index + 1}`, ports[index] as number, {
        ORACLE_REPORTER_KEY: privateKey,
        ORACLE_FEEDS_FILE: file,
        ORACLE_PEERS: peers.join(','),
        POLL_INTERVAL_MS: '100',
      }),
    );
  }
  return {
    reporters,
    async setSources(reporter, fault) {
      const answer = await fetch(`${origin}/sources/${providers[reporter] as Provider}/switch`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ fault }),
      });
      if (!answer.ok) throw new Error(`The sandbox does not switch: ${answer.status} ${await answer.text()}`);
    },
  };
}

/** What one reporter observes, all of it from one provider. */
function feedsOf(url: string) {
  const source = { everySeconds: 0.3, timeoutMs: 500 };
  const observation = (feed: string, format: string, place: string) => ({
    kind: 'observation',
    feed,
    sources: [{ ...source, name: format, format, url: `${url}/${place}?from={windowStart}&to={windowEnd}` }],
  });
  return {
    roundSeconds: 5,
    turnBlocks: 2,
    feeds: [
      {
        kind: 'price',
        feed: PRICE_FEED,
        heartbeatSeconds: HEARTBEAT_SECONDS,
        deviationBps: 10,
        sources: [
          {
            ...source,
            name: 'fx',
            format: 'fx-rates',
            url: `${url}/fx/rates?base=EUR`,
            base: 'EUR',
            quote: 'USD',
            maxAgeSeconds: PRICE_MAX_AGE_SECONDS,
          },
        ],
      },
      observation('flight-delay-minutes', 'flight-status', 'flights/{subject}'),
      observation('rainfall-mm', 'station-observations', 'stations/{subject}/observations'),
    ],
  };
}

export type OracleFault = Extract<FaultName, `reporter${string}` | `source-${string}`>;

/** Which reporter's sources fail besides the one that lies; three say nothing wrong, so that 2f + 1 rows always have a true median. */
const reporterOf = ({ seed }: ScheduledFault) => seed % localReporters.length;

export const oracleFaults: Record<OracleFault, (scene: Scene, fault: ScheduledFault) => Promise<void>> = {
  'reporter-killed': async ({ world, damage }, fault) => {
    const victim = oracleOf(world).reporters[reporterOf(fault)] as Service;
    damage.reporterKills++;
    await victim.stop();
    await delay(2 * fault.lengthMs);
    victim.start();
  },
  'reporters-killed': async ({ world, damage }) => {
    const killed = await Promise.all(oracleOf(world).reporters.map((reporter) => reporter.kill()));
    damage.reporterKills += killed.filter(Boolean).length;
  },
  'reporter-lies': (scene, fault) => misinform(scene, scene.liar, 'lie', fault),
  'source-stalls': (scene, fault) => misinform(scene, reporterOf(fault), 'stall', fault),
  'source-silent': (scene, fault) => misinform(scene, reporterOf(fault), 'timeout', fault),
  'source-unit-changed': (scene, fault) => misinform(scene, reporterOf(fault), 'wrong_unit', fault),
};

async function misinform({ world }: Scene, reporter: number, how: SourceFault, { lengthMs }: ScheduledFault) {
  const { setSources } = oracleOf(world);
  await setSources(reporter, how);
  await delay(4 * lengthMs);
  await setSources(reporter, 'none');
}

function oracleOf({ oracle }: Scene['world']): Oracle {
  if (!oracle) throw new Error('This world has no oracle: --world trade has one.');
  return oracle;
}
