/**
 * Recomputes the ledger from its first posting: numbers, seals and balances; with a node also each posting's event and each
 * anchored head. docs/ledger.md says what is compared.
 *
 *   npm run verify:ledger                          the `npm start` that runs: its database and its chain
 *   npm run verify:ledger -- --database postgres://... --rpc http://...
 *   npm run verify:ledger -- --at 2026-11-21T17:00:00Z      prints the trial balance of that time, too
 *   npm run verify:ledger -- --json
 *
 * At the first difference it says where, what was expected and what was found, and ends with exit code 1.
 */
import { formatMoney } from '../services/core/money.ts';
import { createChainClient, readChainIdentity, readDeployment } from '../services/platform/chain.ts';
import { ConfigError, databaseUrlVariable, loadConfig, rpcUrlVariable } from '../services/platform/config.ts';
import { openDatabase, reachDatabase } from '../services/platform/database.ts';
import {
  readTrialBalance,
  type TrialBalance,
  totalsOf,
} from '../services/settlement/domains/ledger/trialBalance.ts';
import { readOptions, runCommandLine } from './cli.ts';
import { readRunning } from './start/running.ts';
import { startConfig } from './start/settings.ts';
import { LedgerDiffers } from './verify-ledger/difference.ts';
import { type Verified, verifyLedger } from './verify-ledger/verify.ts';

const USAGE =
  'npm run verify:ledger [-- --database postgres://... --rpc http://... --at 2026-11-21T17:00:00Z --json]';
const PROGRESS_MS = 2_000;

await runCommandLine(async () => {
  const options = readOptions(USAGE, {
    database: { type: 'string' },
    rpc: { type: 'string' },
    at: { type: 'string' },
    json: { type: 'boolean' },
    help: { type: 'boolean' },
  });
  if (options.help) return console.log(USAGE);
  const settings = loadConfig(startConfig);
  const named = options.database ?? settings.DATABASE_URL;
  const running = named ? undefined : readRunning(settings.DATA_DIR);
  const databaseUrl = named ?? running?.databaseUrl;
  const rpcUrl = options.rpc ?? running?.rpcUrl;
  if (!databaseUrl)
    throw new ConfigError(
      'No database: start Corridor in another terminal (npm start), or say which: --database postgres://...',
    );
  if (!databaseUrlVariable.safeParse(databaseUrl).success)
    throw new ConfigError('--database must start with postgres://');
  const database = openDatabase(databaseUrl, 'verify-ledger', 2);
  try {
    await reachDatabase(database);
    await requireLedger(database);
    const deploymentFile = settings.DEPLOYMENT_FILE ?? running?.deploymentFile;
    const onChain = rpcUrl ? await connect(rpcUrl, deploymentFile) : undefined;
    const verified = await verifyLedger({ database, onChain, onProgress: progress() });
    const trialBalance = options.at ? await trialBalanceAt(database, options.at) : undefined;
    if (options.json) console.log(json({ ok: true, ...verified, ...(trialBalance && { trialBalance }) }));
    else tell(verified, trialBalance);
  } catch (error) {
    if (!(error instanceof LedgerDiffers)) throw error;
    const { where, expected, found, message } = error;
    if (options.json) console.log(json({ ok: false, difference: { where, expected, found } }));
    else console.error(`The ledger is not sound. ${message}`);
    process.exitCode = 1;
  } finally {
    await database.end();
  }
});

async function connect(rpcUrl: string, deploymentFile: string | undefined) {
  if (!rpcUrlVariable.safeParse(rpcUrl).success)
    throw new ConfigError('--rpc must start with http:// or https://');
  const chain = createChainClient(rpcUrl, { batch: true });
  const deployment = await readDeployment(chain, deploymentFile);
  await readChainIdentity(chain, deployment);
  return { chain, deployment };
}

async function requireLedger(database: ReturnType<typeof openDatabase>): Promise<void> {
  const { rows } = await database.query<{ is_there: boolean }>(
    `select to_regclass('settlement.ledger_anchors') is not null as is_there`,
  );
  if (!rows[0]?.is_there)
    throw new ConfigError(
      'This database has no sealed ledger. Start the settlement service on it once, or name another: --database postgres://...',
    );
}

/** On stderr, so that what is printed can be piped. */
function progress() {
  let told = performance.now();
  return (done: bigint, all: bigint) => {
    if (performance.now() - told < PROGRESS_MS) return;
    told = performance.now();
    console.error(`${done} of ${all} postings`);
  };
}

async function trialBalanceAt(database: ReturnType<typeof openDatabase>, at: string): Promise<TrialBalance> {
  if (Number.isNaN(Date.parse(at)))
    throw new ConfigError(`--at ${at} is no time such as 2026-11-21T17:00:00Z`);
  const found = await readTrialBalance(database, new Date(at).toISOString());
  if (!found) throw new ConfigError(`--at ${at} is in the future.`);
  return found;
}

function tell({ ledgerId, postings, accounts, head, ...chain }: Verified, trialBalance?: TrialBalance): void {
  console.log(`Ledger ${ledgerId}`);
  console.log(`${postings} postings are numbered, balanced and sealed as they should be.`);
  console.log(`${accounts} ledger accounts have the balances that their entries sum to.`);
  console.log(`The head is ${head}.`);
  if (chain.anchors === undefined) {
    console.log('The chain was not asked: say where a node is, --rpc http://...');
  } else {
    console.log('Each posting is of a Transfer event that the chain has.');
    console.log(
      chain.anchors === 0
        ? 'Nothing is anchored on the chain yet: whoever owns the database could have rewritten all of it.'
        : `Heads anchored on the chain: ${chain.anchors}, the last one at posting ${chain.lastAnchored}. All are the ledger's.`,
    );
    for (const { ledgerId: other, number } of chain.otherLedgers ?? [])
      console.log(`The contract also has anchors of ledger ${other}, up to posting ${number}.`);
  }
  if (trialBalance) tellTrialBalance(trialBalance);
}

function tellTrialBalance({ at, lastPosting, rows }: TrialBalance): void {
  const cell = (currency: string, units: bigint) => formatMoney({ currency, units }).padStart(24);
  console.log(`\nTrial balance at ${at}, up to posting ${lastPosting?.number ?? 0}`);
  console.log(`${'account'.padEnd(44)}${'debit'.padStart(28)}${'credit'.padStart(28)}`);
  for (const { accountId, kind, currency, debit, credit } of rows)
    console.log(
      `${`${accountId} ${kind}`.padEnd(44)}${cell(currency, debit)} ${currency}${cell(currency, credit)} ${currency}`,
    );
  for (const { currency, debit, credit } of totalsOf(rows))
    console.log(
      `${'all'.padEnd(44)}${cell(currency, debit)} ${currency}${cell(currency, credit)} ${currency}`,
    );
}

function json(value: unknown): string {
  return JSON.stringify(value, (_, part) => (typeof part === 'bigint' ? part.toString() : part));
}
