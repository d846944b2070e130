/**
 * `npm start`: all of Corridor on this machine, and then its main job on a real payment file. Ctrl-C stops it.
 * What it starts and where is configuration: .env.example.
 */
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ConfigError } from '../services/platform/config.ts';
import { openDatabase, reachDatabase } from '../services/platform/database.ts';
import { build } from './build.ts';
import { catchUp, mineByInterval } from './chain.ts';
import { readOptions } from './cli.ts';
import { root, runCommand, stopCommands } from './command.ts';
import { localProductsFile } from './deploy/localProducts.ts';
import { indexerScript } from './indexer-script.ts';
import { onInterrupt } from './interrupt.ts';
import { runMainJob } from './main-job.ts';
import { startPostgres, stopOrphan } from './postgres.ts';
import { agreeOnTrade, followTrade } from './start/covered-trade.ts';
import { type PortVariable, type ReservedPorts, reservePorts } from './start/ports.ts';
import { startReporters } from './start/reporters.ts';
import { untilReservesAttested } from './start/reserves.ts';
import { forgetRunning, readRunning, writeRunning } from './start/running.ts';
import { readSettings, type StartSettings } from './start/settings.ts';
import { Supervisor } from './start/supervisor.ts';
import { paint, say, shownPath, step } from './start/terminal.ts';
import { followWebhooks, readInbox } from './start/webhooks.ts';

const BLOCK_INTERVAL_MS = 1_000;
/** How far back the local chain begins: cover is sold a day ahead and lasts for days, and nobody waits for them. */
const DAYS_BEHIND = 6;

let supervisor: Supervisor | undefined;
let dataFolder: string | undefined;
let stopping: Promise<void> | undefined;

onInterrupt(async () => {
  say(`\n${paint.quiet('Stopping ...')}`);
  await stopEverything();
  say('Stopped.');
}, 0);

try {
  await main();
} catch (error) {
  if (stopping) await new Promise(() => undefined); // what is being stopped fails; whoever stops it ends the process
  const { message, stack } = error as Error;
  say(`\n${paint.bad(message)}`);
  if (!(error instanceof ConfigError) && dataFolder) {
    const log = path.join(dataFolder, 'logs', 'start.log');
    writeFileSync(log, `${stack}\n`, { flag: 'a' });
    say(paint.quiet(`More in ${shownPath(log)}`));
  }
  await stopEverything();
  process.exitCode = 1;
}

