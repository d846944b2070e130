/** The four reporters of the local chain's oracle (f = 1), each with its own key and its own order of sources. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root } from '../command.ts';
import { localReporters } from '../deploy/localReporters.ts';
import { freePort } from '../free-port.ts';
import type { Supervisor } from './supervisor.ts';

/** Where the example asks; `npm start` may have the sandbox elsewhere. */
const EXAMPLE = path.join(root, 'examples/oracle-feeds.json');
const EXAMPLE_SANDBOX = 'http://127.0.0.1:8082';
const EXAMPLE_SETTLEMENT = 'http://127.0.0.1:8080';
const PROVIDERS = ['atlas', 'borealis', 'cirrus', 'delta', 'equinox'];

/** @returns their origins, the first at the port given. */
export async function startReporters(job: {
  running: Supervisor;
  folder: string;
  sandboxUrl: string;
  settlementUrl: string;
  firstPort: number;
  environment: Record<string, string>;
}): Promise<string[]> {
  const ports = [job.firstPort];
  while (ports.length < localReporters.length) ports.push(await freePort());
  const origins = ports.map((port) => `http://127.0.0.1:${port}`);
  await Promise.all(
    localReporters.map(({ privateKey }, index) =>
      job.running.start({
        name: `oracle-${index + 1}`,
        script: ['services/oracle/main.ts'],
        env: {
          ...job.environment,
          ORACLE_PORT: String(ports[index]),
          ORACLE_REPORTER_KEY: privateKey,
          ORACLE_FEEDS_FILE: writeFeeds(path.join(job.folder, `oracle-feeds-${index + 1}.json`), index, job),
          ORACLE_PEERS: origins.filter((_, other) => other !== index).join(','),
          POLL_INTERVAL_MS: '1000', // as often as there is a block
        },
        readyUrl: `${origins[index]}/readyz`,
        restartable: true,
      }),
    ),
  );
  return origins;
}

/** The example, with the providers moved on by one for each reporter. */
function writeFeeds(
  file: string,
  index: number,
  { sandboxUrl, settlementUrl }: { sandboxUrl: string; settlementUrl: string },
): string {
  const text = readFileSync(EXAMPLE, 'utf8')
    .replaceAll(EXAMPLE_SANDBOX, sandboxUrl)
    .replaceAll(EXAMPLE_SETTLEMENT, settlementUrl);
  const moved = (provider: string) =>
    PROVIDERS[(PROVIDERS.indexOf(provider) + index) % PROVIDERS.length] ?? '';
  const providers = new RegExp(`\\b(${PROVIDERS.join('|')})\\b`, 'g');
  writeFileSync(file, text.replace(providers, moved));
  return file;
}
