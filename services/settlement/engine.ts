/** The engine: the domains that carry payments, put together, and the workers that move them on. */
import { type ChainIdentity, createChainClient } from '../platform/chain.ts';
import { createChainWitness } from '../platform/chainWitness.ts';
import { healthOf } from '../platform/health.ts';
import { listenForNotifications } from '../platform/notifications.ts';
import { startWorker } from '../platform/worker.ts';
import type { DomainApi, SettlementContext, Stoppable } from './context.ts';
import { accountApi } from './domains/accounts/routes.ts';
import { authorizedPaymentProblems } from './domains/authorizedPayments/errors.ts';
import { followAuthorizedPayments } from './domains/authorizedPayments/follower.ts';
import { createAuthorizedPaymentLifecycle } from './domains/authorizedPayments/lifecycle.ts';
import { authorizedPaymentOperations, authorizedPaymentRoutes } from './domains/authorizedPayments/routes.ts';
import { AUTHORIZED_PAYMENT, createAuthorizedPaymentService } from './domains/authorizedPayments/service.ts';
import { createBatchLimits } from './domains/lanes/batchLimits.ts';
import { confirmCalls } from './domains/lanes/callConfirmation.ts';
import { refusalAt } from './domains/lanes/callSimulation.ts';
import { insertCall } from './domains/lanes/calls.ts';
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
import { reconcileBank } from './domains/reconciliation/bankReconciliation.ts';
import { ageBreaks } from './domains/reconciliation/breaks.ts';
import { reconciliationApi } from './domains/reconciliation/routes.ts';
import { reconcile } from './domains/reconciliation/service.ts';
import { enqueueWebhook } from './domains/webhooks/outbox.ts';
import { engineMetrics } from './engineMetrics.ts';
import { openAnchorSigner, openSigners } from './signers.ts';

/** PostgreSQL channel on which the indexer tells of each commit. */
const INDEXER_CHANNEL = 'indexer_head';

const BATCHER_INTERVAL_MS = 200;
const FOLLOWER_INTERVAL_MS = 500;
/** A second node that is silent must not keep the first one waiting for long. */
const SECOND_NODE_MS = 1_500;
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
  {
    routes: (context) => authorizedPaymentRoutes(context, servicesOf(context).authorized, { refusalAt }),
    operations: authorizedPaymentOperations,
    problems: authorizedPaymentProblems,
  },
  accountApi,
  trialBalanceApi,
  reconciliationApi,
];

function servicesOf({ metrics, database, deployment, config }: SettlementContext) {
  const { onArrival, onAuthorizedArrival } = engineMetrics(metrics, database);
  const lifecycle = createLifecycle({ enqueueWebhook, onArrival });
  const authorizedLifecycle = createAuthorizedPaymentLifecycle({
    enqueueWebhook,
    onArrival: onAuthorizedArrival,
  });
  return {
    lifecycle,
    payments: createPaymentService({ lifecycle, deployment, ledger }),
    authorizedLifecycle,
    authorized: createAuthorizedPaymentService({
      lifecycle: authorizedLifecycle,
      deployment,
      insertCall,
      openLimit: config.AUTHORIZED_PAYMENTS_OPEN,
    }),
  };
}

/**
 * Starts the workers: batcher, a lane for each signer, followers, reconciliation, anchoring. Any number of processes may run
 * them on one database; each may be killed at any moment.
 * @throws ConfigError when there is no key to sign with, or one for two purposes
 */
export function startEngine(context: SettlementContext, identity: ChainIdentity): Stoppable {
  const { database, chain, deployment, config, log, metrics } = context;
  const { chainId, paymentRouter: router, stablecoins } = deployment;
  const signers = openSigners(context);
  const anchorer = openAnchorSigner(context, signers);
  const { lifecycle, authorizedLifecycle } = servicesOf(context);
  const callListeners = { [AUTHORIZED_PAYMENT]: authorizedLifecycle.onCall };
  const observe = engineMetrics(metrics, database);
  const health = healthOf({ metrics, log });

  const secondNode = config.RPC_URL_2
    ? createChainClient(config.RPC_URL_2, { patienceMs: SECOND_NODE_MS })
    : undefined;
  const witness = createChainWitness({ node: chain, secondNode, identity, log, onDoubts: observe.onDoubts });
  const { LARGE_PAYMENT_FINALITY: largeAmounts } = config;
  const finality = { largeAmounts, ...(secondNode && { witness }) }; // with one node the index has the word
  const { BATCH_GAS_PERCENT: batchGasPercent, BATCH_SIZE: batchSize } = config;
  const lane = {
    database,
    chain,
    chainId,
    router,
    lifecycle,
    callListeners,
    batchGasPercent,
    log,
    witness,
    observe,
  };
  const lanes = signers.map((signer) => startLane({ ...lane, signer }, health));
  const wakeLanes = () => {
    for (const { wake } of lanes) wake();
  };
  const onBatch = (size: number) => {
    observe.onBatch(size);
    wakeLanes();
  };
  const batching = {
    database,
    lifecycle,
    chainId,
    limits: createBatchLimits({ ...lane, batchSize, onTarget: observe.onBatchTarget }),
    maxAgeMs: config.BATCH_MAX_AGE_MS,
  };
  const batcher = startWorker('batcher', BATCHER_INTERVAL_MS, health, () =>
    batchDuePayments({ ...batching, onBatch }),
  );
  const follower = startWorker('follower', FOLLOWER_INTERVAL_MS, health, () =>
    followChain({ database, lifecycle, chainId, ledger, ...finality, onPosted: observe.onPosted }),
  );
  const calls = startWorker('calls', FOLLOWER_INTERVAL_MS, health, async () => {
    await confirmCalls({ database, chainId, callListeners });
    await followAuthorizedPayments({ database, chainId, lifecycle: authorizedLifecycle });
    return false;
  });
  const ageing = {
    warningMinutes: config.BREAK_WARNING_MINUTES,
    criticalMinutes: config.BREAK_CRITICAL_MINUTES,
  };
  const { BANK_TOLERANCE_BUSINESS_DAYS: toleranceDays } = config;
  const reconciliation = startWorker('reconciliation', RECONCILIATION_INTERVAL_MS, health, async () => {
    const reconciled = await reconcile({ database, chain, chainId, witness });
    if (reconciled !== undefined) await reconcileBank({ database, chainId, stablecoins, toleranceDays });
    await ageBreaks(database, ageing, log);
    return reconciled !== undefined;
  });
  const { LEDGER_ANCHOR_INTERVAL_SECONDS: intervalSeconds } = config;
  const contract = deployment.ledgerAnchor;
  const anchoring = startWorker('anchoring', ANCHORING_INTERVAL_MS, health, async () => {
    await anchorLedger({ database, chain, chainId, contract, signer: anchorer, intervalSeconds, log });
    return false;
  });
  const listener = listenForNotifications(config.DATABASE_URL, INDEXER_CHANNEL, log, () => {
    follower.wake();
    calls.wake();
    wakeLanes();
  });
  log.info({ signers: signers.map(({ address }) => address), router }, 'engine started');
  return {
    async stop() {
      const workers = [listener, batcher, follower, calls, reconciliation, anchoring, ...lanes];
      await Promise.all(workers.map((part) => part.stop()));
    },
  };
}
