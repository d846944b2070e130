/**
 * The main job under SIGKILL: the settlement process is killed at ten moments, each in a payment file of its own, and
 * started again. Nothing may be lost or happen twice, on the chain, in the ledger, or in what the partner is told.
 */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { type Address, getAddress, maxUint96 } from 'viem';
import { mineByInterval } from '../../../scripts/chain.ts';
import { localAccounts } from '../../../scripts/deploy/local.ts';
import { freePort } from '../../../scripts/free-port.ts';
import { PartnerClient } from '../../../scripts/start/partner-client.ts';
import { paymentRouterAbi } from '../../../services/core/abi/paymentRouter.ts';
import { stablecoinAbi } from '../../../services/core/abi/stablecoin.ts';
import type { CorridorCurrency } from '../../../services/core/currency.ts';
import { createChainClient } from '../../../services/platform/chain.ts';
import { type Database, openDatabase } from '../../../services/platform/database.ts';
import { openAccount } from '../../../services/settlement/domains/accounts/service.ts';
import { openLedgerAccounts, postTransfers } from '../../../services/settlement/domains/ledger/postings.ts';
import { registerPartner } from '../../../services/settlement/domains/partners/service.ts';
import { startTestChain, type TestChain } from '../../support/chain.ts';
import { type NodeProxy, startNodeProxy } from '../../support/nodeProxy.ts';
import { createTestDatabase } from '../../support/postgres.ts';
import { ServiceProcess } from '../../support/serviceProcess.ts';
import { newCredential } from '../../support/settlementApi.ts';
import { until } from '../../support/until.ts';
import { startWebhookReceiver } from '../../support/webhookReceiver.ts';

const BLOCK_INTERVAL_MS = 250;
const CURRENCIES: CorridorCurrency[] = ['USD', 'EUR'];
const ROUND_LIMIT_MS = 60_000;
/** What becomes of the 36 payments of the example file. */
const OUTCOME = { posted: 32, returned: 1, rejected: 3 };

