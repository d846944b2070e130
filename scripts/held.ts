/**
 * Lists the payments that are held for a person, with what the chain says of their sequences at its final block; ends one
 * that the chain can never settle.
 *
 *   npm run held
 *   npm run held -- pay_0199... --fail     its money is free again, and its partner is told that it was returned
 *
 * It uses database and node of the `npm start` that runs, or those of DATABASE_URL, RPC_URL and RPC_URL_2.
 */
import { formatMoney } from '../services/core/money.ts';
import { createChainClient, readChainIdentity, readDeployment } from '../services/platform/chain.ts';
import { createChainWitness } from '../services/platform/chainWitness.ts';
import { ConfigError, loadConfig } from '../services/platform/config.ts';
import { openDatabase, reachDatabase } from '../services/platform/database.ts';
import { createLogger } from '../services/platform/log.ts';
import { settlementConfig } from '../services/settlement/config.ts';
import { voidHolds } from '../services/settlement/domains/ledger/holds.ts';
import {
  failHeld,
  type HeldPayment,
  HeldRefused,
  readHeld,
  type SequenceFate,
} from '../services/settlement/domains/payments/held.ts';
import { createLifecycle } from '../services/settlement/domains/payments/lifecycle.ts';
import { enqueueWebhook } from '../services/settlement/domains/webhooks/outbox.ts';
import { readArguments, runCommandLine } from './cli.ts';
import { readRunning } from './start/running.ts';
import { startConfig } from './start/settings.ts';

const USAGE = 'npm run held [-- pay_... --fail]';

/** Of each fate what is so, and what can be done. */
const meanings: Record<SequenceFate, string> = {
  unused:
    'the sequence is unused: the chain could still settle it. The payer can cancel it (cancelSequences)',
  settled: 'the chain settled it as instructed',
  taken: 'the sequence is used for another payment: --fail ends it',
  cancelled: 'the payer cancelled the sequence: --fail ends it',
};

await runCommandLine(async () => {
  const { options, positionals } = readArguments(USAGE, {
    fail: { type: 'boolean' },
    help: { type: 'boolean' },
  });
  if (options.help) return console.log(USAGE);
  const [id, ...others] = positionals;
  const isOne = id?.startsWith('pay_') === true && others.length === 0;
  if (options.fail ? !isOne : positionals.length > 0)
    throw new ConfigError(
      `--fail ends one payment by its id; found "${positionals.join(' ')}". Usage: ${USAGE}`,
    );
  const { database, ...chain } = await connect();
  try {
    await reachDatabase(database);
    if (!options.fail || !id) return list(await readHeld({ database, ...chain }));
    const lifecycle = createLifecycle({ enqueueWebhook });
    const ended = await failHeld({ database, ...chain, lifecycle, ledger: { voidHolds } }, id);
    console.log(`${describe(ended)} It is returned now, its money is free again, and its partner is told.`);
  } catch (error) {
    if (error instanceof HeldRefused)
      throw new ConfigError(`${error.code}: ${error.message}`, { cause: error });
    throw error;
  } finally {
    await database.end();
  }
});

async function connect() {
  const settings = loadConfig(startConfig.extend({ RPC_URL_2: settlementConfig.shape.RPC_URL_2 }));
  const running = settings.DATABASE_URL ? undefined : readRunning(settings.DATA_DIR);
  const databaseUrl = settings.DATABASE_URL ?? running?.databaseUrl;
  const rpcUrl = settings.RPC_URL ?? running?.rpcUrl;
  if (!databaseUrl || !rpcUrl)
    throw new ConfigError(
      'No database or no node: start Corridor in another terminal (npm start), or set DATABASE_URL and RPC_URL.',
    );
  const chain = createChainClient(rpcUrl);
  const deployment = await readDeployment(chain, settings.DEPLOYMENT_FILE ?? running?.deploymentFile);
  const identity = await readChainIdentity(chain, deployment);
  const secondNode = settings.RPC_URL_2 ? createChainClient(settings.RPC_URL_2) : undefined;
  const witness = createChainWitness({
    node: chain,
    secondNode,
    identity,
    log: createLogger('held', 'fatal'),
  });
  return { database: openDatabase(databaseUrl, 'held', 1), chain, deployment, witness };
}

function list(held: readonly HeldPayment[]): void {
  if (held.length === 0) console.log('No payment is held.');
  for (const payment of held) console.log(describe(payment));
}

function describe({
  id,
  currency,
  units,
  payer,
  sequence,
  reason,
  fate,
  transactionHash,
}: HeldPayment): string {
  const money = `${currency} ${formatMoney({ currency, units })}`;
  const transaction = transactionHash ? ` (transaction ${transactionHash})` : '';
  return `${id}  ${money}  sequence ${sequence} of ${payer}\n  held: ${reason ?? 'no reason was noted'}\n  chain: ${meanings[fate]}${transaction}.`;
}
