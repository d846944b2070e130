/**
 * Prints the whole way of one payment, from the partner's request to the last webhook, as the database has it:
 *
 *   npm run trace -- pay_0199...
 *
 * It reads the database of the `npm start` that runs, or that of DATABASE_URL.
 */
import { openDatabase } from '../services/platform/database.ts';
import { readRunning } from './start/running.ts';
import { readSettings } from './start/settings.ts';
import { paint } from './start/terminal.ts';
import { readTrace } from './trace/read.ts';

const [id] = process.argv.slice(2);
if (!id?.startsWith('pay_'))
  fail('Say which payment: npm run trace -- pay_... (GET /v1/payments lists their ids)');
const settings = readSettings();
const databaseUrl = settings.DATABASE_URL ?? readRunning(settings.DATA_DIR)?.databaseUrl;
if (!databaseUrl) fail('No database: start Corridor in another terminal (npm start), or set DATABASE_URL.');

const database = openDatabase(databaseUrl, 'trace', 1);
try {
  const trace = await readTrace(database, id);
  if (!trace) fail(`There is no payment ${id} in this database.`);
  for (const [name, value] of trace.summary) console.log(`${paint.quiet(name.padEnd(13))} ${value}`);
  console.log();
  for (const { at, what, detail } of trace.moments)
    console.log(`${paint.quiet(at.toISOString().slice(11, 23))}  ${paint.strong(what.padEnd(13))} ${detail}`);
} finally {
  await database.end();
}

function fail(sentence: string): never {
  console.error(sentence);
  process.exit(1);
}