describe('settlement: SIGKILL at any moment of the main job', function () {
  this.timeout(ROUND_LIMIT_MS * 2);
  let chain: TestChain;
  let proxy: NodeProxy;
  let database: Database;
  let databaseUrl: string;
  let indexer: ServiceProcess;
  let settlement: ServiceProcess;
  let receiver: Awaited<ReturnType<typeof startWebhookReceiver>>;
  let webhookSecret: string;
  let client: PartnerClient;
  let batches = 0;

  before(async () => {
    chain = await startTestChain();
    await raiseLimits(chain);
    await mineByInterval(chain.rpcUrl, BLOCK_INTERVAL_MS);
    proxy = await startNodeProxy(chain.rpcUrl);
    databaseUrl = await createTestDatabase();
    database = openDatabase(databaseUrl, 'kill test', 4);
    receiver = await startWebhookReceiver();
    const shared = { DATABASE_URL: databaseUrl, DEPLOYMENT_FILE: chain.deploymentFile, LOG_LEVEL: 'warn' };
    const settlementPort = await freePort();
    indexer = new ServiceProcess('indexer', {
      ...shared,
      RPC_URL: chain.rpcUrl,
      INDEXER_PORT: String(await freePort()),
    });
    settlement = new ServiceProcess('settlement', {
      ...shared,
      RPC_URL: proxy.rpcUrl,
      SETTLEMENT_PORT: String(settlementPort),
      WEBHOOK_ALLOW_PRIVATE: 'true',
      WEBHOOK_TIMEOUT_MS: '1000',
      WEBHOOK_RETRY_SECONDS: '0.2,0.2,0.5,1,1,1,1',
    });
    await indexer.start();
    await settlement.start();

    const { credential, publicKeyPem } = newCredential('ed25519');
    const partner = await registerPartner(database, { name: 'Kill test', ...credential, publicKeyPem });
    const parts = {
      database,
      chain: createChainClient(chain.rpcUrl),
      deployment: chain.deployment,
      ledger: { openLedgerAccounts, postTransfers },
    };
    const payer = treasuryOf(chain);
    for (const currency of CURRENCIES) await openAccount(parts, { partnerId: partner.id, currency, payer });
    client = new PartnerClient(`http://127.0.0.1:${settlementPort}`, credential);
    const endpoint = await client.post<{ secret: string }>('/v1/webhook-endpoints', { url: receiver.url });
    webhookSecret = endpoint.secret;
    for (const beneficiary of JSON.parse(readFileSync('examples/beneficiaries.json', 'utf8')))
      await client.post('/v1/beneficiaries', beneficiary);
    await until('the treasury to be funded', async () => {
      const { rows } = await database.query(
        `select from settlement.ledger_accounts where kind = 'funds' and balance > 0`,
      );
      return rows.length === CURRENCIES.length;
    });
  });

  after(async () => {
    await settlement?.stop();
    await indexer?.stop();
    await proxy?.[Symbol.asyncDispose]();
    await receiver?.stop();
    await database?.end();
    await chain?.stop();
  });

  /** A moment of the main job: resolves when it has come. `answered` is when the file has been taken. */
  type Moment = (batch: { id: () => string | undefined; answered: Promise<unknown> }) => Promise<unknown>;
  const inState =
    (states: string[], count = 1): Moment =>
    async ({ id, answered }) => {
      await answered;
      await until(`${count} payment(s) in ${states.join()}`, async () => {
        const { rows } = await database.query(
          'select from settlement.current_payments where payment_batch_id = $1 and state = any($2) limit $3',
          [id(), states, count],
        );
        return rows.length === count;
      });
    };
  const atSending =
    (reachesNode: boolean): Moment =>
    () =>
      new Promise((resolve) => {
        const isOurs = ({ method }: { method: string }) => method === 'eth_sendRawTransaction';
        if (reachesNode)
          proxy.distort((call, result) => {
            if (isOurs(call)) resolve(undefined);
            return isOurs(call) ? new Promise(() => undefined) : result;
          });
        else
          proxy.intercept((call) => {
            if (isOurs(call)) resolve(undefined);
            return isOurs(call) ? new Promise(() => undefined) : undefined;
          });
      });
  /** Whoever looks late finds a payment in a later one. */
  const onTheWay = ['batched', 'signed', 'broadcast', 'included', 'final', 'posted'];
  const moments: Record<string, Moment> = {
    'while the file is being taken': () => new Promise((resolve) => setImmediate(resolve)),
    'right after the file was answered': ({ answered }) => answered,
    'when payments are batched': inState(onTheWay),
    'when a transaction is signed and stored, and the node has not got it': atSending(false),
    'when the node took a transaction and its answer never comes': atSending(true),
    'when payments are broadcast': inState(onTheWay.slice(onTheWay.indexOf('broadcast'))),
    'when payments are included in a block': inState(onTheWay.slice(onTheWay.indexOf('included'))),
    'when the first payments are posted': inState(['posted']),
    'when the frozen recipient returned a payment': inState(['returned']),
    'when every payment has ended and webhooks are under way': inState(['posted'], OUTCOME.posted),
  };

  for (const [name, moment] of Object.entries(moments))
    it(`loses and duplicates nothing when killed ${name}`, async () => {
      const before = await takeStock();
      const file = exampleFile(++batches);
      const idempotencyKey = randomUUID();
      const send = async () => {
        const options = { body: file, contentType: 'application/xml', idempotencyKey };
        return (await (await client.request('POST', '/v1/payment-batches', options)).json()) as {
          id: string;
        };
      };
      let id: string | undefined;
      const answered = send().then((batch) => {
        id = batch.id;
      });
      const lostAnswer = answered.catch((error: unknown) => error); // the kill may cut the connection
      await moment({ id: () => id, answered });
      await settlement.kill();
      proxy.distort((_, result) => result);
      proxy.intercept(() => undefined);
      await lostAnswer;
      await settlement.start();
      const batch = await send(); // a partner without an answer repeats its request
      if (id !== undefined) expect(batch.id).to.equal(id);

      await until(
        'every payment to end and every webhook to be delivered',
        async () => {
          const { rows } = await database.query(
            `select count(*) filter (where state in ('posted', 'rejected', 'returned')) as ended,
                    (select count(*) from settlement.webhook_deliveries where state <> 'delivered') as waiting
               from settlement.current_payments where payment_batch_id = $1`,
            [batch.id],
          );
          return rows[0].ended === 36n && rows[0].waiting === 0n;
        },
        ROUND_LIMIT_MS,
      );
      await checkOutcome(batch.id);
      await checkChain(before, await takeStock());
      await checkBooks();
      await checkWebhooks(batch.id);
    });

  it('has taken each file once', async () => {
    const { rows } = await database.query(
      'select count(*) as count, count(distinct message_id) as files from settlement.payment_batches',
    );
    expect(rows[0]).to.deep.equal({ count: BigInt(batches), files: BigInt(batches) });
    expect(Object.keys(moments)).to.have.length(10);
  });

  async function checkOutcome(batchId: string) {
    const { rows } = await database.query<{ state: keyof typeof OUTCOME; count: bigint }>(
      'select state, count(*) as count from settlement.current_payments where payment_batch_id = $1 group by state',
      [batchId],
    );
    expect(Object.fromEntries(rows.map(({ state, count }) => [state, Number(count)]))).to.deep.equal(OUTCOME);
  }

  /** Money of every currency with every party, by the contracts themselves. */
  async function takeStock(): Promise<Record<string, bigint>> {
    const stock: Record<string, bigint> = {};
    const { rows } = await database.query<{ recipient: Address }>(
      'select distinct recipient from settlement.payments where recipient is not null',
    );
    const parties = [treasuryOf(chain).toLowerCase() as Address, ...rows.map(({ recipient }) => recipient)];
    for (const currency of CURRENCIES)
      for (const party of parties) {
        const token = chain.deployment.stablecoins[currency].address;
        stock[`${currency} ${party}`] = await chain.client.readContract({
          address: token,
          abi: stablecoinAbi,
          functionName: 'balanceOf',
          args: [party],
        });
      }
    return stock;
  }

  /** Each party has just what the settled payments of this file say it should have more or less. */
  async function checkChain(before: Record<string, bigint>, after: Record<string, bigint>) {
    const { rows } = await database.query<{ currency: string; recipient: string; units: bigint }>(
      `select p.currency, p.recipient, p.units from settlement.current_payments p join settlement.payment_batches b on b.id = p.payment_batch_id
        where p.state = 'posted' and b.id = (select id from settlement.payment_batches order by created_at desc limit 1)`,
    );
    const expected: Record<string, bigint> = {};
    const add = (key: string, units: bigint) => {
      expected[key] = (expected[key] ?? 0n) + units;
    };
    for (const { currency, recipient, units } of rows) {
      add(`${currency} ${recipient}`, units);
      add(`${currency} ${treasuryOf(chain).toLowerCase()}`, -units);
    }
    // In the first round the recipients' wallets are not known before; they start from nothing.
    const change = (key: string) => (after[key] ?? 0n) - (before[key] ?? 0n);
    for (const key of Object.keys(after)) expect(change(key), key).to.equal(expected[key] ?? 0n);
  }

  /** Ledger equals chain; nothing is held; each sequence once; no gap between lane and chain. */
  async function checkBooks() {
    const { rows: accounts } = await database.query<{
      token: Address;
      payer: Address;
      chain: bigint;
      held: bigint;
      funds: bigint;
    }>(
      `select a.token, a.payer, -c.balance as chain, f.held, f.balance as funds from settlement.accounts a
         join settlement.ledger_accounts c on c.account_id = a.id and c.kind = 'chain'
         join settlement.ledger_accounts f on f.account_id = a.id and f.kind = 'funds'`,
    );
    for (const { token, payer, chain: ledger, held, funds } of accounts) {
      const balance = await chain.client.readContract({
        address: token,
        abi: stablecoinAbi,
        functionName: 'balanceOf',
        args: [getAddress(payer)],
      });
      expect(ledger).to.equal(balance);
      expect(funds).to.equal(balance);
      expect(held).to.equal(0n);
    }
    const { rows: sequences } = await database.query(
      `select count(*) as count, count(distinct sequence) as sequences, max(sequence) + 1 as next,
              (select next_sequence from settlement.payers) as given from indexer.payments`,
    );
    const { count, sequences: distinct, next, given } = sequences[0];
    expect(count).to.equal(distinct);
    expect(next).to.equal(given);
    expect(count).to.equal(given);
    const { rows: lanes } = await database.query<{ next_nonce: bigint; signer: Address }>(
      'select next_nonce, signer from settlement.lanes',
    );
    for (const { next_nonce, signer } of lanes)
      expect(await chain.client.getTransactionCount({ address: getAddress(signer) })).to.equal(
        Number(next_nonce),
      );
    await until('a reconciliation without breaks', async () => {
      const found = await client.get<{ latest: { breaks: number } | null; breaks: unknown[] }>(
        '/v1/reconciliation',
      );
      expect(found.breaks).to.deep.equal([]);
      return found.latest;
    });
  }

  /** The partner was told each thing that happened to each payment, once by message id, at least once by delivery. */
  async function checkWebhooks(batchId: string) {
    const { rows } = await database.query<{ id: string; type: string; payment_id: string }>(
      `select m.id, m.type, m.payment_id from settlement.webhook_messages m
         join settlement.payments p on p.id = m.payment_id where p.payment_batch_id = $1`,
      [batchId],
    );
    for (const webhook of receiver.received) receiver.open(webhook, webhookSecret); // throws at a forged one
    const arrived = new Set(receiver.received.map(({ headers }) => headers['webhook-id']));
    const missing = rows.filter(({ id }) => !arrived.has(id));
    expect(missing, 'messages that never arrived').to.deep.equal([]);
    const said = rows.map(({ type, payment_id }) => `${type} ${payment_id}`);
    expect(new Set(said).size, 'a message a state').to.equal(said.length);
    const count = (type: string) => rows.filter((row) => row.type === type).length;
    expect(count('payment.settled')).to.equal(OUTCOME.posted);
    expect(count('payment.returned')).to.equal(OUTCOME.returned);
    expect(count('payment.failed')).to.equal(OUTCOME.rejected);
  }
});

