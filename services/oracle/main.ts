import { loadConfig } from '../platform/config.ts';
import { runService } from '../platform/process.ts';
import { oracleConfig } from './config.ts';
import { startReporter } from './reporter.ts';

await runService(() => startReporter(loadConfig(oracleConfig)));
