/** The engine: the domains that carry payments, put together, and the workers that move them on. */
import { parseGwei } from 'viem';
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
import { endEscrowHolds } from './domains/escrow/account.ts';
import { createEscrowActionService, ESCROW } from './domains/escrow/actionService.ts';
import { enforceDeadlines, remind } from './domains/escrow/deadlines.ts';
import { escrowProblems } from './domains/escrow/errors.ts';
import { followEscrows } from './domains/escrow/follower.ts';
import { closeDecided } from './domains/escrow/givingWay.ts';
import { createEscrowLifecycle } from './domains/escrow/lifecycle.ts';
import { escrowOperations, escrowRoutes } from './domains/escrow/routes.ts';
import { followRules } from './domains/escrow/rules.ts';
import { createEscrowService } from './domains/escrow/service.ts';
import { insuranceProblems } from './domains/insurance/errors.ts';
import { followPolicies, postPremiums } from './domains/insurance/follower.ts';
import { POLICY_ORDER } from './domains/insurance/issuing.ts';
import { keep } from './domains/insurance/keeper.ts';
import { createPolicyLifecycle } from './domains/insurance/lifecycle.ts';
import { registerInsuranceMetrics } from './domains/insurance/metrics.ts';
import { insuranceOperations } from './domains/insurance/operations.ts';
import { readProducts } from './domains/insurance/products.ts';
import { insuranceRoutes } from './domains/insurance/routes.ts';
import { createInsuranceService } from './domains/insurance/service.ts';
import { abandonPrepared } from './domains/lanes/attempts.ts';
import { createBatchLimits } from './domains/lanes/batchLimits.ts';
import { confirmCalls } from './domains/lanes/callConfirmation.ts';
import { refusalAt } from './domains/lanes/callSimulation.ts';
import { insertCall, moveCalls } from './domains/lanes/calls.ts';
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
import { reconcileContracts } from './domains/reconciliation/contractReconciliation.ts';
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
const KEEPER_INTERVAL_MS = 1_000;

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
  {
    routes: (context) => insuranceRoutes(context, servicesOf(context).insurance),
    operations: insuranceOperations,
    problems: insuranceProblems,
  },
  {
    routes: (context) => {
      const { escrows, escrowActions: actions } = servicesOf(context);
      return escrowRoutes(context, { escrows, actions, refusalAt });
    },
    operations: escrowOperations,
    problems: escrowProblems,
  },
  accountApi,
  trialBalanceApi,
  reconciliationApi,
];

