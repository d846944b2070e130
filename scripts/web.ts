/**
 * The web app's server: the built files, `/app-config.json`, and the app itself for every path of its own.
 * Any static file server with these three rules does as well.
 */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import express from 'express';
import helmet from 'helmet';
import { deploymentSchema } from '../services/core/deployment.ts';
import { loadConfig } from '../services/platform/config.ts';
import { listen } from '../services/platform/http/server.ts';
import { runService } from '../services/platform/process.ts';
import { root } from './command.ts';
import { webConfig } from './start/settings.ts';

const LOCAL_CHAIN_ID = 31_337;

await runService(async () => {
  const config = loadConfig(webConfig);
  const deployment = deploymentSchema.parse(JSON.parse(await readFile(config.DEPLOYMENT_FILE, 'utf8')));
  const folder = path.join(root, 'frontend/dist');
  const page = path.join(folder, 'index.html');
  if (!existsSync(page)) throw new Error('frontend/dist is empty: run `npm run build` first.');

  const origins = [config.RPC_URL, config.SANDBOX_URL, config.SETTLEMENT_URL].filter(
    (url) => url !== undefined,
  );
  const app = express();
  app.disable('x-powered-by');
  app.use(
    helmet({
      strictTransportSecurity: false, // on the loopback interface there is no TLS to insist on
      contentSecurityPolicy: {
        useDefaults: false,
        directives: {
          defaultSrc: ["'none'"],
          scriptSrc: ["'self'"],
          styleSrc: ["'self'", "'unsafe-inline'"],
          imgSrc: ["'self'", 'data:'],
          fontSrc: ["'self'"],
          connectSrc: ["'self'", ...origins.map((url) => new URL(url).origin)],
          baseUri: ["'none'"],
          formAction: ["'none'"],
          frameAncestors: ["'none'"],
        },
      },
    }),
  );
  app.get('/app-config.json', (_request, response) => {
    response.set('cache-control', 'no-store').json({
      chainId: deployment.chainId,
      rpcUrl: config.RPC_URL,
      deployment,
      sandboxUrl: config.SANDBOX_URL ?? null,
      apiUrl: config.SETTLEMENT_URL ?? null,
      local: deployment.chainId === LOCAL_CHAIN_ID,
    });
  });
  app.use(
    '/assets',
    express.static(path.join(folder, 'assets'), { immutable: true, maxAge: '1y', fallthrough: false }),
  );
  app.use(express.static(folder, { index: false }));
  app.get('/{*path}', (_request, response) => response.set('cache-control', 'no-cache').sendFile(page));
  return listen(app, config.WEB_PORT);
});
