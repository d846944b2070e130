import { loadConfig } from '../platform/config.ts';
import { runService } from '../platform/process.ts';
import { indexerConfig } from './config.ts';
import { startIndexer } from './indexer.ts';

await runService(() => startIndexer(loadConfig(indexerConfig)));