async function main(): Promise<void> {
  const startedAt = performance.now();
  readOptions('npm start', {});
  const settings = readSettings();
  dataFolder = claimDataFolder(settings.DATA_DIR);
  const folder = dataFolder;
  const clusterFolder = path.join(folder, settings.RPC_URL ? 'postgres-kept' : 'postgres');
  if (!settings.DATABASE_URL) await stopOrphan(clusterFolder); // it may hold a port that is wanted
  const reserved = await reservePorts(settings, [
    ...(settings.RPC_URL ? (['CHAIN_PORT'] as const) : []),
    ...(settings.DATABASE_URL ? (['DATABASE_PORT'] as const) : []),
    ...(settings.RPC_URL ? (['ORACLE_PORT'] as const) : []),
  ]);
  const { ports, remarks, release } = reserved;
  const running = new Supervisor(path.join(folder, 'logs'), reportCrash);
  supervisor = running;
  say(paint.strong('Corridor'));
  for (const remark of remarks) say(paint.warn(remark));

  await step('Contracts and their ABIs', async () =>
    (await build('contracts')) ? 'compiled' : 'up to date',
  );
  await step('Web app', async () => ((await build('frontend')) ? 'built' : 'up to date'));
  const rpcUrl = settings.RPC_URL ?? `http://127.0.0.1:${ports.CHAIN_PORT}`;
  let databaseUrl = settings.DATABASE_URL ?? '';
  await step('PostgreSQL', async () => {
    if (settings.DATABASE_URL) {
      await reachOnce(settings.DATABASE_URL);
      return 'yours, by DATABASE_URL';
    }
    databaseUrl = await startDatabase(clusterFolder, reserved, settings, running);
    return `port ${ports.DATABASE_PORT}`;
  });
  let deploymentFile = settings.DEPLOYMENT_FILE ?? '';
  if (settings.RPC_URL) {
    await step('Chain', async () => {
      deploymentFile = await findDeployment(rpcUrl, settings.DEPLOYMENT_FILE);
      return `${rpcUrl}, deployed as in ${shownPath(deploymentFile)}`;
    });
  } else {
    await step('Local chain', async () => {
      await release('CHAIN_PORT');
      await running.start({
        name: 'chain',
        script: [
          'scripts/chain.ts',
          ...['--port', String(ports.CHAIN_PORT)],
          ...['--behind-seconds', String(DAYS_BEHIND * 86_400)],
        ],
        readyUrl: rpcUrl,
        restartable: false,
      });
      return `id 31337, ${rpcUrl}; its clock begins ${DAYS_BEHIND} days ago`;
    });
    deploymentFile = path.join(folder, 'deployment.json');
    await step('Contracts deployed, treasury funded', async () => {
      await deployLocally(rpcUrl, deploymentFile);
      return `then a block every ${BLOCK_INTERVAL_MS / 1000} s`;
    });
  }

  const urls = {
    settlement: `http://127.0.0.1:${ports.SETTLEMENT_PORT}`,
    indexer: `http://127.0.0.1:${ports.INDEXER_PORT}`,
    sandbox: `http://127.0.0.1:${ports.SANDBOX_PORT}`,
    web: `http://127.0.0.1:${ports.WEB_PORT}`,
  };
  const partnerFile = path.join(folder, 'partner.json');
  writeRunning(folder, { databaseUrl, settlementUrl: urls.settlement, rpcUrl, deploymentFile });
  const shared = { DATABASE_URL: databaseUrl, RPC_URL: rpcUrl, DEPLOYMENT_FILE: deploymentFile };
  const service = (name: keyof typeof urls, script: string[], env: Record<string, string>) =>
    step(`${name[0]?.toUpperCase()}${name.slice(1)}`, async () => {
      const readyUrl = name === 'web' ? `${urls.web}/app-config.json` : `${urls[name]}/readyz`;
      const variable = `${name.toUpperCase()}_PORT` as PortVariable;
      await release(variable);
      const environment = { ...shared, ...env };
      await running
        .start({ name, script, env: environment, readyUrl, restartable: true })
        .catch((cause: Error) => {
          if (!cause.message.includes('EADDRINUSE')) throw cause;
          throw new ConfigError(
            `Port ${ports[variable]} was taken this moment. Start again, or set ${variable}.`,
            { cause },
          );
        });
      return urls[name];
    });
  await service('indexer', indexerScript, {
    INDEXER_PORT: String(ports.INDEXER_PORT),
    ...(!settings.RPC_URL && { RPC_WS_URL: rpcUrl.replace('http', 'ws') }),
  });
  await service('settlement', ['services/settlement/main.ts'], {
    SETTLEMENT_PORT: String(ports.SETTLEMENT_PORT),
    // The sandbox receives on the loopback interface. Where the money is somebody's, the operator decides.
    ...(!settings.RPC_URL &&
      settings.WEBHOOK_ALLOW_PRIVATE === undefined && { WEBHOOK_ALLOW_PRIVATE: 'true' }),
    // What the deployment of the local chain offers.
    ...(!settings.RPC_URL &&
      settings.INSURANCE_PRODUCTS_FILE === undefined && { INSURANCE_PRODUCTS_FILE: localProductsFile }),
  });
  await service('sandbox', ['services/sandbox/main.ts'], {
    SANDBOX_PORT: String(ports.SANDBOX_PORT),
    SANDBOX_PARTNER_FILE: partnerFile,
    SETTLEMENT_URL: urls.settlement,
    WEB_ORIGIN: `${urls.web},http://localhost:${ports.WEB_PORT}`,
  });
  await service('web', ['scripts/web.ts'], {
    WEB_PORT: String(ports.WEB_PORT),
    SETTLEMENT_URL: urls.settlement,
    SANDBOX_URL: urls.sandbox,
  });

  let showTrade = async () => {};
  if (settings.RPC_URL)
    say(
      '\nThe payment file and the covered trade are shown on the local chain only: with RPC_URL set, the money is yours.',
    );
  else {
    const done = await runMainJob({ databaseUrl, rpcUrl, urls, deploymentFile, partnerFile, folder });
    const job = { ...done, rpcUrl, deploymentFile, urls };
    const trade = await agreeOnTrade(job);
    say('');
    await step(`${DAYS_BEHIND} days later`, async () => {
      await catchUp(rpcUrl);
      return "the local chain's clock goes on to the present";
    });
    await step('Oracle: four reporters (f = 1)', async () => {
      await release('ORACLE_PORT');
      const { sandbox: sandboxUrl, settlement: settlementUrl } = urls;
      const environment = { RPC_URL: rpcUrl, DEPLOYMENT_FILE: deploymentFile };
      const [origin] = await startReporters({
        ...{ running, folder, sandboxUrl, settlementUrl, environment },
        firstPort: ports.ORACLE_PORT,
      });
      await untilReservesAttested(job);
      return `the reserves are attested; ${origin}/rows`;
    });
    if (trade) showTrade = () => followTrade(job, trade);
  }
  say(
    `\n${paint.good(paint.strong('Corridor is ready'))} ${paint.quiet(`after ${Math.round((performance.now() - startedAt) / 1000)} s. Ctrl-C stops it.`)}`,
  );
  say(`  web app          ${urls.web}`);
  say(`  settlement API   ${urls.settlement}/docs`);
  say(`  sandbox          ${urls.sandbox}/webhooks`);
  say(`  indexer          ${urls.indexer}/metrics`);
  say(`  chain            ${rpcUrl}`);
  say(`  logs             ${shownPath(path.join(folder, 'logs'))}/`);
  say('\nTry it:');
  if (settings.RPC_URL) say(`  curl -s '${urls.settlement}/readyz'`);
  else {
    say(`  curl -s '${urls.sandbox}/partner/payments?limit=1'`);
    say('  npm run partner -- GET /v1/accounts');
    say('  npm run partner -- POST /v1/payments examples/payment.json');
  }
  await showTrade();
  say('\nFurther webhooks, as the sandbox verifies them:');
  const { webhooks } = await readInbox(urls.sandbox, 1);
  running.adopt(followWebhooks(urls.sandbox, webhooks[0]));
}

