/** A stack of the browser tests' own: each part the real one, on free ports. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { mineByInterval } from '../../../scripts/chain.ts';
import { seedLocalInsurance } from '../../../scripts/deploy/localInsurance.ts';
import { freePort } from '../../../scripts/free-port.ts';
import { openDemoPartner, setWebhookSecret } from '../../../scripts/start/demo-partner.ts';
import { PartnerClient } from '../../../scripts/start/partner-client.ts';
import { startTestChain, type TestChain } from '../../support/chain.ts';
import { createTestDatabase } from '../../support/postgres.ts';
import { until } from '../../support/until.ts';

const root = path.resolve(import.meta.dirname, '../../..');
const BLOCK_INTERVAL_MS = 500;

export interface Stack {
  chain: TestChain;
  webUrl: string;
  sandboxUrl: string;
  /** Where the sandbox looks for the settlement API. */
  settlementUrl: string;
  /** Where the sandbox looks for the demo partner's key. */
  partnerFile: string;
  /** Starts another service, which stops with the stack; resolves when it is ready. */
  serve(script: string, port: number, env: Record<string, string>): Promise<void>;
  stop(): Promise<void>;
}

/** Chain, sandbox and web server: what a wallet user needs. The web app must have been built (`npm run build`). */
export async function startStack(): Promise<Stack> {
  const chain = await startTestChain({ blockIntervalMs: BLOCK_INTERVAL_MS });
  const services: ChildProcess[] = [];
  const stop = async () => {
    await Promise.all(services.map(stopService));
    await chain.stop();
  };
  const serve: Stack['serve'] = async (script, port, env) => {
    services.push(
      startService(script, {
        RPC_URL: chain.rpcUrl,
        DEPLOYMENT_FILE: chain.deploymentFile,
        LOG_LEVEL: 'fatal',
        ...env,
      }),
    );
    await answers(`http://127.0.0.1:${port}/${script.includes('web') ? 'app-config.json' : 'readyz'}`);
  };
  try {
    const [sandboxPort, webPort, settlementPort] = [await freePort(), await freePort(), await freePort()];
    const sandboxUrl = `http://127.0.0.1:${sandboxPort}`;
    const webUrl = `http://127.0.0.1:${webPort}`;
    const settlementUrl = `http://127.0.0.1:${settlementPort}`;
    const partnerFile = path.join(path.dirname(chain.deploymentFile), 'partner.json');
    await Promise.all([
      serve('services/sandbox/main.ts', sandboxPort, {
        SANDBOX_PORT: String(sandboxPort),
        SANDBOX_PARTNER_FILE: partnerFile,
        SETTLEMENT_URL: settlementUrl,
        WEB_ORIGIN: webUrl,
      }),
      serve('scripts/web.ts', webPort, { WEB_PORT: String(webPort), SANDBOX_URL: sandboxUrl }),
    ]);
    return { chain, webUrl, sandboxUrl, settlementUrl, partnerFile, serve, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Products, capital, and who may buy: as `npm start` has it. */
export async function addInsurance({ chain }: Stack): Promise<void> {
  await chain.request('evm_setIntervalMining', [0]);
  await chain.request('evm_setAutomine', [true]);
  await seedLocalInsurance({ rpcUrl: chain.rpcUrl, deployment: chain.deployment });
  await mineByInterval(chain.rpcUrl, BLOCK_INTERVAL_MS);
}

/**
 * Adds indexer, settlement service and the demo partner, whose webhooks go to the sandbox. `environment` adds to the service's
 * configuration.
 * @returns the partner's own client
 */
export async function addPartner(
  stack: Stack,
  environment: Record<string, string> = {},
): Promise<PartnerClient> {
  const databaseUrl = await createTestDatabase();
  const indexerPort = await freePort();
  await stack.serve('services/indexer/main.ts', indexerPort, {
    DATABASE_URL: databaseUrl,
    INDEXER_PORT: String(indexerPort),
  });
  const { port } = new URL(stack.settlementUrl);
  await stack.serve('services/settlement/main.ts', Number(port), {
    DATABASE_URL: databaseUrl,
    SETTLEMENT_PORT: port,
    WEBHOOK_ALLOW_PRIVATE: 'true',
    ...environment,
  });
  const { chain, partnerFile, sandboxUrl, settlementUrl } = stack;
  const { deploymentFile, rpcUrl } = chain;
  const credential = await openDemoPartner({ databaseUrl, rpcUrl, deploymentFile, partnerFile });
  const partner = new PartnerClient(settlementUrl, credential);
  const url = `${sandboxUrl}/webhooks`;
  const endpoint = await partner.post<{ secret: string }>('/v1/webhook-endpoints', { url });
  setWebhookSecret(partnerFile, endpoint.secret);
  return partner;
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
