/**
 * Hands in the bank's statements of the reserve that backs a stablecoin (ISO 20022 camt.053.001.08), which the settlement service
 * reconciles with mints and burns at the next final block; without a file, shows what is stored and what does not agree.
 *
 *   npm run bank-statement -- statement.xml --currency USD
 *   npm run bank-statement -- --currency USD
 *
 * It uses the database of the `npm start` that runs, or that of DATABASE_URL. docs/settlement.md says what is compared.
 */
import { readFileSync } from 'node:fs';
import { corridors, hasCorridor } from '../services/core/currency.ts';
import { parseBankStatements } from '../services/core/iso20022/bankStatement.ts';
import { formatMoney } from '../services/core/money.ts';
import { ConfigError, loadConfig } from '../services/platform/config.ts';
import { type Database, openDatabase, reachDatabase } from '../services/platform/database.ts';
import {
  BankStatementRefused,
  storeBankStatements,
} from '../services/settlement/domains/reconciliation/bankStatements.ts';
import { readArguments, runCommandLine } from './cli.ts';
import { readRunning } from './start/running.ts';
import { startConfig } from './start/settings.ts';

const USAGE = 'npm run bank-statement -- [statement.xml] --currency USD';

await runCommandLine(async () => {
  const { options, positionals } = readArguments(USAGE, {
    currency: { type: 'string' },
    help: { type: 'boolean' },
  });
  if (options.help) return console.log(USAGE);
  const [file, ...others] = positionals;
  const { currency } = options;
  if (others.length > 0)
    throw new ConfigError(`One file at a time, found ${positionals.length}. Usage: ${USAGE}`);
  if (!currency || !hasCorridor(currency))
    throw new ConfigError(
      `--currency is ${currency ?? 'missing'}, expected one of ${Object.keys(corridors).join(', ')}. Usage: ${USAGE}`,
    );
  const statements = file === undefined ? [] : readStatements(file);
  const settings = loadConfig(startConfig);
  const databaseUrl = settings.DATABASE_URL ?? readRunning(settings.DATA_DIR)?.databaseUrl;
  if (!databaseUrl)
    throw new ConfigError(
      'No database: start Corridor in another terminal (npm start), or set DATABASE_URL.',
    );
  const database = openDatabase(databaseUrl, 'bank-statement', 1);
  try {
    await reachDatabase(database);
    await requireTables(database);
    if (file === undefined) return await show(database, currency);
    for (const { statementId, entries, isNew } of await storeBankStatements(database, currency, statements))
      console.log(
        isNew
          ? `Statement ${statementId}: stored, ${entries} entries. It is reconciled at the next final block.`
          : `Statement ${statementId}: stored before, nothing changed.`,
      );
  } catch (error) {
    if (error instanceof BankStatementRefused) throw new ConfigError(`${error.code}: ${error.message}`);
    throw error;
  } finally {
    await database.end();
  }
});

function readStatements(file: string) {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (cause) {
    throw new ConfigError(
      `file_unreadable: ${file} cannot be read (${(cause as NodeJS.ErrnoException).code}). Usage: ${USAGE}`,
      { cause },
    );
  }
  const parsed = parseBankStatements(bytes);
  if (parsed.ok) return parsed.value;
  const faults = parsed.errors.map(
    ({ code, detail, expected, xpath, line }) =>
      `${code}: ${detail}, expected ${expected}${xpath ? ` (${xpath}, line ${line})` : ''}`,
  );
  throw new ConfigError(faults.join('\n'));
}

async function requireTables(database: Database): Promise<void> {
  const { rows } = await database.query<{ is_there: boolean }>(
    `select to_regclass('settlement.bank_statements') is not null as is_there`,
  );
  if (!rows[0]?.is_there)
    throw new ConfigError('This database takes no statements yet. Start the settlement service on it once.');
}

async function show(database: Database, currency: string): Promise<void> {
  const money = (units: bigint) => formatMoney({ currency, units });
  const { rows: statements } = await database.query<{
    statement_id: string;
    last_date: string;
    closing_units: bigint;
  }>(
    `select statement_id, last_date::text, closing_units from settlement.bank_statements
      where currency = $1 order by last_date desc, id desc limit 1`,
    [currency],
  );
  const [last] = statements;
  if (!last) return console.log(`No statement of the reserve of ${currency} is stored.`);
  console.log(
    `The last statement of the reserve is ${last.statement_id}: ${money(last.closing_units)} ${currency} on ${last.last_date}.`,
  );
  const { rows } = await database.query<{
    kind: string;
    severity: string;
    subject: string;
    observed_units: bigint;
    expected_units: bigint;
    opened: string;
  }>(
    `select kind, coalesce(severity, 'notice') as severity, subject, observed_units, expected_units,
            to_char(opened_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as opened
       from settlement.breaks where kind like 'bank\\_%' and currency = $1 and closed_at is null order by opened_at, id`,
    [currency],
  );
  if (rows.length === 0) return console.log('No break is open.');
  for (const { kind, severity, subject, observed_units, expected_units, opened } of rows)
    console.log(
      `${severity.padEnd(9)}${kind.padEnd(22)}found ${money(observed_units)}, expected ${money(expected_units)}, since ${opened} ${subject}`,
    );
}
