import { expect } from 'chai';
import { Webhook } from 'standardwebhooks';
import { startTestChain, type TestChain } from '../../support/chain.ts';
import { outcome, type Sandboxing, startTestSandbox, WEBHOOK_SECRET } from './sandboxing.ts';

const settled = JSON.stringify({
  type: 'payment.settled',
  timestamp: '2026-11-21T11:00:00Z',
  data: { id: 'pay_1', status: 'settled' },
});

describe('sandbox: webhooks', () => {
  let chain: TestChain;
  let sandbox: Sandboxing;

  before(async () => {
    chain = await startTestChain();
  });
  after(() => chain?.stop());
  beforeEach(async () => {
    sandbox = await startTestSandbox(chain, 'http://127.0.0.1:9');
    await sandbox.writePartnerFile();
  });
  afterEach(() => sandbox?.[Symbol.asyncDispose]());

  interface Message {
    id?: string;
    body?: string;
    at?: Date;
    secret?: string;
  }

  function headersOf({ id = 'msg_1', body = settled, at = new Date(), secret = WEBHOOK_SECRET }: Message) {
    return {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
      'webhook-signature': new Webhook(secret).sign(id, at, body),
    };
  }

  const post = (headers: Record<string, string>, body = settled) =>
    fetch(`${sandbox.url}/webhooks`, { method: 'POST', headers, body });
  const send = (message: Message = {}) => post(headersOf(message), message.body);
  const inbox = async (query = '') =>
    (await (await fetch(`${sandbox.url}/webhooks${query}`)).json()) as {
      webhooks: { id: string; type: string; attempts: number; data: unknown }[];
      refused: number;
    };
  const secondsAgo = (seconds: number) => new Date(Date.now() - seconds * 1_000);

  it('keeps a message whose signature is right', async () => {
    expect((await send()).status).to.equal(200);
    const { webhooks, refused } = await inbox();
    expect(refused).to.equal(0);
    expect(webhooks).to.have.length(1);
    expect(webhooks[0]).to.include({ id: 'msg_1', type: 'payment.settled', attempts: 1 });
    expect(webhooks[0]?.data).to.deep.equal({ id: 'pay_1', status: 'settled' });
  });

  it('lists the newest first, those of one payment, and no more than asked for', async () => {
    await send({ id: 'msg_1' });
    await send({ id: 'msg_2', body: settled.replace('pay_1', 'pay_2') });
    expect((await inbox()).webhooks.map(({ id }) => id)).to.deep.equal(['msg_2', 'msg_1']);
    expect((await inbox('?limit=1')).webhooks.map(({ id }) => id)).to.deep.equal(['msg_2']);
    expect((await inbox('?paymentId=pay_1')).webhooks.map(({ id }) => id)).to.deep.equal(['msg_1']);
  });

  it('acknowledges a retry of the same message, and keeps it once', async () => {
    await send({ at: secondsAgo(60) });
    expect((await send()).status).to.equal(200);
    expect((await inbox()).webhooks.map(({ attempts }) => attempts)).to.deep.equal([2]);
  });

  it('accepts the signature of either secret while one is rotated', async () => {
    const headers = headersOf({});
    const other = new Webhook(`whsec_${Buffer.from('another').toString('base64')}`);
    const signatures = `${other.sign('msg_1', new Date(), settled)} ${headers['webhook-signature']}`;
    expect((await post({ ...headers, 'webhook-signature': signatures })).status).to.equal(200);
  });

  it('refuses the very same bytes again as a replay', async () => {
    const headers = headersOf({});
    await post(headers);
    expect(await outcome(await post(headers))).to.deep.equal({ status: 409, code: 'webhook_replayed' });
    expect(await inbox()).to.nested.include({ refused: 1, 'webhooks.length': 1 });
  });

  it('refuses an id that comes back with another body', async () => {
    await send();
    const body = settled.replace('settled"', 'failed"');
    expect(await outcome(await send({ body }))).to.deep.equal({ status: 409, code: 'webhook_replayed' });
  });

  for (const [what, message] of [
    ['another secret', () => ({ secret: `whsec_${Buffer.from('another').toString('base64')}` })],
    ['a time more than five minutes ago', () => ({ at: secondsAgo(301) })],
    ['a time more than five minutes ahead', () => ({ at: secondsAgo(-400) })],
  ] as const) {
    it(`refuses ${what}`, async () => {
      expect(await outcome(await send(message()))).to.deep.equal({
        status: 401,
        code: 'webhook_signature_invalid',
      });
      expect((await inbox()).webhooks).to.have.length(0);
    });
  }

  it('refuses a body that was changed on the way, even by a space', async () => {
    const answer = await post(headersOf({}), `${settled} `);
    expect(await outcome(answer)).to.deep.equal({ status: 401, code: 'webhook_signature_invalid' });
  });

  it('refuses a message without signature headers', async () => {
    const answer = await post({ 'content-type': 'application/json' });
    expect(await outcome(answer)).to.deep.equal({ status: 401, code: 'webhook_signature_invalid' });
  });

  it('refuses a signed message that is no event', async () => {
    const answer = await send({ body: '[]' });
    expect(await outcome(answer)).to.deep.equal({ status: 400, code: 'webhook_malformed' });
  });

  it('asks to come again while it does not know the secret, and takes it from the file when it is there', async () => {
    await sandbox.writePartnerFile({ webhookSecret: undefined });
    expect(await outcome(await send())).to.deep.equal({ status: 503, code: 'webhook_secret_missing' });
    await sandbox.writePartnerFile();
    expect((await send()).status).to.equal(200);
  });
});
