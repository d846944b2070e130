/**
 * Prints the whole way of one payment, policy or escrow, from the partner's request to the last webhook, as the database has it:
 *
 *   npm run trace -- pay_0199...
 *   npm run trace -- aup_0199...      one that a wallet signed
 *   npm run trace -- pol_0199...      a policy
 *   npm run trace -- esc_0199...      an escrow
 *
 * Any other id that the system gives (a partner's, an account's, a batch's, a posting's, a break's, a webhook's, ...) leads to what it is
 * about, as do the hash of a transaction by whomever, that by which the contract knows an escrow, the nonce or the reference that a
 * wallet signed, an id as bank messages have it, without its prefix, what a partner calls a payment or its file (EndToEndId, InstrId,
 * UETR, MsgId, PmtInfId), a policy (reference) or a request (Idempotency-Key), a policy's number, and what the bank calls a statement
 * or an entry. A quote that nobody bought and a break that is about none of them are printed.
 *
 * It reads the database of the `npm start` that runs, or that of DATABASE_URL.
 */
import { ConfigError, loadConfig } from '../services/platform/config.ts';
import { type Database, openDatabase, reachDatabase } from '../services/platform/database.ts';
import { readArguments, runCommandLine } from './cli.ts';
import { readRunning } from './start/running.ts';
import { startConfig } from './start/settings.ts';
import { paint } from './start/terminal.ts';
import { readAuthorizedTrace } from './trace/authorizedPayment.ts';
import { readBreakTrace } from './trace/break.ts';
import { readEscrowTrace } from './trace/escrow.ts';
import { readPolicyTrace } from './trace/policy.ts';
import { readQuoteTrace } from './trace/quote.ts';
import { readTrace, type Trace } from './trace/read.ts';
import { SUBJECT_LIMIT, subjectsOf } from './trace/subjects.ts';

/** By the first letters of an id. */
const readers: Record<string, typeof readTrace> = {
  pay_: readTrace,
  aup_: readAuthorizedTrace,
  pol_: readPolicyTrace,
  esc_: readEscrowTrace,
};
/** Of what tells something by itself where it leads to none of those. */
const ownReaders: Record<string, typeof readTrace> = { quo_: readQuoteTrace, brk_: readBreakTrace };

const USAGE =
  "Say which payment: npm run trace -- pay_... (GET /v1/payments lists their ids), aup_... (GET /v1/authorized-payments), which policy: pol_... (GET /v1/policies), or which escrow: esc_... (GET /v1/escrows). Leading to them: the id of a partner (ptn_...), an account (acc_..., lac_...), a beneficiary (ben_...), a batch (bat_..., pob_..., stl_...), a quote (quo_...), an action (esa_...), a call (call_...), a posting (pst_...), a bank statement (bst_...), a break (brk_...), a webhook (whe_..., msg_..., dlv_...); a transaction, an escrow on the chain, or the nonce or reference that a wallet signed (0x...); an id without its prefix, as bank messages have it; what a partner calls a payment (EndToEndId, InstrId, UETR), its file (MsgId, PmtInfId), a policy (reference) or a request (Idempotency-Key); the number of a policy; and the bank's id of a statement or reference of an entry. One with spaces needs quotes.";

await runCommandLine(async () => {
  const { positionals } = readArguments('npm run trace -- ID', {});
  const [id] = positionals;
  if (!id || positionals.length > 1) throw new ConfigError(USAGE);
  const settings = loadConfig(startConfig);
  const databaseUrl = settings.DATABASE_URL ?? readRunning(settings.DATA_DIR)?.databaseUrl;
  if (!databaseUrl)
    throw new ConfigError(
      'No database: start Corridor in another terminal (npm start), or set DATABASE_URL.',
    );

  const database = openDatabase(databaseUrl, 'trace', 1);
  try {
    await reachDatabase(database);
    await requireTables(database);
    const subjects = await subjectsOf(database, id);
    if (!subjects)
      throw new ConfigError(
        `${id} is no id that Corridor gives, or not a whole one, and nobody calls anything in this database so. ${USAGE}`,
      );
    const [subject = id.trim().toLowerCase(), ...others] = subjects;
    if (others.length > 0) return tell(id, subjects);
    const read = readers[subject.slice(0, 4)] ?? ownReaders[subject.slice(0, 4)];
    const trace = await read?.(database, subject);
    if (!trace)
      throw new ConfigError(
        `There is no ${subject} in this database, or no payment, policy or escrow has come of it yet. If another installation gave it, name that one's database: DATABASE_URL.`,
      );
    print(trace);
  } finally {
    await database.end();
  }
});

async function requireTables(database: Database): Promise<void> {
  const { rows } = await database.query<{ is_there: boolean }>(
    `select to_regclass('settlement.escrows') is not null and to_regclass('indexer.credit_withdrawals') is not null as is_there`,
  );
  if (!rows[0]?.is_there)
    throw new ConfigError(
      'This database has nothing of Corridor, or of an older one. Start indexer and settlement on it once, or name another: DATABASE_URL.',
    );
}

function tell(id: string, subjects: readonly string[]): void {
  const isCut = subjects.length === SUBJECT_LIMIT;
  console.log(`${id} is about ${isCut ? 'these and perhaps older ones' : subjects.length}:`);
  for (const subject of subjects) console.log(`  npm run trace -- ${subject}`);
}

function print({ summary, moments }: Trace): void {
  for (const [name, value] of summary) console.log(`${paint.quiet(name.padEnd(13))} ${value}`);
  console.log();
  for (const { at, what, detail } of moments)
    console.log(`${paint.quiet(at.toISOString().slice(11, 23))}  ${paint.strong(what.padEnd(13))} ${detail}`);
}
