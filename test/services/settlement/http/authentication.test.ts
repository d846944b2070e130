import { createHash, randomUUID } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { expect } from 'chai';
import { httpbis } from 'http-message-signatures';
import { type SigningCredential, signRequest } from '../../../../services/platform/http/signedFetch.ts';
import { addPartnerKey, revokePartnerKey } from '../../../../services/settlement/domains/partners/service.ts';
import {
  newCredential,
  type SettlementApi,
  startSettlementApi,
  type TestPartner,
} from '../../../support/settlementApi.ts';
import { signWith } from '../../../support/signWith.ts';

const beneficiary = {
  name: 'Müller Maschinenbau GmbH',
  iban: 'DE89370400440532013000',
  wallet: '0x70997970C51812dc3A010C7d01b50e0d17dc79C8',
};
const body = JSON.stringify(beneficiary);
const now = () => Math.floor(Date.now() / 1000);

describe('settlement API: authentication by RFC 9421', () => {
  let api: SettlementApi;
  let partner: TestPartner;
  before(async () => {
    api = await startSettlementApi();
    partner = await api.partner();
  });
  after(() => api?.stop());

  /** Sends a POST whose signature deviates as told; `tamper` changes it after signing. */
  const post = async (deviation: Parameters<typeof signWith>[3] = {}, tamper: object = {}) => {
    const signed = await signWith(partner.credential, 'POST', `${api.origin}/v1/beneficiaries`, {
      body,
      ...deviation,
    });
    return api.send({ ...signed, ...tamper });
  };
  const refused = async (answer: ReturnType<typeof post>, code: string) => {
    const { status, body: problem, headers } = await answer;
    expect({ status, code: problem.code }).to.deep.equal({ status: 401, code });
    expect(headers.get('www-authenticate')).to.match(/^Signature/);
    const { rows } = await api.database.query('select count(*) as count from settlement.beneficiaries');
    expect(rows[0].count, 'nothing was done').to.equal(0n);
  };

  describe('refuses', () => {
    it('a request without a signature, also of an unknown path', async () => {
      const url = `${api.origin}/v1/beneficiaries`;
      await refused(api.send({ method: 'GET', url, headers: {} }), 'signature_missing');
      await refused(
        api.send({ method: 'GET', url: `${api.origin}/v1/none`, headers: {} }),
        'signature_missing',
      );
    });

    it('a signature under another label', () => refused(post({ label: 'sig2' }), 'signature_missing'));

    it('fields that are not structured fields', async () => {
      const signed = await signWith(partner.credential, 'POST', `${api.origin}/v1/beneficiaries`, { body });
      for (const change of [
        { 'signature-input': 'sig1=(' },
        { signature: 'sig1=?' },
        { 'signature-input': 'sig1=1' },
      ])
        await refused(
          api.send({ ...signed, headers: { ...signed.headers, ...change } }),
          'signature_malformed',
        );
    });

    it('a body that was changed', () =>
      refused(post({}, { body: body.replace('0532013000', '0532013001') }), 'content_digest_invalid'));

    it('a body and digest that were changed together', async () => {
      const other = body.replace('Müller', 'Mallory');
      const signed = await signWith(partner.credential, 'POST', `${api.origin}/v1/beneficiaries`, { body });
      const digest = `sha-256=:${createHash('sha256').update(other).digest('base64')}:`;
      await refused(
        api.send({ ...signed, body: other, headers: { ...signed.headers, 'content-digest': digest } }),
        'signature_invalid',
      );
    });

    it('a digest of which one of two algorithms does not fit, and one of unknown algorithms only', async () => {
      const right = createHash('sha256').update(body).digest('base64');
      const wrong = createHash('sha512').update('other').digest('base64');
      await refused(post({ digest: `sha-256=:${right}:, sha-512=:${wrong}:` }), 'content_digest_invalid');
      await refused(
        post({ digest: `md5=:${createHash('md5').update(body).digest('base64')}:` }),
        'content_digest_invalid',
      );
      await refused(post({ digest: 'sha-256=?1' }), 'content_digest_invalid');
    });

    it('another path, query, method or idempotency key than was signed', async () => {
      const url = `${api.origin}/v1/webhook-endpoints`;
      await refused(post({}, { url }), 'signature_invalid');
      await refused(post({}, { url: `${api.origin}/v1/beneficiaries?x=1` }), 'signature_invalid');
      const signed = await signWith(partner.credential, 'POST', `${api.origin}/v1/beneficiaries`, { body });
      await refused(api.send({ ...signed, method: 'PUT' }), 'signature_invalid');
      await refused(
        api.send({ ...signed, headers: { ...signed.headers, 'idempotency-key': 'another' } }),
        'signature_invalid',
      );
    });

    it("another partner's key id", async () => {
      const other = await api.partner();
      await refused(post({ keyId: other.credential.keyId }), 'signature_invalid');
    });

    it('a key that nobody has', () => refused(post({ keyId: 'nobody' }), 'key_unknown'));

    it('another algorithm than the key is registered for, named or not', async () => {
      await refused(post({ algorithmParameter: 'rsa-pss-sha512' }), 'algorithm_mismatch');
      const ecdsa = newCredential('ecdsa-p256-sha256').credential;
      const confused: SigningCredential = { ...ecdsa, keyId: partner.credential.keyId };
      const signed = await signWith(confused, 'POST', `${api.origin}/v1/beneficiaries`, {
        body,
        leaveOut: ['alg'],
      });
      await refused(api.send(signed), 'signature_invalid');
    });

    it('an HMAC that takes the public key as its secret', () =>
      refused(post({ algorithmParameter: 'hmac-sha256' }), 'algorithm_mismatch'));

    for (const component of ['@method', '@target-uri', 'content-digest', 'idempotency-key'])
      it(`a signature that leaves out ${component}`, () =>
        refused(post({ leaveOut: [component] }), 'component_missing'));

    for (const parameter of ['created', 'keyid', 'nonce'])
      it(`a signature without ${parameter}`, () =>
        refused(post({ leaveOut: [parameter] }), 'parameter_missing'));

    it('a component with parameters in the place of a plain one', () =>
      refused(post({ replace: { 'content-digest': '"content-digest";sf' } }), 'signature_malformed'));

    it('a body on GET that the signature does not cover', async () => {
      const signed = await signRequest(partner.credential, 'GET', `${api.origin}/v1/beneficiaries`);
      await refused(
        rawRequest(api.origin, { ...signed.headers, 'content-length': '6' }, 'hidden'),
        'component_missing',
      );
    });

    it('a signature that is older than five minutes, from the future, or expired', async () => {
      await refused(post({ created: now() - 305 }), 'signature_stale');
      await refused(post({ created: now() + 60 }), 'signature_from_future');
      await refused(post({ created: now() - 20, expires: now() - 10 }), 'signature_stale');
    });

    it('a revoked key', async () => {
      const { credential, publicKeyPem } = newCredential('ed25519');
      await addPartnerKey(api.database, partner.id, { ...credential, publicKeyPem });
      const read = async () =>
        api.send(await signRequest(credential, 'GET', `${api.origin}/v1/beneficiaries`));
      expect((await read()).status).to.equal(200);
      await revokePartnerKey(api.database, credential.keyId);
      await refused(read(), 'key_revoked');
      await refused(
        (async () => {
          const signed = await signRequest(credential, 'GET', `${api.origin}/v1/beneficiaries`);
          return api.send({ ...signed, url: `${api.origin}/v1/webhook-endpoints` });
        })(),
        'signature_invalid',
      );
    });

    it('the host of another installation', async () => {
      const signed = await signRequest(partner.credential, 'GET', 'http://other.example/v1/beneficiaries');
      const { status, body: problem } = await rawRequest(api.origin, {
        ...signed.headers,
        host: 'other.example',
      });
      expect([status, problem.code]).to.deep.equal([421, 'host_unknown']);
    });

    it('a body above 10 MiB', async () => {
      const { status, body: problem } = await post({ body: 'x'.repeat(10 * 1024 * 1024 + 1) });
      expect([status, problem.code]).to.deep.equal([413, 'body_too_large']);
    });
  });

  it('does not read the body of a stranger', async () => {
    const answer = await rawRequest(api.origin, { 'content-length': String(9 * 1024 * 1024) }, undefined);
    expect(answer.body.code).to.equal('signature_missing');
  });

  describe('accepts', () => {
    for (const algorithm of ['ed25519', 'ecdsa-p256-sha256', 'rsa-pss-sha512'] as const)
      it(algorithm, async () => {
        const other = await api.partner(algorithm);
        expect((await other.call('POST', '/v1/beneficiaries', beneficiary)).status).to.equal(201);
        expect((await other.call('GET', '/v1/beneficiaries?limit=5')).body.items).to.have.length(1);
      });

    it('more components than it asks for, SHA-512, and the name localhost', async () => {
      const digest = `sha-512=:${createHash('sha512').update(body).digest('base64')}:`;
      const other = await api.partner();
      const url = `${api.origin.replace('127.0.0.1', 'localhost')}/v1/beneficiaries`;
      const signed = await signWith(other.credential, 'POST', url, {
        body,
        digest,
        add: ['content-type', '@authority'],
      });
      expect((await api.send(signed)).status).to.equal(201);
    });

    it('a signature once: the same request again is a replay, also twice at the same time', async () => {
      const other = await api.partner();
      const signed = await signRequest(other.credential, 'POST', `${api.origin}/v1/beneficiaries`, { body });
      const answers = await Promise.all([api.send(signed), api.send(signed), api.send(signed)]);
      expect(answers.map((answer) => answer.body.code ?? answer.status)).to.have.members([
        201,
        'signature_replayed',
        'signature_replayed',
      ]);
    });
  });

  it('verifies against the public origin when one is configured, whatever the Host header says', async () => {
    const published = await startSettlementApi({ SETTLEMENT_ORIGIN: 'https://api.corridor.example' });
    const other = await published.partner();
    const signed = await signRequest(
      other.credential,
      'GET',
      'https://api.corridor.example/v1/beneficiaries',
    );
    expect((await rawRequest(published.origin, signed.headers)).status).to.equal(200);
    const local = await signRequest(other.credential, 'GET', `${published.origin}/v1/beneficiaries`);
    expect((await rawRequest(published.origin, local.headers)).body.code).to.equal('signature_invalid');
    await published.stop();
  });

  it('lets a client of the library itself in', async () => {
    const other = await api.partner();
    const { createSigner } = await import('http-message-signatures');
    const { privateKeyPem, keyId } = other.credential;
    const url = `${api.origin}/v1/beneficiaries`;
    const message = await httpbis.signMessage(
      {
        key: createSigner(privateKeyPem, 'ed25519', keyId),
        name: 'sig1',
        fields: ['@method', '@target-uri'],
        params: ['created', 'expires', 'keyid', 'nonce', 'alg'],
        paramValues: { nonce: randomUUID() },
      },
      { method: 'GET', url, headers: {} },
    );
    const headers = message.headers as Record<string, string>;
    expect((await api.send({ method: 'GET', url, headers })).status).to.equal(200);
  });
});

/** A GET by node:http, which sends what fetch refuses: another Host, a body, a Content-Length without its body. */
function rawRequest(origin: string, headers: Record<string, string>, content?: string) {
  return new Promise<{ status: number; headers: Headers; body: { code: string } }>((resolve, reject) => {
    const request = httpRequest(`${origin}/v1/beneficiaries`, { headers, method: 'GET' }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      response.on('end', () => {
        request.destroy();
        const fields = Object.entries(response.headers).map(
          ([name, value]) => [name, String(value)] as [string, string],
        );
        resolve({ status: response.statusCode ?? 0, headers: new Headers(fields), body: JSON.parse(text) });
      });
    });
    request.on('error', reject);
    if (headers['content-length'] && content === undefined) request.flushHeaders();
    else request.end(content);
  });
}
