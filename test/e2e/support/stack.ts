/** A stack of the browser tests' own: chain, sandbox and web app, each the real one, on free ports. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import path from 'node:path';
import { startTestChain, type TestChain } from '../../support/chain.ts';
import { until } from '../../support/until.ts';

const root = path.resolve(import.meta.dirname, '../../..');

export interface Stack {
  chain: TestChain;
  webUrl: string;
  sandboxUrl: string;
  stop(): Promise<void>;
}

/** Starts chain, sandbox and web server. The web app must have been built (`npm run build`). */
export async function startStack(): Promise<Stack> {
  const chain = await startTestChain({ blockIntervalMs: 500 });
  const services: ChildProcess[] = [];
  const stop = async () => {
    await Promise.all(services.map(stopService));
    await chain.stop();
  };
  try {
    const [sandboxPort, webPort] = [await freePort(), await freePort()];
    const sandboxUrl = `http://127.0.0.1:${sandboxPort}`;
    const webUrl = `http://127.0.0.1:${webPort}`;
    const shared = { RPC_URL: chain.rpcUrl, DEPLOYMENT_FILE: chain.deploymentFile, LOG_LEVEL: 'warn' };
    services.push(
      startService('services/sandbox/main.ts', {
        ...shared,
        SANDBOX_PORT: String(sandboxPort),
        SANDBOX_PARTNER_FILE: path.join(path.dirname(chain.deploymentFile), 'partner.json'),
        WEB_ORIGIN: webUrl,
      }),
      startService('scripts/web.ts', { ...shared, WEB_PORT: String(webPort), SANDBOX_URL: sandboxUrl }),
    );
    await Promise.all([answers(`${sandboxUrl}/readyz`), answers(`${webUrl}/app-config.json`)]);
    return { chain, webUrl, sandboxUrl, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function startService(script: string, env: Record<string, string>): ChildProcess {
  return spawn(process.execPath, [script], {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
}

async function stopService(service: ChildProcess): Promise<void> {
  if (service.exitCode !== null || service.signalCode !== null) return;
  const gone = once(service, 'exit');
  service.kill('SIGTERM');
  await gone;
}

async function answers(url: string): Promise<void> {
  await until(`${url} answers`, () =>
    fetch(url).then(
      ({ ok }) => ok,
      () => false,
    ),
  );
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as { port: number };
  probe.close();
  await once(probe, 'close');
  return port;
}
