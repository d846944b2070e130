/** The engine step by step: a real chain that mines when told, a real indexer, a partner with money; no worker runs. */
import { randomBytes } from 'node:crypto';
import type { Address } from 'viem';
import { toHex } from 'viem';
import { mnemonicToAccount } from 'viem/accounts';
import { localAccounts } from '../../scripts/deploy/local.ts';
import { stablecoinAbi } from '../../services/core/abi/stablecoin.ts';
import type { CorridorCurrency } from '../../services/core/currency.ts';
import { type PaymentInstruction, rejectionsOf } from '../../services/core/paymentInstruction.ts';
import { indexerConfig } from '../../services/indexer/config.ts';
import { startIndexer } from '../../services/indexer/indexer.ts';
import {
  type Database,
  migrate,
  openDatabase,
  type Transaction,
  withTransaction,
} from '../../services/platform/database.ts';
import { createLogger } from '../../services/platform/log.ts';
import { createSigner } from '../../services/platform/signer.ts';
import { openAccount } from '../../services/settlement/domains/accounts/service.ts';
import { endEscrowHolds } from '../../services/settlement/domains/escrow/account.ts';
import { postPremiums } from '../../services/settlement/domains/insurance/follower.ts';
import { createBatchLimits } from '../../services/settlement/domains/lanes/batchLimits.ts';
import { confirmCalls } from '../../services/settlement/domains/lanes/callConfirmation.ts';
import type { CallListener } from '../../services/settlement/domains/lanes/calls.ts';
import type { LaneParts } from '../../services/settlement/domains/lanes/parts.ts';
import * as holds from '../../services/settlement/domains/ledger/holds.ts';
import * as postings from '../../services/settlement/domains/ledger/postings.ts';
import { batchDuePayments } from '../../services/settlement/domains/payments/batcher.ts';
import { followChain } from '../../services/settlement/domains/payments/follower.ts';
import { createLifecycle } from '../../services/settlement/domains/payments/lifecycle.ts';
import { createPaymentService } from '../../services/settlement/domains/payments/service.ts';
import { reconcileContracts } from '../../services/settlement/domains/reconciliation/contractReconciliation.ts';
import { reconcile } from '../../services/settlement/domains/reconciliation/service.ts';
import { enqueueWebhook } from '../../services/settlement/domains/webhooks/outbox.ts';
import { startTestChain } from './chain.ts';
import { createTestDatabase } from './postgres.ts';
import { until } from './until.ts';

export const FINALITY_DEPTH = 3;
const ledger = { ...holds, ...postings };

export type Stage = Awaited<ReturnType<typeof startStage>>;

/** A wallet that nobody has used. */
export function freshWallet(): Address {
  return `0x${randomBytes(20).toString('hex')}`;
}

/** An instruction as a file would give it; `over` changes what a test is about. */
export function instruction(
  over: Partial<PaymentInstruction> & { to?: string; value?: string } = {},
): PaymentInstruction {
  const { to = freshWallet(), value = '10.00', ...rest } = over;
  const content = {
    endToEndId: `E2E-${randomBytes(8).toString('hex')}`,
    amount: { currency: 'USD', value },
    creditor: { name: 'Creditor', account: { scheme: 'EVM' as const, identification: to } },
    ...rest,
  };
  return { place: { format: 'json', pointer: '' }, rejections: rejectionsOf(content), ...content };
}

