/** The engine step by step with payments that wallets signed, and the API beside it. */
import type { LocalAccount } from 'viem';
import { stablecoinAbi } from '../../services/core/abi/stablecoin.ts';
import { formatMoney } from '../../services/core/money.ts';
import type { Database } from '../../services/platform/database.ts';
import { domains } from '../../services/settlement/app.ts';
import { followAuthorizedPayments } from '../../services/settlement/domains/authorizedPayments/follower.ts';
import { createAuthorizedPaymentLifecycle } from '../../services/settlement/domains/authorizedPayments/lifecycle.ts';
import { AUTHORIZED_PAYMENT } from '../../services/settlement/domains/authorizedPayments/service.ts';
import { confirmCalls } from '../../services/settlement/domains/lanes/callConfirmation.ts';
import { createLane } from '../../services/settlement/domains/lanes/worker.ts';
import { enqueueWebhook } from '../../services/settlement/domains/webhooks/outbox.ts';
import { authorization, fundedWallet, type SignedAuthorization } from './authorizations.ts';
import { startNodeProxy } from './nodeProxy.ts';
import { startSettlementApi, type TestPartner } from './settlementApi.ts';
import { FINALITY_DEPTH, startStage } from './stage.ts';

export type AuthorizedStage = Awaited<ReturnType<typeof startAuthorizedStage>>;

/** What a partner posts. */
export function requestOf(signed: SignedAuthorization) {
  const time = (seconds: bigint) => new Date(Number(seconds) * 1_000).toISOString().replace('.000Z', 'Z');
  return {
    amount: { currency: 'USD', value: formatMoney({ currency: 'USD', units: signed.amount }) },
    payer: signed.payer,
    recipient: signed.recipient,
    paymentReference: signed.paymentReference,
    validAfter: time(signed.validAfter),
    validBefore: time(signed.validBefore),
    salt: signed.salt,
    signature: signed.signature,
  };
}

/** Starts all of it; stop it in `after`. `environment` adds to the API's configuration. */
export async function startAuthorizedStage(environment: Record<string, string> = {}) {
  const stage = await startStage();
  const node = await startNodeProxy(stage.chain.rpcUrl);
  const { chainId, chain } = stage;
  const api = await startSettlementApi(
    { DATABASE_URL: stage.databaseUrl, RPC_URL: node.rpcUrl, ...environment },
    domains,
    chain.deployment,
  );
  const lifecycle = createAuthorizedPaymentLifecycle({ enqueueWebhook });
  stage.callListeners[AUTHORIZED_PAYMENT] = lifecycle.onCall;
  const partner = await api.partner();
  const payer = await fundedWallet(chain, 10n ** 9n);
  await stage.mine();

  const followEnds = async (database: Database = stage.database) => {
    await confirmCalls({ database, chainId, callListeners: stage.callListeners });
    await followAuthorizedPayments({ database, chainId, lifecycle });
  };
  const follow = async (database: Database = stage.database) => {
    await stage.follow();
    await followEnds(database);
  };
  const authorized = {
    ...stage,
    api,
    node,
    partner,
    /** A wallet with 1,000.00 USD and no ETH. */
    payer,
    follow,
    /** What follows when the ledger has posted. */
    followEnds,
    /** Hands an authorisation in. */
    post: (signed: SignedAuthorization, by: TestPartner = partner) =>
      by.call('POST', '/v1/authorized-payments', requestOf(signed)),
    /** Signs and hands in; gives the payment's id and what was signed. */
    accepted: async (over: Partial<SignedAuthorization> = {}, wallet: LocalAccount = payer) => {
      const signed = await authorization(chain, wallet, over);
      const { status, body } = await authorized.post(signed);
      if (status !== 201) throw new Error(`${status}: ${JSON.stringify(body)}`);
      return { id: body.id as string, signed };
    },
    get: async (id: string, by: TestPartner = partner) =>
      (await by.call('GET', `/v1/authorized-payments/${id}`)).body,
    /** Everything that a process does for calls, with the blocks that come meanwhile, until they are final. */
    carry: async (database: Database = stage.database) => {
      const lane = createLane({ ...stage.laneParts, database });
      await lane.round();
      await stage.mine();
      await lane.round();
      await stage.mine(FINALITY_DEPTH + 1);
      await follow(database);
      await lane.release();
    },
    webhooksOf: async (id: string) =>
      (
        await stage.database.query<{ type: string }>(
          'select type from settlement.webhook_messages where payment_id = $1 order by id',
          [id],
        )
      ).rows.map(({ type }) => type),
    dueNow: () => stage.database.query('update settlement.calls set attempt_after = now()'),
    /** What the payer's coin is. */
    coin: { address: chain.deployment.stablecoins.USD.address, abi: stablecoinAbi } as const,
    async stop() {
      await api.stop();
      await node[Symbol.asyncDispose]();
      await stage.stop();
    },
  };
  return authorized;
}
