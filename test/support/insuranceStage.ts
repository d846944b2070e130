/** The engine step by step with cover: products, capital, a partner whose account buys, and the API beside it. */
import type { Address } from 'viem';
import { localAccounts } from '../../scripts/deploy/local.ts';
import { seedLocalInsurance } from '../../scripts/deploy/localInsurance.ts';
import { localProductsFile } from '../../scripts/deploy/localProducts.ts';
import { parametricCoverAbi } from '../../services/core/abi/parametricCover.ts';
import type { Database } from '../../services/platform/database.ts';
import { domains } from '../../services/settlement/app.ts';
import { followPolicies } from '../../services/settlement/domains/insurance/follower.ts';
import { POLICY_ORDER } from '../../services/settlement/domains/insurance/issuing.ts';
import { keep } from '../../services/settlement/domains/insurance/keeper.ts';
import { createPolicyLifecycle } from '../../services/settlement/domains/insurance/lifecycle.ts';
import { confirmCalls } from '../../services/settlement/domains/lanes/callConfirmation.ts';
import { insertCall } from '../../services/settlement/domains/lanes/calls.ts';
import { createLane } from '../../services/settlement/domains/lanes/worker.ts';
import * as holds from '../../services/settlement/domains/ledger/holds.ts';
import { enqueueWebhook } from '../../services/settlement/domains/webhooks/outbox.ts';
import { startNodeProxy } from './nodeProxy.ts';
import { type ObservedWindow, observe } from './observation.ts';
import { startSettlementApi, type TestPartner } from './settlementApi.ts';
import { FINALITY_DEPTH, freshWallet, startStage } from './stage.ts';

export const DAY = 86_400;
const GAS = 5_000_000n;

export type InsuranceStage = Awaited<ReturnType<typeof startInsuranceStage>>;

/** What is asked for in a test; whatever is left out is as in `flight`. */
export interface Asked {
  product?: string;
  subject?: string;
  windowStart?: number;
  windowEnd?: number;
  insured?: string;
}

/** Starts all of it; stop it in `after`. `environment` adds to the API's configuration. */
export async function startInsuranceStage(environment: Record<string, string> = {}) {
  const stage = await startStage();
  const { chainId, chain } = stage;
  const { deployment, rpcUrl } = chain;
  await chain.request('evm_setAutomine', [true]);
  await seedLocalInsurance({ rpcUrl, deployment });
  await chain.request('evm_setAutomine', [false]);
  const node = await startNodeProxy(rpcUrl);
  const api = await startSettlementApi(
    {
      DATABASE_URL: stage.databaseUrl,
      RPC_URL: node.rpcUrl,
      INSURANCE_PRODUCTS_FILE: localProductsFile,
      ...environment,
    },
    domains,
    deployment,
  );
  const lifecycle = createPolicyLifecycle({ enqueueWebhook, ledger: holds });
  stage.callListeners[POLICY_ORDER] = lifecycle.onOrderCall;
  const partner = await api.partner();
  const account = await stage.openAccount('USD', stage.treasury, partner.id);
  await stage.finalise();

  const { parametricCover: cover, coverPool: pool, oracleHub, startBlock } = deployment;
  const keeper = (database: Database = stage.database) => ({
    ...{ database, chain: chain.client, chainId, cover, oracleHub, insertCall },
  });
  const now = async () => Number((await chain.client.getBlock()).timestamp);
  const time = (seconds: number) => new Date(seconds * 1_000).toISOString().replace('.000Z', 'Z');
  const followInsurance = async (database: Database = stage.database) => {
    await stage.follow();
    await confirmCalls({ database, chainId, callListeners: stage.callListeners });
    while (await followPolicies({ database, chainId, cover, pool, startBlock, lifecycle }));
  };
  const coverContract = { address: cover, abi: parametricCoverAbi } as const;

  const insured = {
    ...stage,
    api,
    node,
    partner,
    account,
    cover: coverContract,
    keeper,
    now,
    time,
    followInsurance,
    /** A flight's cover, three days ahead. */
    async flight(over: Asked = {}) {
      const start = over.windowStart ?? Math.floor((await now()) / DAY + 3) * DAY + 36_000;
      return {
        product: over.product ?? 'flight-delay',
        subject: over.subject ?? 'FRA:LH400',
        windowStart: time(start),
        windowEnd: time(over.windowEnd ?? start + 14_400),
        insured: { currency: 'USD', value: over.insured ?? '100.00' },
      };
    },
    order: async (over: Asked = {}, more: object = {}) => ({
      cover: await insured.flight(over),
      maxPremium: { currency: 'USD', value: '100.00' },
      account,
      holder: freshWallet(),
      ...more,
    }),
    /** Buys, and gives the policy as the API answered. */
    async buy(over: Asked = {}, more: object = {}) {
      const answer = await partner.call('POST', '/v1/policies', await insured.order(over, more));
      if (answer.status !== 201) throw new Error(`${answer.status}: ${JSON.stringify(answer.body)}`);
      return answer.body;
    },
    policy: async (id: string, by: TestPartner = partner) =>
      (await by.call('GET', `/v1/policies/${id}`)).body,
    keep: (database: Database = stage.database) => keep(keeper(database)),
    /** A round of keeper and lane, and a block. */
    async turn(database: Database = stage.database) {
      const lane = createLane({ ...stage.laneParts, database });
      await keep(keeper(database));
      await lane.round();
      await stage.mine();
      await lane.round();
      await lane.release();
    },
    /** What processes do with what is under way, with the blocks that come meanwhile, until it is final. */
    async carry(database: Database = stage.database, turns = 3) {
      for (let turn = 0; turn < turns; turn++) {
        await insured.dueNow();
        await insured.turn(database);
      }
      await stage.mine(FINALITY_DEPTH + 1);
      await followInsurance(database);
      await keep(keeper(database));
    },
    /** Takes the chain's clock to a time, and the index with it. */
    async arrive(seconds: number) {
      await chain.request('evm_setNextBlockTimestamp', [seconds]);
      await stage.mine();
    },
    /** All reporters observe a value; the window must be over. In the next block. */
    observe: (policy: ObservedWindow, feed: string, value: bigint) => observe(chain, policy, feed, value),
    /** Sends a transaction to the cover from an account of the chain; it waits for a block. */
    send: (index: number, functionName: string, args: readonly unknown[]) =>
      chain.wallet(index).writeContract({ ...coverContract, functionName, args, gas: GAS } as never),
    wallet: (index: number) => chain.accounts[index] as Address,
    webhooksOf: async (id: string) =>
      (
        await stage.database.query<{ type: string }>(
          'select type from settlement.webhook_messages where payment_id = $1 order by id',
          [id],
        )
      ).rows.map(({ type }) => type),
    postings: async () =>
      (
        await stage.database.query<{ kind: string; units: bigint }>(
          `select p.kind, -e.amount as units from settlement.ledger_postings p
             join settlement.ledger_entries e on e.posting_id = p.id
             join settlement.ledger_accounts l on l.id = e.ledger_account_id and l.kind = 'chain'
            where p.account_id = $1 and p.kind <> 'deposit' order by p.block_number, p.log_index`,
          [account],
        )
      ).rows,
    dueNow: () => stage.database.query('update settlement.calls set attempt_after = now()'),
    freeLane: () => stage.database.query('update settlement.lanes set owner = null, lease_until = null'),
    localAccounts,
    async stop() {
      await api.stop();
      await node[Symbol.asyncDispose]();
      await stage.stop();
    },
  };
  return insured;
}
