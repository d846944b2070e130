import { expect } from 'chai';
import { withTransaction } from '../../../../services/platform/database.ts';
import { Registry } from '../../../../services/platform/metrics.ts';
import type { SettlementConfig } from '../../../../services/settlement/config.ts';
import type { Stoppable } from '../../../../services/settlement/context.ts';
import {
  enqueueWebhook,
  type WebhookMessage,
} from '../../../../services/settlement/domains/webhooks/outbox.ts';
import { claimDeliveries, recordAttempt } from '../../../../services/settlement/domains/webhooks/queue.ts';
import { startWebhookWorker } from '../../../../services/settlement/domains/webhooks/worker.ts';
import { type SettlementApi, startSettlementApi, type TestPartner } from '../../../support/settlementApi.ts';
import { until } from '../../../support/until.ts';
import { startWebhookReceiver } from '../../../support/webhookReceiver.ts';

const LIMITS = { count: 100, perEndpoint: 8, perPartner: 16, leaseSeconds: 30 };

describe('settlement: webhooks', () => {
  let api: SettlementApi;
  let partner: TestPartner;
  let receiver: Awaited<ReturnType<typeof startWebhookReceiver>>;
  let secret: string;
  let endpointId: string;
  let worker: Stoppable | undefined;

  before(async () => {
    api = await startSettlementApi({
      WEBHOOK_ALLOW_PRIVATE: 'true',
      WEBHOOK_RETRY_SECONDS: '0.05,0.05,0.05',
    });
  });
  after(() => api?.stop());
  beforeEach(async () => {
    partner = await api.partner();
    receiver = await startWebhookReceiver();
    const { status, body } = await partner.call('POST', '/v1/webhook-endpoints', { url: receiver.url });
    expect(status).to.equal(201);
    secret = body.secret;
    endpointId = body.id;
  });
  afterEach(async () => {
    await worker?.stop();
    worker = undefined;
    await receiver?.stop();
    await api.database.query('delete from settlement.webhook_attempts');
    await api.database.query('delete from settlement.webhook_deliveries');
  });

  const start = (change: Partial<SettlementConfig> = {}) => {
    const config = { ...api.context.config, ...change };
    worker = startWebhookWorker({ ...api.context, config, metrics: new Registry() });
  };
  const message = (change: Partial<WebhookMessage> = {}): WebhookMessage => ({
    partnerId: partner.id,
    type: 'payment.settled',
    data: { id: 'pay_1', note: 'Zürich 供应商' },
    ...change,
  });
  const enqueue = (...messages: WebhookMessage[]) =>
    withTransaction(api.database, (tx) => enqueueWebhook(tx, messages));
  const deliveries = async (query = '') =>
    (await partner.call('GET', `/v1/webhook-deliveries${query}`)).body.items;
  const insertPayment = async (): Promise<string> => {
    const { rows } = await api.database.query(
      `insert into settlement.payments (partner_id, end_to_end_id, debtor_account, currency, amount_value,
         creditor_name, creditor_scheme, creditor_identification, requested_execution_date, state)
       values ($1, 'E2E-1', 'acc_1', 'USD', '1.00', 'Name', 'IBAN', 'DE89370400440532013000', now(), 'received')
       returning id`,
      [partner.id],
    );
    return rows[0].id;
  };
  const delivered = (count: number) =>
    until(`${count} deliveries`, async () => (await deliveries('?state=delivered')).length === count);

  it('sends what was committed, signed by the Standard Webhooks specification', async () => {
    start();
    await enqueue(message());
    await delivered(1);
    const [webhook] = receiver.received;
    if (!webhook) throw new Error('nothing came');
    expect(webhook.headers['content-type']).to.equal('application/json');
    expect(webhook.headers['webhook-id']).to.match(/^msg_/);
    const opened = receiver.open(webhook, secret) as { type: string; timestamp: string; data: object };
    expect(opened).to.deep.include({ type: 'payment.settled', data: message().data });
    expect(Date.parse(opened.timestamp)).to.be.closeTo(Date.now(), 60_000);
    expect(() =>
      receiver.open({ ...webhook, body: webhook.body.replace('pay_1', 'pay_2') }, secret),
    ).to.throw();
    const late = new Date(webhook.arrivedAt.getTime() + 400_000);
    expect(() => receiver.open({ ...webhook, arrivedAt: late }, secret)).to.throw();
    expect(receiver.received).to.have.length(1);
  });

  it('sends nothing of a transaction that was rolled back', async () => {
    start();
    await withTransaction(api.database, async (tx) => {
      await enqueueWebhook(tx, [message({ data: 'undone' })]);
      throw new Error('undo');
    }).catch(() => undefined);
    await enqueue(message({ data: 'done' }));
    await delivered(1);
    expect(receiver.received.map(({ body }) => JSON.parse(body).data)).to.deep.equal(['done']);
  });

  it('sends to every endpoint of the partner, and to nobody else', async () => {
    const stranger = await api.partner();
    const second = await startWebhookReceiver();
    await stranger.call('POST', '/v1/webhook-endpoints', { url: receiver.url });
    await partner.call('POST', '/v1/webhook-endpoints', { url: second.url });
    start();
    await enqueue(message(), message({ type: 'payment.failed' }));
    await delivered(4);
    expect([receiver.received.length, second.received.length]).to.deep.equal([2, 2]);
    await second.stop();
  });

  it('tries again when the receiver fails, with the same id and body, until it answers 2xx', async () => {
    receiver.answer = (_request, response, nth) => {
      response.writeHead(nth < 3 ? 500 : 200).end('body');
    };
    start();
    await enqueue(message());
    await delivered(1);
    expect(
      new Set(receiver.received.map(({ headers, body }) => headers['webhook-id'] + body)),
    ).to.have.length(1);
    const [delivery] = await deliveries();
    expect(delivery).to.deep.include({ attempts: 3, lastStatus: 200, lastError: null });
    const { log, body } = (await partner.call('GET', `/v1/webhook-deliveries/${delivery.id}`)).body;
    expect(log.map(({ status }: { status: number }) => status)).to.deep.equal([500, 500, 200]);
    expect(body).to.equal(receiver.received[0]?.body);
  });

  it('gives up when the schedule is over; resend starts it anew, also for one that was delivered', async () => {
    receiver.answer = (_request, response, nth) => {
      response.writeHead(nth <= 4 ? 503 : 200).end();
    };
    start();
    await enqueue(message());
    const [exhausted] = await until('exhaustion', async () => {
      const found = await deliveries('?state=exhausted');
      return found.length > 0 && found;
    });
    expect(exhausted).to.deep.include({ attempts: 4, lastStatus: 503, nextAttemptAt: null });
    expect((await partner.call('POST', `/v1/webhook-deliveries/${exhausted.id}/resend`)).status).to.equal(
      202,
    );
    await delivered(1);
    await partner.call('POST', `/v1/webhook-deliveries/${exhausted.id}/resend`);
    await until('the sixth attempt', () => receiver.received.length === 6);
    await delivered(1);
    const other = await api.partner();
    expect((await other.call('POST', `/v1/webhook-deliveries/${exhausted.id}/resend`)).status).to.equal(404);
  });

  it('does not follow a redirect', async () => {
    const inside = await startWebhookReceiver();
    receiver.answer = (_request, response) => {
      response.writeHead(307, { location: inside.url }).end();
    };
    start();
    await enqueue(message());
    await until('exhaustion', async () => (await deliveries('?state=exhausted')).length === 1);
    expect(inside.received).to.have.length(0);
    const [delivery] = await deliveries();
    expect(delivery).to.deep.include({ lastStatus: 307 });
    await inside.stop();
  });

  it('lets no slow receiver hold up the others', async () => {
    const slow = await startWebhookReceiver();
    slow.answer = () => undefined;
    await partner.call('POST', '/v1/webhook-endpoints', { url: slow.url });
    start({ WEBHOOK_TIMEOUT_MS: 60_000 });
    await enqueue(...Array.from({ length: 20 }, (_, data) => message({ data })));
    await until('20 fast ones', () => receiver.received.length === 20);
    expect(slow.received.length, 'at most 8 at a time').to.be.at.most(8);
    await slow.stop();
  });

  it('ends an attempt by time', async () => {
    receiver.answer = () => undefined;
    start({ WEBHOOK_TIMEOUT_MS: 500 });
    await enqueue(message());
    const error = await until('a time-out', async (): Promise<string | undefined> => {
      const { rows } = await api.database.query(
        `select error from settlement.webhook_attempts where error like 'No answer%'`,
      );
      return rows[0]?.error;
    });
    expect(error).to.equal('No answer within 500 ms.');
  });

  it('lets no partner hold up another one, however many slow endpoints it has', async () => {
    const slow = await startWebhookReceiver();
    slow.answer = () => undefined;
    const crowd = await api.partner();
    for (let n = 0; n < 20; n++)
      await crowd.call('POST', '/v1/webhook-endpoints', { url: `${slow.url}/${n}` });
    await enqueue(...Array.from({ length: 10 }, (_, data) => message({ partnerId: crowd.id, data })));
    start({ WEBHOOK_TIMEOUT_MS: 60_000 });
    await until('16 under way', () => slow.received.length >= 16);
    await enqueue(message());
    await until('the delivery to the other partner', () => receiver.received.length === 1);
    await delivered(1);
    expect(slow.received, 'all of them still under way').to.have.length(16);
    await slow.stop();
  });

  it('gives each partner, and each endpoint of it, its share of a claim', async () => {
    const second = await partner.call('POST', '/v1/webhook-endpoints', { url: receiver.url });
    await enqueue(...Array.from({ length: 10 }, () => message()));
    const stranger = await api.partner();
    await stranger.call('POST', '/v1/webhook-endpoints', { url: receiver.url });
    await enqueue(...Array.from({ length: 10 }, () => message({ partnerId: stranger.id })));
    const claimed = await claimDeliveries(api.database, { ...LIMITS, count: 8 });
    const { rows } = await api.database.query(
      `select endpoint_id, count(*)::int from settlement.webhook_deliveries where id = any($1) group by 1`,
      [claimed.map(({ id }) => id)],
    );
    const share = new Map(rows.map((row) => [row.endpoint_id, row.count]));
    expect([share.get(endpointId), share.get(second.body.id), claimed.length]).to.deep.equal([2, 2, 8]);
  });

  it('counts what is under way to a deleted endpoint', async () => {
    await enqueue(...Array.from({ length: 8 }, () => message()));
    expect(await claimDeliveries(api.database, LIMITS)).to.have.length(8);
    await partner.call('DELETE', `/v1/webhook-endpoints/${endpointId}`);
    for (let n = 0; n < 3; n++) await partner.call('POST', '/v1/webhook-endpoints', { url: receiver.url });
    await enqueue(...Array.from({ length: 8 }, () => message()));
    expect(await claimDeliveries(api.database, LIMITS), 'of 16 for the partner').to.have.length(8);
  });

  it('answers 404 for an id that is none, and refuses it in a query', async () => {
    for (const id of ['%00', 'whe_1', 'x'.repeat(2_000)]) {
      const answers = [
        await partner.call('DELETE', `/v1/webhook-endpoints/${id}`),
        await partner.call('POST', `/v1/webhook-endpoints/${id}/rotate-secret`),
        await partner.call('GET', `/v1/webhook-deliveries/${id}`),
        await partner.call('POST', `/v1/webhook-deliveries/${id}/resend`),
      ];
      expect(answers.map(({ status }) => status)).to.deep.equal([404, 404, 404, 404]);
    }
    for (const query of ['endpointId=%00', 'paymentId=a%00', 'paymentId=pay_1'])
      expect((await partner.call('GET', `/v1/webhook-deliveries?${query}`)).status, query).to.equal(400);
  });

  it('stops at an endless answer', async () => {
    receiver.answer = (_request, response) => {
      response.writeHead(200);
      const more = () => {
        while (response.write('x'.repeat(65_536)));
        response.once('drain', more);
      };
      more();
    };
    const closed = new Promise<void>((resolve) => {
      const { answer } = receiver;
      receiver.answer = (request, response, nth) => {
        response.once('close', resolve);
        answer(request, response, nth);
      };
    });
    start();
    await enqueue(message());
    await delivered(1);
    await closed;
  });

  it('keeps the order of the messages of one payment', async () => {
    const paymentId = await insertPayment();
    const types = ['payment.accepted', 'payment.processing', 'payment.settled'] as const;
    await enqueue(...types.map((type) => message({ type, paymentId })));
    receiver.answer = (_request, response, nth) => {
      setTimeout(() => response.writeHead(204).end(), nth === 1 ? 100 : 0);
    };
    start();
    await delivered(3);
    expect(receiver.received.map(({ body }) => JSON.parse(body).type)).to.deep.equal(types);
  });

  it('signs with the previous secret too after a rotation', async () => {
    const rotated = await partner.call('POST', `/v1/webhook-endpoints/${endpointId}/rotate-secret`);
    expect(rotated.body.secret).to.not.equal(secret);
    start();
    await enqueue(message());
    await delivered(1);
    for (const good of [secret, rotated.body.secret]) receiver.open(receiver.received[0] as never, good);
    await api.database.query('update settlement.webhook_endpoints set previous_secret_until = now()');
    await enqueue(message());
    await delivered(2);
    expect(() => receiver.open(receiver.received[1] as never, secret)).to.throw();
  });

  it('sends nothing more to an endpoint that was deleted, and never shows a secret again', async () => {
    await enqueue(message());
    expect((await partner.call('DELETE', `/v1/webhook-endpoints/${endpointId}`)).status).to.equal(204);
    start();
    await enqueue(message());
    const [delivery] = await deliveries();
    expect(delivery).to.deep.include({ state: 'exhausted', lastError: 'The endpoint was deleted.' });
    expect(await claimDeliveries(api.database, LIMITS)).to.have.length(0);
    const resend = await partner.call('POST', `/v1/webhook-deliveries/${delivery.id}/resend`);
    expect(resend.body.code).to.equal('webhook_endpoint_not_found');
    await partner.call('POST', '/v1/webhook-endpoints', { url: receiver.url });
    const list = await partner.call('GET', '/v1/webhook-endpoints');
    expect(JSON.stringify(list.body)).to.not.include('whsec_');
  });

  describe('leases', () => {
    it('are given once, also when two workers ask at the same time', async () => {
      await enqueue(...Array.from({ length: 6 }, () => message()));
      const claims = (
        await Promise.all([claimDeliveries(api.database, LIMITS), claimDeliveries(api.database, LIMITS)])
      ).flat();
      expect(new Set(claims.map(({ id }) => id))).to.have.length(claims.length);
      expect(claims).to.have.length(6);
    });

    it('fence a worker that comes back after its lease: the other one decides', async () => {
      await enqueue(message());
      const [late] = await claimDeliveries(api.database, { ...LIMITS, leaseSeconds: 0 });
      const [current] = await claimDeliveries(api.database, LIMITS);
      if (!late || !current) throw new Error('nothing was claimed');
      expect(current.id).to.equal(late.id);
      const failed = { delivered: false, status: 500, error: 'late', durationMs: 1 };
      await recordAttempt(api.database, late, failed, undefined);
      expect((await deliveries())[0]).to.deep.include({ state: 'pending', attempts: 0 });
      await recordAttempt(
        api.database,
        current,
        { ...failed, delivered: true, status: 200, error: null },
        undefined,
      );
      expect((await deliveries())[0]).to.deep.include({ state: 'delivered', attempts: 1 });
    });

    it('of a worker that was stopped in the middle end, and the message comes again', async () => {
      receiver.answer = () => undefined;
      start();
      await enqueue(message());
      await until('the first attempt', () => receiver.received.length === 1);
      await worker?.stop();
      expect((await deliveries())[0]).to.deep.include({ state: 'pending', attempts: 0 });
      receiver.answer = (_request, response) => {
        response.writeHead(204).end();
      };
      await api.database.query('update settlement.webhook_deliveries set lease_until = now()');
      start();
      await delivered(1);
      expect(receiver.received).to.have.length(2);
    });
  });
});
