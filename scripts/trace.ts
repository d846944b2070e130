/**
 * Prints the whole way of one payment, from the partner's request to the last webhook, as the database has it:
 *
 *   npm run trace -- pay_0199...
 *   npm run trace -- aup_0199...      one that a wallet signed
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
import { readTrace } from './trace/read.ts';

await runCommandLine(async () => {
  const [id] = process.argv.slice(2);
  if (!id?.startsWith('pay_') && !id?.startsWith('aup_'))
    throw new ConfigError(
      'Say which payment: npm run trace -- pay_... (GET /v1/payments lists their ids), or aup_... (GET /v1/authorized-payments)',
    );
  const settings = loadConfig(startConfig);
  const databaseUrl = settings.DATABASE_URL ?? readRunning(settings.DATA_DIR)?.databaseUrl;
  if (!databaseUrl)
    throw new ConfigError(
      'No database: start Corridor in another terminal (npm start), or set DATABASE_URL.',
    );

  const database = openDatabase(databaseUrl, 'trace', 1);
  try {
    await reachDatabase(database);
    const trace = await (id.startsWith('aup_') ? readAuthorizedTrace : readTrace)(database, id);
    if (!trace) throw new ConfigError(`There is no payment ${id} in this database.`);
    for (const [name, value] of trace.summary) console.log(`${paint.quiet(name.padEnd(13))} ${value}`);
    console.log();
    for (const { at, what, detail } of trace.moments)
      console.log(
        `${paint.quiet(at.toISOString().slice(11, 23))}  ${paint.strong(what.padEnd(13))} ${detail}`,
      );
  } finally {
    await database.end();
  }
});
