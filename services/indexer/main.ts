import process from 'node:process';
import { loadConfig } from '../platform/config.ts';
import { runService } from '../platform/process.ts';
import { indexerConfig } from './config.ts';
import { startIndexer } from './indexer.ts';

await runService(async () => {
  const indexer = await startIndexer(loadConfig(indexerConfig));
  indexer.ended.catch(async (error: Error) => {
    process.stderr.write(`${error.message}\n`);
    await indexer.stop();
    process.exit(1);
  });
  return indexer.stop;
});