/** The database of the local chain goes with it: the chain lives in memory. One for another chain is kept. */
async function startDatabase(
  clusterFolder: string,
  { ports, release }: ReservedPorts,
  settings: StartSettings,
  running: Supervisor,
): Promise<string> {
  const log = path.join(path.dirname(clusterFolder), 'logs', 'postgres.log');
  const server = await startPostgres({
    dataDir: clusterFolder,
    port: ports.DATABASE_PORT,
    keep: settings.RPC_URL !== undefined,
    detached: true,
    beforeListening: () => release('DATABASE_PORT'),
    onLog: (line) => writeFileSync(log, `${line}\n`, { flag: 'a' }),
  });
  let stopping = false;
  running.adopt(async () => {
    stopping = true;
    await server.stop();
  });
  server.process.once('exit', (code, signal) => {
    if (!stopping)
      reportCrash(`PostgreSQL ended (${signal ?? `exit code ${code}`}); its log is ${log}.`, false);
  });
  return server.url;
}

async function reachOnce(databaseUrl: string): Promise<void> {
  const database = openDatabase(databaseUrl, 'corridor start', 1);
  try {
    await reachDatabase(database);
  } finally {
    await database.end();
  }
}

async function deployLocally(rpcUrl: string, deploymentFile: string): Promise<void> {
  const { code, output } = await runCommand('node', ['scripts/deploy/local.ts', '--rpc-url', rpcUrl], {
    limitSeconds: 120,
  });
  if (code !== 0) throw new Error(`Deploying to the local chain failed:\n${output.trimEnd()}`);
  writeFileSync(deploymentFile, output.slice(output.indexOf('{')));
  await mineByInterval(rpcUrl, BLOCK_INTERVAL_MS);
}

/** @returns the file that says where the contracts of RPC_URL's chain are. */
async function findDeployment(rpcUrl: string, file: string | undefined): Promise<string> {
  const answer = await fetch(rpcUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_chainId', params: [] }),
    signal: AbortSignal.timeout(10_000),
  }).catch((cause: unknown) => {
    throw new ConfigError(`Nothing answers at RPC_URL (${rpcUrl}). Start the node, or leave RPC_URL out.`, {
      cause,
    });
  });
  const { result } = (await answer.json()) as { result: string };
  const found = path.resolve(file ?? path.join(root, `services/core/deployments/${Number(result)}.json`));
  if (existsSync(found)) return found;
  throw new ConfigError(
    `Corridor is not deployed on chain ${Number(result)}: there is no ${shownPath(found)}. Deploy it with ` +
      `\`npm run deploy -- --rpc-url ${rpcUrl} --parameters parameters.json\`, or set DEPLOYMENT_FILE.`,
  );
}

/** Two starts in one folder would share a database: the second is refused. */
function claimDataFolder(setting: string): string {
  const folder = path.resolve(setting);
  const other = readRunning(folder);
  if (other)
    throw new ConfigError(
      `Corridor runs already (process ${other.pid}) with its data in ${setting}. Stop it, or set DATA_DIR to another folder.`,
    );
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  rmSync(path.join(folder, 'logs'), { recursive: true, force: true });
  writeRunning(folder, {});
  return folder;
}

function reportCrash(report: string, willRestart: boolean): void {
  say(`\n${paint.bad(report)}`);
  if (willRestart) {
    say(paint.warn('It is started again.'));
    return;
  }
  say('Nothing can go on without it. Stopping the rest.');
  stopEverything().then(
    () => process.exit(1),
    (error: unknown) => {
      say((error as Error).message);
      process.exit(1);
    },
  );
}

function stopEverything(): Promise<void> {
  stopping ??= (async () => {
    await stopCommands();
    await supervisor?.stop();
    if (dataFolder) forgetRunning(dataFolder);
  })();
  return stopping;
}
