import { expect } from 'chai';
import { webhookTypes } from '../../../../services/settlement/domains/webhooks/outbox.ts';
import { type SettlementApi, startSettlementApi } from '../../../support/settlementApi.ts';

/** Operations that need no signature; what they answer is tested with their domain. */
const open = ['getAwaitedObservations'];

describe('settlement API: its description', () => {
  let api: SettlementApi;
  before(async () => {
    api = await startSettlementApi();
  });
  after(() => api?.stop());
  const get = async (path: string) => {
    const response = await fetch(api.origin + path);
    return { status: response.status, headers: response.headers, text: await response.text() };
  };

  it('is OpenAPI 3.1 in which every reference leads somewhere and every route has an id of its own', async () => {
    const document = JSON.parse((await get('/openapi.json')).text);
    expect(document.openapi).to.equal('3.1.0');
    const references = [...JSON.stringify(document).matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map(
      ([, name]) => name,
    );
    expect(document.components.schemas).to.include.keys(...(references as string[]), 'Problem');
    const operations = Object.values(document.paths).flatMap((item) => Object.values(item as object));
    const ids = operations.map(({ operationId }) => operationId);
    expect(new Set(ids)).to.have.length(ids.length);
    for (const { operationId, security, responses } of operations) {
      const isOpen = open.includes(operationId);
      expect(security, operationId).to.deep.equal(isOpen ? [] : [{ messageSignature: [] }]);
      expect('401' in responses, operationId).to.equal(!isOpen);
    }
    expect(ids).to.include.members(open);
  });

  it('covers every route that the service answers, and no other', async () => {
    const partner = await api.partner();
    const document = JSON.parse((await get('/openapi.json')).text);
    for (const [path, item] of Object.entries(document.paths as Record<string, object>))
      for (const method of Object.keys(item)) {
        const { body } = await partner.call(method.toUpperCase(), path.replaceAll(/\{\w+\}/g, 'none'));
        expect(body.code, `${method} ${path}`).to.not.equal('not_found');
      }
    const unknown = await partner.call('GET', '/v1/none');
    expect([unknown.status, unknown.body.code]).to.deep.equal([404, 'not_found']);
  });

  it('describes every webhook', async () => {
    const { webhooks } = JSON.parse((await get('/openapi.json')).text);
    expect(webhooks).to.have.all.keys(...webhookTypes);
    const { schema } = webhooks['payment.settled'].post.requestBody.content['application/json'];
    expect(schema.properties.data).to.deep.equal({ $ref: '#/components/schemas/Payment' });
  });

  it('marks what a POST needs', async () => {
    const { paths } = JSON.parse((await get('/openapi.json')).text);
    const { parameters, requestBody } = paths['/v1/beneficiaries'].post;
    const [key] = parameters.filter(({ name }: { name: string }) => name === 'Idempotency-Key');
    expect(key).to.deep.include({ in: 'header', required: true });
    expect(requestBody.required).to.equal(true);
  });

  it('reads as a page without scripts, within its own content security policy', async () => {
    const { status, headers, text } = await get('/docs');
    expect(status).to.equal(200);
    expect(headers.get('content-security-policy')).to.include("script-src 'self'");
    for (const words of ['/v1/payments', '/v1/beneficiaries', 'Idempotency-Key', 'schema-Beneficiary'])
      expect(text).to.include(words);
    expect(text).to.not.match(/<script|style="|undefined|\[object/);
    for (const [, id] of text.matchAll(/href="#([^"]+)"/g)) expect(text).to.include(`id="${id}"`);
    expect((await get('/docs/style.css')).headers.get('content-type')).to.match(/^text\/css/);
  });

  it('lists every problem code where the type of a problem document points', async () => {
    const refused = await fetch(`${api.origin}/v1/payments`);
    const { type, code } = (await refused.json()) as { type: string; code: string };
    expect(type).to.equal(`/docs/errors#${code}`);
    const { text } = await get('/docs/errors');
    const { text: page } = await get('/docs');
    for (const wanted of [code, ...[...page.matchAll(/\/docs\/errors#(\w+)/g)].map(([, linked]) => linked)])
      expect(text).to.include(`<tr id="${wanted}">`);
  });

  it('is open to everybody, as health and metrics are; nothing else is', async () => {
    for (const path of ['/healthz', '/readyz', '/metrics', '/openapi.json', '/docs', '/docs/errors'])
      expect((await get(path)).status, path).to.equal(200);
    expect((await get('/v1/payments')).headers.get('cache-control')).to.equal('no-store');
    for (const path of ['/v1', '/v1/', '/V1/payments', '/v1/accounts', '/v1//payments'])
      expect((await get(path)).status, path).to.equal(401);
    for (const path of ['/', '/admin', '//v1/payments', '/%76%31/payments', '/docs/../v1x/payments'])
      expect((await get(path)).status, path).to.equal(404);
  });
});
