import { loadConfig } from '../platform/config.ts';
import { runService } from '../platform/process.ts';
import { sandboxConfig } from './config.ts';
import { startSandbox } from './sandbox.ts';

await runService(async () => {
  const server = await startSandbox(loadConfig(sandboxConfig));
  return () => server.stop();
});
