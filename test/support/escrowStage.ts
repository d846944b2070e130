/** The engine step by step with escrows, and the API beside it. */
import { type Address, encodeFunctionData, type Hex, type LocalAccount, maxUint256 } from 'viem';
import { localAccounts } from '../../scripts/deploy/local.ts';
import { escrowAbi } from '../../services/core/abi/escrow.ts';
import { stablecoinAbi } from '../../services/core/abi/stablecoin.ts';
import type { EscrowTerms } from '../../services/core/evm/escrowTerms.ts';
import type { Database } from '../../services/platform/database.ts';
import { domains } from '../../services/settlement/app.ts';
import { createEscrowActionService, ESCROW } from '../../services/settlement/domains/escrow/actionService.ts';
import { enforceDeadlines, remind } from '../../services/settlement/domains/escrow/deadlines.ts';
import { followEscrows } from '../../services/settlement/domains/escrow/follower.ts';
import { closeDecided } from '../../services/settlement/domains/escrow/givingWay.ts';
import { createEscrowLifecycle } from '../../services/settlement/domains/escrow/lifecycle.ts';
import { followRules } from '../../services/settlement/domains/escrow/rules.ts';
import { findEscrow, termsOfRow } from '../../services/settlement/domains/escrow/store.ts';
import { abandonPrepared } from '../../services/settlement/domains/lanes/attempts.ts';
import { confirmCalls } from '../../services/settlement/domains/lanes/callConfirmation.ts';
import { refusalAt } from '../../services/settlement/domains/lanes/callSimulation.ts';
import { insertCall, moveCalls } from '../../services/settlement/domains/lanes/calls.ts';
import { createLane } from '../../services/settlement/domains/lanes/worker.ts';
import * as holds from '../../services/settlement/domains/ledger/holds.ts';
import { enqueueWebhook } from '../../services/settlement/domains/webhooks/outbox.ts';
import { fundedWallet } from './authorizations.ts';
import { startSettlementApi, type TestPartner } from './settlementApi.ts';
import { FINALITY_DEPTH, freshWallet, startStage } from './stage.ts';

export type EscrowStage = Awaited<ReturnType<typeof startEscrowStage>>;

/** How long before a deadline the stage's keepers tell of it. */
export const REMINDER_SECONDS = 300;

export const timeOf = (seconds: bigint | number) =>
  new Date(Number(seconds) * 1_000).toISOString().replace('.000Z', 'Z');

