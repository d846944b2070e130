import type { Router } from 'express';
import type { PublicClient } from 'viem';
import type { Deployment } from '../core/deployment.ts';
import type { Database } from '../platform/database.ts';
import type { Logger } from '../platform/log.ts';
import type { Registry } from '../platform/metrics.ts';
import type { SettlementConfig } from './config.ts';
import type { Operation } from './http/operation.ts';
import type { ProblemCatalogue } from './http/problems.ts';

/** What every domain of the settlement service is handed at start. */
export interface SettlementContext {
  database: Database;
  chain: PublicClient;
  deployment: Deployment;
  config: SettlementConfig;
  log: Logger;
  metrics: Registry;
}

/** What a domain shows at the HTTP edge. Its routes run behind authentication: `partnerOf(request)` is set. */
export interface DomainApi {
  /** Routes with their full paths, `/v1/...`. */
  routes: (context: SettlementContext) => Router;
  /** The same routes described, for /openapi.json and /docs. */
  operations: readonly Operation[];
  /** Every problem that the domain's routes raise, for /docs/errors. */
  problems: ProblemCatalogue;
}

/** Something with work of its own that is stopped with the service. */
export interface Stoppable {
  stop(): Promise<void>;
}
