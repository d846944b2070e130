/** The engine: the domains that carry payments, put together, and the workers that move them on. */

import { type Hex, toHex } from 'viem';
import { mnemonicToAccount } from 'viem/accounts';
import { hardhat } from 'viem/chains';
import { ConfigError } from '../platform/config.ts';
import { listenForNotifications } from '../platform/notifications.ts';
import { createSigner } from '../platform/signer.ts';
import { startWorker } from '../platform/worker.ts';
import type { DomainApi, SettlementContext, Stoppable } from './context.ts';
import { accountApi } from './domains/accounts/routes.ts';
import { startLane } from './domains/lanes/worker.ts';
import { anchorLedger } from './domains/ledger/anchoring.ts';
import * as holds from './domains/ledger/holds.ts';
import * as postings from './domains/ledger/postings.ts';
import { trialBalanceApi } from './domains/ledger/routes.ts';
import { batchDuePayments } from './domains/payments/batcher.ts';
import { paymentBatchOperations, paymentBatchRoutes } from './domains/payments/batchRoutes.ts';
import { paymentProblems } from './domains/payments/errors.ts';
import { followChain } from './domains/payments/follower.ts';
import { createLifecycle } from './domains/payments/lifecycle.ts';
import { paymentOperations, paymentRoutes } from './domains/payments/routes.ts';
import { createPaymentService } from './domains/payments/service.ts';
import { reconciliationApi } from './domains/reconciliation/routes.ts';
import { reconcile } from './domains/reconciliation/service.ts';
import { enqueueWebhook } from './domains/webhooks/outbox.ts';
import { engineMetrics } from './engineMetrics.ts';

/** PostgreSQL channel on which the indexer tells of each commit. */
const INDEXER_CHANNEL = 'indexer_head';

const BATCHER_INTERVAL_MS = 200;
const FOLLOWER_INTERVAL_MS = 500;
const RECONCILIATION_INTERVAL_MS = 2_000;
const ANCHORING_INTERVAL_MS = 2_000;

const ledger = { ...holds, ...postings };

/** The engine's part of the API. */
export const engineApis: readonly DomainApi[] = [
  {
    routes: (context) => paymentRoutes(context, servicesOf(context).payments),
    operations: paymentOperations,
    problems: paymentProblems,
  },
  {
    routes: (context) => paymentBatchRoutes(context, servicesOf(context).payments),
    operations: paymentBatchOperations,
    problems: {},
  },
  accountApi,
  trialBalanceApi,
  reconciliationApi,
];

function servicesOf({ metrics, database, deployment }: SettlementContext) {
  const { onArrival } = engineMetrics(metrics, database);
  const lifecycle = createLifecycle({ enqueueWebhook, onArrival });
  return { lifecycle, payments: createPaymentService({ lifecycle, deployment, ledger }) };
}

/**
 * Starts the workers: batcher, lane, follower, reconciliation, anchoring. Any number of processes may run them on one database;
 * each may be killed at any moment.
 * @throws ConfigError when there is no key to sign with, or one for two purposes
 */
export function startEngine(context: SettlementContext): Stoppable {
  const { database, chain, deployment, config, log, metrics } = context;
  const { chainId, paymentRouter: router } = deployment;
  const signer = createSigner(signerKey(context, 'SETTLEMENT_SIGNER_KEY', 1));
  const anchorer = createSigner(signerKey(context, 'LEDGER_ANCHOR_SIGNER_KEY', 19));
  if (anchorer.address === signer.address)
    throw new ConfigError(
      'LEDGER_ANCHOR_SIGNER_KEY: is the key of SETTLEMENT_SIGNER_KEY; anchors need an account of their own.',
    );
  const { lifecycle } = servicesOf(context);
  const observe = engineMetrics(metrics, database);

  const lane = startLane({ database, chain, chainId, router, signer, lifecycle, log }, observe.onLaneDepth);
  const onBatch = (size: number) => {
    observe.onBatch(size);
    lane.wake();
  };
  const batching = {
    database,
    lifecycle,
    chainId,
    batchSize: config.BATCH_SIZE,
    maxAgeMs: config.BATCH_MAX_AGE_MS,
  };
  const batcher = startWorker('batcher', BATCHER_INTERVAL_MS, log, () =>
    batchDuePayments({ ...batching, onBatch }),
  );
  const follower = startWorker('follower', FOLLOWER_INTERVAL_MS, log, () =>
    followChain({ database, lifecycle, chainId, ledger, onPosted: observe.onPosted }),
  );
  const reconciliation = startWorker('reconciliation', RECONCILIATION_INTERVAL_MS, log, async () => {
    await reconcile({ database, chain, chainId });
    return false;
  });
  const { LEDGER_ANCHOR_INTERVAL_SECONDS: intervalSeconds } = config;
  const contract = deployment.ledgerAnchor;
  const anchoring = startWorker('anchoring', ANCHORING_INTERVAL_MS, log, async () => {
    await anchorLedger({ database, chain, chainId, contract, signer: anchorer, intervalSeconds, log });
    return false;
  });
  const listener = listenForNotifications(config.DATABASE_URL, INDEXER_CHANNEL, log, () => {
    follower.wake();
    lane.wake();
  });
  log.info({ signer: signer.address, router }, 'engine started');
  return {
    async stop() {
      await Promise.all(
        [listener, batcher, follower, reconciliation, anchoring, lane].map((part) => part.stop()),
      );
    },
  };
}

/** A configured key; on the local chain, whose keys everybody knows, an account of its mnemonic does it. */
function signerKey(
  { config, deployment }: SettlementContext,
  variable: 'SETTLEMENT_SIGNER_KEY' | 'LEDGER_ANCHOR_SIGNER_KEY',
  localIndex: number,
): Hex {
  const key = config[variable];
  if (key) return key as Hex;
  if (deployment.chainId !== hardhat.id)
    throw new ConfigError(
      `${variable}: is missing; chain ${deployment.chainId} needs the private key that the deployment gave its role to.`,
    );
  const { privateKey } = mnemonicToAccount('test test test test test test test test test test test junk', {
    addressIndex: localIndex,
  }).getHdKey();
  return toHex(privateKey as Uint8Array);
}
