import { loadConfig } from '../platform/config.ts';
import { runService } from '../platform/process.ts';
import { sandboxConfig } from './config.ts';
import { startSandbox } from './sandbox.ts';

await runService(() => startSandbox(loadConfig(sandboxConfig)));