function servicesOf({ metrics, database, chain, deployment, config }: SettlementContext) {
  const { onArrival, onAuthorizedArrival, onPolicyArrival, onEscrowMove } = engineMetrics(metrics, database);
  const lifecycle = createLifecycle({ enqueueWebhook, onArrival });
  const authorizedLifecycle = createAuthorizedPaymentLifecycle({
    enqueueWebhook,
    onArrival: onAuthorizedArrival,
  });
  const policyLifecycle = createPolicyLifecycle({ enqueueWebhook, ledger, onArrival: onPolicyArrival });
  const { reserve } = ledger;
  const escrowLifecycle = createEscrowLifecycle({ enqueueWebhook, ledger, onMove: onEscrowMove });
  return {
    escrowLifecycle,
    escrows: createEscrowService({
      lifecycle: escrowLifecycle,
      deployment,
      openLimit: config.ESCROWS_OPEN,
    }),
    escrowActions: createEscrowActionService({
      lifecycle: escrowLifecycle,
      chain,
      chainId: deployment.chainId,
      lanes: { refusalAt, insertCall, moveCalls, abandonPrepared },
      reserve,
    }),
    lifecycle,
    policyLifecycle,
    insurance: {
      products: readProducts(config.INSURANCE_PRODUCTS_FILE),
      service: createInsuranceService({
        lifecycle: policyLifecycle,
        deployment,
        reserve,
        openLimit: config.POLICIES_OPEN,
      }),
    },
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
  const { lifecycle, authorizedLifecycle, policyLifecycle, insurance, escrowLifecycle, escrowActions } =
    servicesOf(context);
  const { products } = insurance;
  registerInsuranceMetrics(metrics, { database, chain, deployment, products, log });
  const callListeners = {
    [AUTHORIZED_PAYMENT]: authorizedLifecycle.onCall,
    [POLICY_ORDER]: policyLifecycle.onOrderCall,
    [ESCROW]: escrowLifecycle.onCall,
  };
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
  const { parametricCover: cover, coverPool: pool, oracleHub, startBlock } = deployment;
  const { INSURANCE_DEAR_GAS_GWEI: dearGwei } = config;
  const insuring = {
    ...{ database, chainId, cover, oracleHub, insertCall },
    chain: createChainClient(config.RPC_URL, { batch: true }),
    dearGasWei: dearGwei === undefined ? undefined : parseGwei(String(dearGwei)),
  };
  let postedBlock: bigint | undefined;
  const follower = startWorker('follower', FOLLOWER_INTERVAL_MS, health, () =>
    followChain({
      ...{ database, lifecycle, chainId, ledger, ...finality },
      onBlocks: async (tx, blockNumber) => {
        await endEscrowHolds(tx, ledger, chainId, blockNumber);
        await postPremiums(tx, ledger, insuring, blockNumber);
      },
      onPosted: (posted) => {
        observe.onPosted(posted);
        if (posted.blockNumber !== postedBlock)
          for (const worker of [calls, policies, escrowKeeper]) worker.wake(); // they go by what is posted
        postedBlock = posted.blockNumber;
      },
    }),
  );
  const calls = startWorker('calls', FOLLOWER_INTERVAL_MS, health, async () => {
    await confirmCalls({ database, chainId, callListeners });
    await followAuthorizedPayments({ database, chainId, lifecycle: authorizedLifecycle });
    await followEscrows({ database, chainId, escrow: deployment.escrow, lifecycle: escrowLifecycle });
    await closeDecided(database, { moveCalls, callListeners }, chainId);
    return false;
  });
  const insuranceKeeper = startWorker('insurance keeper', FOLLOWER_INTERVAL_MS, health, () => keep(insuring));
  const policies = startWorker('policies', FOLLOWER_INTERVAL_MS, health, () =>
    followPolicies({ database, chainId, cover, pool, startBlock, lifecycle: policyLifecycle }),
  );
  const enforcing = {
    ...{ database, chainId, escrow: deployment.escrow },
    ...{ lifecycle: escrowLifecycle, actions: escrowActions },
    reminderSeconds: config.ESCROW_REMINDER_SECONDS,
  };
  const escrowKeeper = startWorker('escrow keeper', KEEPER_INTERVAL_MS, health, async () => {
    await remind(enforcing);
    await followRules({ ...enforcing, oracleHub: deployment.oracleHub });
    await enforceDeadlines(enforcing);
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
    const isMore = await reconcileContracts({ database, chain, deployment, witness });
    await ageBreaks(database, ageing, log);
    return reconciled !== undefined || isMore;
  });
  const { LEDGER_ANCHOR_INTERVAL_SECONDS: intervalSeconds } = config;
  const contract = deployment.ledgerAnchor;
  const anchoring = startWorker('anchoring', ANCHORING_INTERVAL_MS, health, async () => {
    await anchorLedger({
      database,
      chain,
      chainId,
      contract,
      signer: anchorer,
      intervalSeconds,
      witness,
      log,
    });
    return false;
  });
  const listener = listenForNotifications(config.DATABASE_URL, INDEXER_CHANNEL, log, () => {
    follower.wake();
    calls.wake();
    insuranceKeeper.wake();
    wakeLanes();
  });
  log.info({ signers: signers.map(({ address }) => address), router }, 'engine started');
  return {
    async stop() {
      const workers = [
        ...[
          listener,
          batcher,
          follower,
          calls,
          insuranceKeeper,
          policies,
          escrowKeeper,
          reconciliation,
          anchoring,
        ],
        ...lanes,
      ];
      await Promise.all(workers.map((part) => part.stop()));
    },
  };
}
