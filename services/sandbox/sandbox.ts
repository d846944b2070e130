import { createWalletClient, defineChain, type Hex, http, type PublicClient } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import type { Deployment } from '../core/deployment.ts';
import { createChainClient, readDeployment } from '../platform/chain.ts';
import { addErrorAnswers, createApp, listen, type RunningServer } from '../platform/http/server.ts';
import { createLogger } from '../platform/log.ts';
import { createMetrics } from '../platform/metrics.ts';
import { browserGuard } from './browserGuard.ts';
import { LOCAL_MINTER_KEY, type SandboxConfig } from './config.ts';
import { faucetRoutes } from './domains/faucet/routes.ts';
import { Faucet } from './domains/faucet/service.ts';
import { PartnerCredentialFile } from './domains/partner/credential.ts';
import { partnerRoutes } from './domains/partner/routes.ts';
import { sourcesRoutes } from './domains/sources/routes.ts';
import { WebhookInbox } from './domains/webhooks/inbox.ts';
import { webhookRoutes } from './domains/webhooks/routes.ts';

const LOCAL_CHAIN = 31337;

/**
 * Starts the sandbox: what stands on the partner's side of Corridor, to develop against. Not for real money.
 * @returns the server it listens by
 * @throws ConfigError when the node or the deployment is not there
 */
export async function startSandbox(config: SandboxConfig): Promise<RunningServer> {
  const log = createLogger('sandbox', config.LOG_LEVEL);
  const metrics = createMetrics('sandbox');
  const chain = createChainClient(config.RPC_URL);
  const deployment = await readDeployment(chain, config.DEPLOYMENT_FILE);
  const minterKey =
    config.SANDBOX_MINTER_KEY ?? (deployment.chainId === LOCAL_CHAIN ? LOCAL_MINTER_KEY : undefined);
  const faucet = minterKey && createFaucet(config.RPC_URL, chain, minterKey, deployment);
  const credential = new PartnerCredentialFile(config.SANDBOX_PARTNER_FILE);
  const inbox = new WebhookInbox();

  const now = async () => Number((await chain.getBlock()).timestamp);

  const app = createApp({
    log,
    metrics,
    ready: async () => {
      await chain.getBlockNumber({ cacheTime: 0 });
    },
  });
  app.use(browserGuard(config.WEB_ORIGIN));
  app.use(webhookRoutes({ inbox, credential, log }));
  app.use(faucetRoutes({ faucet: faucet || undefined, log }));
  app.use(sourcesRoutes({ now, startedAt: await now() }));
  app.use(partnerRoutes({ settlementUrl: config.SETTLEMENT_URL, credential }));
  addErrorAnswers(app, { log, metrics });
  const server = await listen(app, config.SANDBOX_PORT);
  log.info({ port: server.port, faucet: Boolean(faucet) }, 'sandbox listens');
  return server;
}

function createFaucet(rpcUrl: string, chain: PublicClient, key: Hex, deployment: Deployment): Faucet {
  const wallet = createWalletClient({
    account: privateKeyToAccount(key),
    chain: defineChain({
      id: deployment.chainId,
      name: 'Corridor',
      nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
      rpcUrls: { default: { http: [rpcUrl] } },
    }),
    transport: http(rpcUrl),
  });
  return new Faucet({ wallet, chain, deployment });
}
