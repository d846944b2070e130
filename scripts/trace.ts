/**
 * Prints the whole way of one payment, policy or escrow, from the partner's request to the last webhook, as the database has it:
 *
 *   npm run trace -- pay_0199...
 *   npm run trace -- aup_0199...      one that a wallet signed
 *   npm run trace -- pol_0199...      a policy
 *   npm run trace -- esc_0199...      an escrow
 *
 * The id of something else that happened (a batch, a quote, an action, a posting, a break, a webhook's message, a transaction by
 * whomever), or that by which the contract knows an escrow, leads to what it is about.
 *
 * It reads the database of the `npm start` that runs, or that of DATABASE_URL.
 */
import { ConfigError, loadConfig } from '../services/platform/config.ts';
import { openDatabase, reachDatabase } from '../services/platform/database.ts';
import { runCommandLine } from './cli.ts';
import { readRunning } from './start/running.ts';
import { startConfig } from './start/settings.ts';
import { paint } from './start/terminal.ts';
import { readAuthorizedTrace } from './trace/authorizedPayment.ts';
import { readEscrowTrace } from './trace/escrow.ts';
import { readPolicyTrace } from './trace/policy.ts';
import { readTrace, type Trace } from './trace/read.ts';
import { subjectsOf } from './trace/subjects.ts';

/** By the first letters of an id. */
const readers: Record<string, typeof readTrace> = {
  pay_: readTrace,
  aup_: readAuthorizedTrace,
  pol_: readPolicyTrace,
  esc_: readEscrowTrace,
};

const USAGE =
  'Say which payment: npm run trace -- pay_... (GET /v1/payments lists their ids), aup_... (GET /v1/authorized-payments), which policy: pol_... (GET /v1/policies), or which escrow: esc_... (GET /v1/escrows). The id of a batch (bat_..., pob_..., stl_...), of a quote (quo_...), an action (esa_...), a call (call_...), a posting (pst_...), a break (brk_...), a webhook (msg_..., dlv_...), a transaction (0x...) or that of an escrow on the chain (0x...) leads to them.';

await runCommandLine(async () => {
  const [id] = process.argv.slice(2);
  if (!id) throw new ConfigError(USAGE);
  const settings = loadConfig(startConfig);
  const databaseUrl = settings.DATABASE_URL ?? readRunning(settings.DATA_DIR)?.databaseUrl;
  if (!databaseUrl)
    throw new ConfigError(
      'No database: start Corridor in another terminal (npm start), or set DATABASE_URL.',
    );

  const database = openDatabase(databaseUrl, 'trace', 1);
  try {
    await reachDatabase(database);
    const subjects = readers[id.slice(0, 4)] ? [id] : await subjectsOf(database, id);
    if (!subjects) throw new ConfigError(`${id} is no id that can be traced. ${USAGE}`);
    const [subject, ...others] = subjects;
    if (!subject) throw new ConfigError(`There is no ${id} in this database, or it is about none of them.`);
    if (others.length > 0) return tell(`${id} is about ${subjects.length}:`, subjects);
    const trace = await readers[subject.slice(0, 4)]?.(database, subject);
    if (!trace) throw new ConfigError(`There is no ${subject} in this database.`);
    print(trace);
  } finally {
    await database.end();
  }
});

function tell(heading: string, subjects: readonly string[]): void {
  console.log(heading);
  for (const subject of subjects) console.log(`  npm run trace -- ${subject}`);
}

function print({ summary, moments }: Trace): void {
  for (const [name, value] of summary) console.log(`${paint.quiet(name.padEnd(13))} ${value}`);
  console.log();
  for (const { at, what, detail } of moments)
    console.log(`${paint.quiet(at.toISOString().slice(11, 23))}  ${paint.strong(what.padEnd(13))} ${detail}`);
}
