import { loadConfig } from '../platform/config.ts';
import { runService } from '../platform/process.ts';
import { settlementConfig } from './config.ts';
import { startSettlement } from './settlement.ts';

await runService(() => startSettlement(loadConfig(settlementConfig)));