/** Starts all of it; stop it in `after`. `environment` adds to the API's configuration. */
export async function startEscrowStage(environment: Record<string, string> = {}) {
  const stage = await startStage();
  const { chainId, chain } = stage;
  const { deployment } = chain;
  const api = await startSettlementApi(
    { DATABASE_URL: stage.databaseUrl, RPC_URL: chain.rpcUrl, ...environment },
    domains,
    deployment,
  );
  const lifecycle = createEscrowLifecycle({ enqueueWebhook, ledger: holds });
  stage.callListeners[ESCROW] = lifecycle.onCall;
  const partner = await api.partner();
  const payer = await fundedWallet(chain, 10n ** 10n);
  await stage.mine();
  /** Names our signer in the lanes that work, as a process of ours that runs would. */
  const atWork = () =>
    stage.database.query(
      `insert into settlement.lanes (chain_id, signer, next_nonce, epoch, state, owner, lease_until)
       values ($1, $2, 0, 1, 'ready', 'test', now() + interval '1 hour')
       on conflict (chain_id, signer) do update set state = 'ready', lease_until = now() + interval '1 hour'`,
      [chainId, stage.laneParts.signer.address.toLowerCase()],
    );
  const laneFree = () => stage.database.query('update settlement.lanes set owner = null, lease_until = null');
  const follow = async (database: Database = stage.database) => {
    await stage.follow(database);
    await confirmCalls({ database, chainId, callListeners: stage.callListeners });
    await followEscrows({ database, chainId, escrow: deployment.escrow, lifecycle });
    await closeDecided(database, { moveCalls, callListeners: stage.callListeners }, chainId);
  };

  const keeping = (database: Database) => ({
    database,
    chainId,
    escrow: deployment.escrow,
    lifecycle,
    actions: createEscrowActionService({
      lifecycle,
      chain: chain.client,
      chainId,
      lanes: { refusalAt, insertCall, moveCalls, abandonPrepared },
      reserve: holds.reserve,
    }),
    reminderSeconds: REMINDER_SECONDS,
  });
  const escrowed = {
    ...stage,
    api,
    partner,
    /** A wallet with 10,000.00 USD. */
    payer,
    follow,
    /** Posts what is final, and takes in nothing of escrows. */
    followLedger: stage.follow,
    atWork,
    lifecycle,
    actions: keeping(stage.database).actions,
    contract: { address: deployment.escrow, abi: escrowAbi } as const,
    coin: { address: deployment.stablecoins.USD.address, abi: stablecoinAbi } as const,
    /** Terms of 100.00 USD for an hour by the chain's clock; `over` changes what a test is about. */
    request: async (over: object = {}) => {
      const { timestamp } = await chain.client.getBlock();
      return {
        amount: { currency: 'USD', value: '100.00' },
        payer: payer.address,
        payee: freshWallet(),
        authorizationExpiry: timeOf(timestamp + 3_600n),
        captureExpiry: timeOf(timestamp + 7_200n),
        refundExpiry: timeOf(timestamp + 10_800n),
        ...over,
      };
    },
    post: (request: object, by: TestPartner = partner) => by.call('POST', '/v1/escrows', request),
    /** Agrees upon terms; gives what the API answers. */
    create: async (over: object = {}, by: TestPartner = partner) => {
      await atWork();
      const { status, body } = await escrowed.post(await escrowed.request(over), by);
      if (status !== 201) throw new Error(`${status}: ${JSON.stringify(body)}`);
      return body;
    },
    get: async (id: string, by: TestPartner = partner) => (await by.call('GET', `/v1/escrows/${id}`)).body,
    act: (id: string, action: object, by: TestPartner = partner) =>
      by.call('POST', `/v1/escrows/${id}/actions`, action),
    /** Asks for an action that is taken. */
    asked: async (id: string, action: object) => {
      const { status, body } = await escrowed.act(id, action);
      if (status !== 201) throw new Error(`${status}: ${JSON.stringify(body)}`);
      return body;
    },
    /** The payer signs for the coin alone, and everything is done until the money is held. */
    authorized: async (over: object = {}, wallet: LocalAccount = payer) => {
      const escrow = await escrowed.create({ payer: wallet.address, ...over });
      const signature = await wallet.signTypedData(escrow.authorization.eip3009.typedData);
      await escrowed.asked(escrow.id, { action: 'authorize', way: 'eip3009', signature });
      await escrowed.carry();
      return escrowed.get(escrow.id);
    },
    /** Everything that a process does for calls, with the blocks that come meanwhile, until they are final. */
    carry: async (database: Database = stage.database) => {
      await laneFree();
      const lane = createLane({ ...stage.laneParts, database });
      await lane.round();
      await stage.mine();
      await lane.round();
      await stage.mine(FINALITY_DEPTH + 1);
      await follow(database);
      await lane.release();
    },
    finalise: async () => {
      await stage.mine(FINALITY_DEPTH + 1);
      await follow();
    },
    /** Sends what the API said, from accounts that the test plays. */
    send: async (transactions: { from: Address; to: Address; data: Hex }[]) => {
      for (const { from, to, data } of transactions) {
        await chain.request('hardhat_impersonateAccount', [from]);
        await chain.request('hardhat_setBalance', [from, '0xde0b6b3a7640000']);
        await chain.request('eth_sendTransaction', [{ from, to, data, gas: '0xf4240' }]);
        await stage.mine();
      }
    },
    allow: async (owner: Address, spender: Address = deployment.escrow) => {
      await chain.request('hardhat_impersonateAccount', [owner]);
      await chain.request('hardhat_setBalance', [owner, '0xde0b6b3a7640000']);
      const data = encodeFunctionData({
        abi: stablecoinAbi,
        functionName: 'approve',
        args: [spender, maxUint256],
      });
      await chain.request('eth_sendTransaction', [{ from: owner, to: escrowed.coin.address, data }]);
      await stage.mine();
    },
    termsOf: async (id: string): Promise<EscrowTerms> => {
      const row = await findEscrow(stage.database, partner.id, id);
      if (!row) throw new Error(`There is no escrow ${id}.`);
      return termsOfRow(row);
    },
    stateOf: (escrowId: Hex) =>
      chain.client.readContract({
        address: deployment.escrow,
        abi: escrowAbi,
        functionName: 'stateOf',
        args: [escrowId],
      }),
    webhooksOf: async (id: string) =>
      (
        await stage.database.query<{ type: string }>(
          'select type from settlement.webhook_messages where payment_id = $1 order by id',
          [id],
        )
      ).rows.map(({ type }) => type),
    dueNow: () => stage.database.query('update settlement.calls set attempt_after = now()'),
    laneFree,
    /** A round of one process's keeper. */
    keep: async (database: Database = stage.database) => {
      await remind(keeping(database));
      await followRules({ ...keeping(database), oracleHub: deployment.oracleHub });
      await enforceDeadlines(keeping(database));
    },
    /** Lets the chain's time pass, and makes that final. */
    pass: async (seconds: number) => {
      await chain.request('evm_increaseTime', [seconds]);
      await stage.mine(FINALITY_DEPTH + 1);
      await follow();
    },
    operator: chain.accounts[localAccounts.operator] as Address,
    async stop() {
      await api.stop();
      await stage.stop();
    },
  };
  return escrowed;
}
