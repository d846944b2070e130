import { expect } from 'chai';
import { withTransaction } from '../../../../services/platform/database.ts';
import { createEndpoint, listEndpoints } from '../../../../services/settlement/domains/webhooks/endpoints.ts';
import { createSender } from '../../../../services/settlement/domains/webhooks/send.ts';
import { type SettlementApi, startSettlementApi, type TestPartner } from '../../../support/settlementApi.ts';
import { startWebhookReceiver } from '../../../support/webhookReceiver.ts';

describe('settlement: webhooks never reach inside', () => {
  let api: SettlementApi;
  let partner: TestPartner;
  let receiver: Awaited<ReturnType<typeof startWebhookReceiver>>;
  before(async () => {
    api = await startSettlementApi();
    partner = await api.partner();
    receiver = await startWebhookReceiver();
  });
  after(async () => {
    await api?.stop();
    await receiver?.stop();
  });

  const register = (url: string) => partner.call('POST', '/v1/webhook-endpoints', { url });

  for (const url of [
    'http://bank.example/hooks',
    'ftp://bank.example/hooks',
    'https://user:password@bank.example/',
    'https://bank.example/#fragment',
    'file:///etc/passwd',
    '/hooks',
    'javascript:alert(1)',
  ])
    it(`refuses to register ${url}`, async () => {
      const { status, body } = await register(url);
      expect([status, body.errors?.[0]?.pointer]).to.deep.equal([400, '/url']);
    });

  it('registers at most twenty endpoints', async () => {
    const other = await api.partner();
    for (let n = 0; n < 20; n++)
      await other.call('POST', '/v1/webhook-endpoints', { url: `https://bank.example/${n}` });
    const { status, body } = await other.call('POST', '/v1/webhook-endpoints', {
      url: 'https://bank.example/20',
    });
    expect([status, body.code]).to.deep.equal([422, 'webhook_endpoint_limit']);
  });

  it('registers at most twenty also when forty are asked for at the same time', async () => {
    const { id } = await api.partner();
    const outcomes = await Promise.allSettled(
      Array.from({ length: 40 }, (_, n) =>
        withTransaction(api.database, (tx) => createEndpoint(tx, id, `https://bank.example/${n}`)),
      ),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).to.have.length(20);
    expect(await listEndpoints(api.database, id)).to.have.length(20);
  });

  const send = createSender({ allowPrivate: false, timeoutMs: 5_000 });
  const port = () => new URL(receiver.url).port;
  for (const [name, host] of [
    ['loopback', '127.0.0.1'],
    ['loopback by another number', '127.1.2.3'],
    ['loopback in one number', '2130706433'],
    ['loopback in hexadecimal', '0x7f000001'],
    ['loopback by name', 'localhost'],
    ['this host', '0.0.0.0'],
    ['loopback of IPv6', '[::1]'],
    ['any address of IPv6', '[::]'],
    ['loopback mapped into IPv6', '[::ffff:127.0.0.1]'],
    ['loopback compatible with IPv4', '[::127.0.0.1]'],
    ['loopback through NAT64', '[64:ff9b::7f00:1]'],
    ['the metadata service', '169.254.169.254'],
    ['a private network', '10.0.0.1'],
    ['another private network', '192.168.1.1'],
    ['a carrier network', '100.64.0.1'],
    ['a local network of IPv6', '[fd00::1]'],
    ['a link-local address of IPv6', '[fe80::1]'],
    ['a name that leads nowhere', 'nowhere.invalid'],
  ] as const)
    it(`sends nothing to ${name} (${host})`, async () => {
      const delivery = {
        id: 'dlv_1',
        leaseToken: '',
        attempts: 0,
        messageId: 'msg_1',
        body: '{}',
        url: `http://${host}:${port()}/`,
        secrets: ['whsec_c2VjcmV0IHNlY3JldCBzZWNyZXQ='],
        claimedAt: new Date(),
      };
      const outcome = await send(delivery, new AbortController().signal);
      // The same words for all: they must not tell what a name inside resolves to, nor whether it does.
      const error = 'The host has no public address, or not only public ones.';
      expect(outcome).to.deep.include({ delivered: false, status: null, error });
      expect(receiver.received).to.have.length(0);
    });
});
