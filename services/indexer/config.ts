import { z } from 'zod';
import {
  databaseUrlVariable,
  logLevelVariable,
  rpcUrlVariable,
  wholeNumber,
  wsUrlVariable,
} from '../platform/config.ts';

/** What the indexer reads from the environment. */
export const indexerConfig = z.object({
  DATABASE_URL: databaseUrlVariable,
  RPC_URL: rpcUrlVariable,
  /** Where the same node tells of new heads, so that they are not waited for. Without it the head is only polled. */
  RPC_WS_URL: wsUrlVariable.optional(),
  /** Health, readiness and metrics; 0 takes any free port. */
  INDEXER_PORT: wholeNumber(0, 65_535).default(8081),
  /** Default: `services/core/deployments/<chainId>.json` of the chain that RPC_URL leads to. */
  DEPLOYMENT_FILE: z.string().optional(),
  /** A block is final when this many stand on it. Default: 3 on the local chain, elsewhere the node's `finalized` tag. */
  FINALITY_DEPTH: wholeNumber(0).optional(),
  /** Pause between two looks at the node's head. Default: 200 on the local chain, elsewhere 1000. */
  POLL_INTERVAL_MS: wholeNumber(10).optional(),
  /** Most blocks that one commit takes in. */
  INDEXER_RANGE_BLOCKS: wholeNumber(1).default(200),
  /** `receipts` proves that no log is missing; `headers` transfers less on a busy chain. See docs/indexer.md. */
  INDEXER_LOG_PROOF: z.enum(['receipts', 'headers']).default('receipts'),
  /** `none` for a chain whose headers have fields of their own, so that their hash cannot be computed. */
  INDEXER_HEADER_PROOF: z.enum(['hash', 'none']).default('hash'),
  LOG_LEVEL: logLevelVariable,
});

export type IndexerConfig = z.infer<typeof indexerConfig>;

const LOCAL_CHAIN_ID = 31_337;

/** How blocks become final: under a number of blocks, or by the node's word. */
export type Finality = { depth: number } | 'finalized-tag';

export function finalityOf(config: IndexerConfig, chainId: number): Finality {
  const depth = config.FINALITY_DEPTH ?? (chainId === LOCAL_CHAIN_ID ? 3 : undefined);
  return depth === undefined ? 'finalized-tag' : { depth };
}

export function pollIntervalMsOf(config: IndexerConfig, chainId: number): number {
  return config.POLL_INTERVAL_MS ?? (chainId === LOCAL_CHAIN_ID ? 200 : 1_000);
}
