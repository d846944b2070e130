/** Four reporters (f = 1) as processes of their own. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Hex } from 'viem';
import { localReporters } from '../../scripts/deploy/localReporters.ts';
import { freePort } from '../../scripts/free-port.ts';
import type { TestChain } from '../../test/support/chain.ts';
import { ServiceProcess } from '../../test/support/serviceProcess.ts';

/** @param parts Stops them in the end. @param feedsFile What each of them observes: services/oracle/feedsFile.ts */
export async function startReporters(
  parts: AsyncDisposableStack,
  chain: TestChain,
  feedsFile: { roundSeconds: number; feeds: readonly object[] },
): Promise<void> {
  const file = path.join(path.dirname(chain.deploymentFile), 'feeds.json');
  await writeFile(file, JSON.stringify(feedsFile));
  const ports: number[] = [];
  for (const _ of localReporters) ports.push(await freePort());
  const origins = ports.map((port) => `http://127.0.0.1:${port}`);
  for (const [index, { privateKey }] of localReporters.entries()) {
    const reporter = new ServiceProcess('oracle', {
      RPC_URL: chain.rpcUrl,
      DEPLOYMENT_FILE: chain.deploymentFile,
      ORACLE_PORT: String(ports[index]),
      ORACLE_REPORTER_KEY: privateKey as Hex,
      ORACLE_FEEDS_FILE: file,
      ORACLE_PEERS: origins.filter((_, other) => other !== index).join(','),
      POLL_INTERVAL_MS: '100',
      LOG_LEVEL: 'warn',
    });
    parts.defer(() => reporter.stop());
    await reporter.start();
  }
}
