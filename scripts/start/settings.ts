import { z } from 'zod';
import { indexerConfig } from '../../services/indexer/config.ts';
import {
  databaseUrlVariable,
  flagVariable,
  loadConfig,
  logLevelVariable,
  portVariable,
  rpcUrlVariable,
} from '../../services/platform/config.ts';
import { sandboxConfig } from '../../services/sandbox/config.ts';
import { settlementConfig } from '../../services/settlement/config.ts';

/** The environment of `npm start`. What it does not name goes to the services as it is. */
export const startConfig = z.object({
  /** PostgreSQL to use. Without it the project starts one of its own. */
  DATABASE_URL: databaseUrlVariable.optional(),
  /** Node of an EVM chain that Corridor is deployed on. Without it a local chain is started, in memory. */
  RPC_URL: rpcUrlVariable.optional(),
  /** Where the contracts are; by default services/core/deployments/<chain id>.json. */
  DEPLOYMENT_FILE: z.string().optional(),
  /** Folder for the embedded database, keys, logs and the files that the main job writes. */
  DATA_DIR: z.string().default('.corridor'),
  CHAIN_PORT: portVariable.optional(),
  DATABASE_PORT: portVariable.optional(),
  SETTLEMENT_PORT: portVariable.optional(),
  INDEXER_PORT: portVariable.optional(),
  SANDBOX_PORT: portVariable.optional(),
  /** Of the first reporter; the others take free ones. */
  ORACLE_PORT: portVariable.optional(),
  WEB_PORT: portVariable.optional(),
  /** The local chain's sandbox receives on the loopback interface, so there it is on unless it is set. */
  WEBHOOK_ALLOW_PRIVATE: flagVariable.optional(),
  /** The products of the cover; the local chain has those of the example. */
  INSURANCE_PRODUCTS_FILE: z.string().optional(),
  LOG_LEVEL: logLevelVariable,
});

/** The environment of the web app's server. */
export const webConfig = z.object({
  WEB_PORT: portVariable.default(5173),
  RPC_URL: rpcUrlVariable,
  /** Origin of the settlement API. */
  SETTLEMENT_URL: z.url().optional(),
  /** Origin of the sandbox; without it the app offers neither test money nor the partner's view. */
  SANDBOX_URL: z.url().optional(),
  DEPLOYMENT_FILE: z.string({ error: 'is missing: set it to the file that scripts/deploy wrote' }),
});

export type StartSettings = z.output<typeof startConfig>;

/**
 * Also looks at what the services will read, so that every fault shows now and not as each of them starts.
 * @throws ConfigError naming each wrong variable.
 */
export function readSettings(environment?: Record<string, string | undefined>): StartSettings {
  const everything = z.object({
    ...indexerConfig.shape,
    ...settlementConfig.shape,
    ...sandboxConfig.shape,
    ...webConfig.shape,
    ...startConfig.shape, // last: what it starts itself need not be set
  });
  return loadConfig(everything, environment);
}