/** Starts all of it; stop it in `after`. @param finalityDepth Blocks on a block that make it final. */
export async function startStage(finalityDepth = FINALITY_DEPTH) {
  const chain = await startTestChain();
  await chain.request('evm_setAutomine', [false]);
  const databaseUrl = await createTestDatabase();
  const database = openDatabase(databaseUrl, 'test', 20);
  await migrate(database, 'settlement', 'services/settlement/migrations');
  const log = createLogger('test', 'silent');
  const indexer = await startIndexer(
    indexerConfig.parse({
      DATABASE_URL: databaseUrl,
      RPC_URL: chain.rpcUrl,
      DEPLOYMENT_FILE: chain.deploymentFile,
      INDEXER_PORT: 0,
      FINALITY_DEPTH: finalityDepth,
      POLL_INTERVAL_MS: 20,
    }),
    log,
  );
  const { chainId, paymentRouter: router } = chain.deployment;
  const lifecycle = createLifecycle({ enqueueWebhook });
  const payments = createPaymentService({ lifecycle, deployment: chain.deployment, ledger });
  const accountParts = { database, chain: chain.client, deployment: chain.deployment, ledger };
  const treasury = chain.accounts[localAccounts.treasury] as Address;
  const { privateKey } = mnemonicToAccount('test test test test test test test test test test test junk', {
    addressIndex: localAccounts.operator,
  }).getHdKey();
  const signer = createSigner(toHex(privateKey as Uint8Array));
  const callListeners: Record<string, CallListener> = {};
  const batchGasPercent = 25;
  const laneParts: LaneParts = {
    database,
    chain: chain.client,
    chainId,
    router,
    signer,
    lifecycle,
    callListeners,
    batchGasPercent,
    log,
  };
  const limits = (batchSize: number) => createBatchLimits({ ...laneParts, batchSize });

  const indexed = () =>
    until('the index to reach the head', async () => {
      const head = await chain.client.getBlock();
      const { rowCount } = await database.query('select from indexer.cursors where head_hash = $1', [
        head.hash,
      ]);
      return rowCount === 1;
    });
  const mine = async (blocks = 1) => {
    // One by one: what `hardhat_mine` makes at once has parents of zeros when a transaction waits for an earlier nonce.
    for (let block = 0; block < blocks; block++) await chain.request('evm_mine');
    await indexed();
  };

  const [partner] = (
    await database.query<{ id: string }>(
      `insert into settlement.partners (name) values ('Stage') returning id`,
    )
  ).rows;
  const partnerId = (partner as { id: string }).id;
  await mine(finalityDepth + 1);
  const stage = {
    chain,
    chainId,
    database,
    databaseUrl,
    lifecycle,
    payments,
    laneParts,
    /** Who is told of the calls of a kind; a test may add one. */
    callListeners,
    treasury,
    partnerId,
    indexer,
    /** Waits until the index has the chain's head. */
    indexed,
    /** Mines blocks and waits until they are indexed. */
    mine,
    openAccount: (currency: CorridorCurrency, payer: Address = treasury, owner = partnerId) =>
      openAccount(accountParts, { partnerId: owner, currency, payer }),
    /** Takes instructions in; returns the ids of the payments. */
    accept: async (...instructions: PaymentInstruction[]) => {
      const begun = await withTransaction(database, (tx) => payments.accept(tx, partnerId, instructions));
      return begun.map(({ row }) => row.id);
    },
    /** What the batcher is told, of batches of so many payments. */
    limits,
    batch: (batchSize = 200, maxAgeMs = 0) =>
      batchDuePayments({ database, lifecycle, chainId, limits: limits(batchSize), maxAgeMs }),
    follow: async (by: Database = database) => {
      const onBlocks = async (tx: Transaction, posted: bigint) => {
        await endEscrowHolds(tx, ledger, chainId, posted);
        await postPremiums(tx, ledger, { chainId, cover: chain.deployment.parametricCover }, posted);
      };
      while (await followChain({ database: by, lifecycle, chainId, ledger, onBlocks }));
      await confirmCalls({ database: by, chainId, callListeners });
    },
    /** Mines until what has been included is final, and follows. */
    finalise: async () => {
      await mine(finalityDepth + 1);
      await stage.follow();
    },
    reconcile: async () => {
      const reconciled = await reconcile({ database, chain: chain.client, chainId });
      while (await reconcileContracts({ database, chain: chain.client, deployment: chain.deployment }));
      return reconciled;
    },
    payment: async (id: string) =>
      (await database.query(`select * from settlement.current_payments where id = $1`, [id])).rows[0],
    states: (ids: readonly string[]) => statesOf(database, ids),
    /** Funds account: posted and held. */
    funds: async (accountId: string) => (await postings.readBalances(database, [accountId])).get(accountId),
    balanceOf: (wallet: Address, currency: CorridorCurrency = 'USD') =>
      chain.client.readContract({
        address: chain.deployment.stablecoins[currency].address,
        abi: stablecoinAbi,
        functionName: 'balanceOf',
        args: [wallet],
      }),
    async stop() {
      await indexer.stop();
      await database.end();
      await chain.stop();
    },
  };
  await stage.follow();
  return stage;
}

async function statesOf(database: Database, ids: readonly string[]): Promise<string[]> {
  const { rows } = await database.query<{ id: string; state: string }>(
    'select id, state from settlement.current_payments where id = any($1)',
    [ids],
  );
  const states = new Map(rows.map(({ id, state }) => [id, state]));
  return ids.map((id) => states.get(id) ?? 'missing');
}
