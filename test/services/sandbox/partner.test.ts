import { createPublicKey, verify } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type Server } from 'node:http';
import { expect } from 'chai';
import { httpbis } from 'http-message-signatures';
import { startTestChain, type TestChain } from '../../support/chain.ts';
import { outcome, type Sandboxing, startTestSandbox, WEB_ORIGIN } from './sandboxing.ts';

describe('sandbox: back office of the partner', () => {
  let chain: TestChain;
  let sandbox: Sandboxing;
  let settlement: Server;
  let settlementUrl: string;
  let received: IncomingMessage | undefined;

  before(async () => {
    chain = await startTestChain();
    // Stands for whatever answers at SETTLEMENT_URL: what is looked at is the request that reaches it.
    settlement = createServer((incoming, response) => {
      received = incoming;
      response.writeHead(200, { 'content-type': 'application/xml', 'x-internal': 'no' }).end('<Document/>');
    }).listen(0, '127.0.0.1');
    await once(settlement, 'listening');
    settlementUrl = `http://127.0.0.1:${(settlement.address() as { port: number }).port}`;
    sandbox = await startTestSandbox(chain, settlementUrl);
  });
  after(async () => {
    await sandbox?.[Symbol.asyncDispose]();
    settlement?.close();
    await chain?.stop();
  });
  beforeEach(async () => {
    received = undefined;
    await sandbox.writePartnerFile();
  });

  it('asks the settlement API what it is asked, signed with the key of the partner', async () => {
    const answer = await fetch(`${sandbox.url}/partner/payments?status=settled&limit=5`);
    expect(answer.status).to.equal(200);
    expect(received?.url).to.equal('/v1/payments?status=settled&limit=5');
    const key = createPublicKey(sandbox.publicKeyPem);
    const { method = '', headers } = received as IncomingMessage;
    const verified = await httpbis.verifyMessage(
      {
        keyLookup: async () => ({
          id: 'key-1',
          algs: ['ed25519'],
          verify: async (base, signature) => verify(null, base, key, signature),
        }),
      },
      { method, url: `${settlementUrl}${received?.url}`, headers: headers as Record<string, string> },
    );
    expect(verified).to.equal(true);
  });

  it('hands on a file with its type, and nothing that is internal', async () => {
    const answer = await fetch(`${sandbox.url}/partner/payment-batches/bat_1/pain.002`);
    expect(received?.url).to.equal('/v1/payment-batches/bat_1/pain.002');
    expect(answer.headers.get('content-type')).to.include('application/xml');
    expect(answer.headers.get('x-internal')).to.equal(null);
    expect(await answer.text()).to.equal('<Document/>');
  });

  it('keeps an id that looks like a path in its place', async () => {
    await fetch(`${sandbox.url}/partner/payments/..%2F..%2Fmetrics`);
    expect(received?.url).to.equal('/v1/payments/..%2F..%2Fmetrics');
  });

  it('hands in what a wallet signed, under one key for the same words', async () => {
    const handIn = (body: string) =>
      fetch(`${sandbox.url}/partner/authorized-payments`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      });
    const keys: (string | string[] | undefined)[] = [];
    for (const body of ['{"salt":"1"}', '{"salt":"1"}', '{"salt":"2"}']) {
      expect((await handIn(body)).status).to.equal(200);
      expect([received?.method, received?.url]).to.deep.equal(['POST', '/v1/authorized-payments']);
      keys.push(received?.headers['idempotency-key']);
    }
    expect(keys[0]).to.be.a('string').and.equal(keys[1]);
    expect(keys[2]).to.not.equal(keys[0]);
  });

  it('hands in what parties of an escrow signed, and no order that is the partner’s', async () => {
    const handIn = (body: string) =>
      fetch(`${sandbox.url}/partner/escrows/esc_1/actions?attempt=1`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      });
    expect((await handIn('{"action":"authorize","signature":"0x00"}')).status).to.equal(200);
    expect([received?.method, received?.url]).to.deep.equal(['POST', '/v1/escrows/esc_1/actions?attempt=1']);
    received = undefined;
    for (const body of [
      '{"action":"capture"}',
      '{"action":"rule","payeeBps":0}',
      '{"action":"authorize","way":"account"}',
      '{"action":"authorize","way":"account","signature":"0x00"}',
      '{',
      '',
    ]) {
      expect(await outcome(await handIn(body))).to.deep.equal({ status: 403, code: 'not_signed' });
    }
    expect(received).to.equal(undefined);
  });

  it('moves no money of the partner: it takes only GET', async () => {
    const answer = await fetch(`${sandbox.url}/partner/payments`, { method: 'POST' });
    expect(answer.status).to.equal(404);
    expect(received).to.equal(undefined);
  });

  it('says so while there is no key, and when the settlement API does not answer', async () => {
    await using alone = await startTestSandbox(chain, 'http://127.0.0.1:9');
    expect(await outcome(await fetch(`${alone.url}/partner/accounts`))).to.deep.equal({
      status: 503,
      code: 'partner_key_missing',
    });
    await alone.writePartnerFile();
    expect(await outcome(await fetch(`${alone.url}/partner/accounts`))).to.deep.equal({
      status: 502,
      code: 'settlement_unreachable',
    });
  });

  it('lets the web app read its answers, and no page of another origin', async () => {
    const from = (origin: string) => fetch(`${sandbox.url}/partner/accounts`, { headers: { origin } });
    expect((await from(WEB_ORIGIN)).headers.get('access-control-allow-origin')).to.equal(WEB_ORIGIN);
    expect(await outcome(await from('https://evil.example'))).to.deep.equal({
      status: 403,
      code: 'origin_refused',
    });
  });

  it('answers to loopback names only, against a name that was rebound to this machine', async () => {
    const rebound = request(`${sandbox.url}/partner/accounts`, {
      headers: { host: 'evil.example:8082' },
    }).end();
    const [answer] = (await once(rebound, 'response')) as [IncomingMessage];
    answer.resume();
    expect(answer.statusCode).to.equal(421);
    expect(received).to.equal(undefined);
  });
});