function treasuryOf(chain: TestChain): Address {
  return chain.accounts[localAccounts.treasury] as Address;
}

/** Ten files are more than the treasury of `npm start` holds and its operator may move in a day. */
async function raiseLimits(chain: TestChain): Promise<void> {
  const treasury = treasuryOf(chain);
  const operator = chain.accounts[localAccounts.operator] as Address;
  for (const currency of CURRENCIES) {
    const token = chain.deployment.stablecoins[currency].address;
    await chain.wallet(localAccounts.minter).writeContract({
      address: token,
      abi: stablecoinAbi,
      functionName: 'mint',
      args: [treasury, 9_000_000_000_000n],
    });
    await chain.wallet(localAccounts.treasury).writeContract({
      address: chain.deployment.paymentRouter,
      abi: paymentRouterAbi,
      functionName: 'authorizeOperator',
      args: [operator, token, maxUint96, 86_400],
    });
  }
}

/** The example file as the n-th of its kind: with ids of its own. */
function exampleFile(number: number): string {
  const example = readFileSync('examples/supplier-payments.xml', 'utf8');
  const own = (id: string) => `${number}-${id}`.slice(0, 35);
  return example
    .replace(/<MsgId>([^<]+)</, (_, id: string) => `<MsgId>${own(id)}<`)
    .replace(/<EndToEndId>([^<]+)</g, (_, id: string) => `<EndToEndId>${own(id)}<`);
}
