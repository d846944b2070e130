import { execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { signedFetch } from '../../../services/platform/http/signedFetch.ts';
import { forgetStaleNonces } from '../../../services/settlement/domains/partners/keys.ts';
import { fitPublicKey } from '../../../services/settlement/domains/partners/publicKey.ts';
import { registerPartner } from '../../../services/settlement/domains/partners/service.ts';
import { newCredential, type SettlementApi, startSettlementApi } from '../../support/settlementApi.ts';

const pem = { type: 'spki', format: 'pem' } as const;

describe('settlement: partners and their keys', () => {
  let api: SettlementApi;
  let folder: string;
  before(async () => {
    api = await startSettlementApi();
    folder = await mkdtemp(path.join(tmpdir(), 'corridor-partners-'));
  });
  after(async () => {
    await api?.stop();
    await rm(folder, { recursive: true });
  });

  const partner = async (...given: string[]) => {
    const options = { env: { ...process.env, DATABASE_URL: api.context.config.DATABASE_URL } };
    return promisify(execFile)(process.execPath, ['scripts/partner.ts', ...given], options).then(
      ({ stdout }) => ({ code: 0, text: stdout.trim() }),
      (error: { code: number; stderr: string }) => ({ code: error.code, text: error.stderr.trim() }),
    );
  };

  it('are kept by a command: create, add a key, revoke a key, list', async () => {
    const [first, second] = [newCredential('ed25519'), newCredential('ecdsa-p256-sha256')];
    const file = path.join(folder, 'key.pem');
    const status = async ({ credential }: typeof first) =>
      (await signedFetch(credential, 'GET', `${api.origin}/v1/beneficiaries`)).status;

    await writeFile(file, first.publicKeyPem);
    const created = await partner('create', 'Nordbank AG', first.credential.keyId, 'ed25519', file);
    expect(created.text).to.match(/^ptn_[0-9a-f]{32} {2}Nordbank AG$/);
    await writeFile(file, second.publicKeyPem);
    const id = created.text.slice(0, 36);
    await partner('add-key', id, second.credential.keyId, 'ecdsa-p256-sha256', file);
    expect([await status(first), await status(second)]).to.deep.equal([200, 200]);

    expect((await partner('revoke-key', first.credential.keyId)).code).to.equal(0);
    expect([await status(first), await status(second)]).to.deep.equal([401, 200]);
    expect((await partner('list')).text).to.match(
      new RegExp(`${first.credential.keyId} {2}ed25519 {2}revoked`),
    );
  });

  it('tell in a sentence what is wrong', async () => {
    const file = path.join(folder, 'key.pem');
    await writeFile(file, newCredential('ed25519').publicKeyPem);
    for (const [given, words] of [
      [[], /^Say what to do: create/],
      [['toString'], /^Say what to do/],
      [['create'], /^Give a name/],
      [['create', 'Name', 'k1', 'ed25519', `${file}.none`], /^The public key cannot be read/],
      [['create', 'Name', 'k 1', 'ed25519', file], /^The key id k 1 is not/],
      [['create', 'Name', 'k1', 'rsa-pss-sha512', file], /^The key is ed25519; rsa-pss-sha512 needs/],
      [['add-key', 'ptn_none', 'k1', 'ed25519', file], /^There is no partner/],
      [['revoke-key', 'none'], /^There is no key/],
    ] as const) {
      const { code, text } = await partner(...given);
      expect(code).to.equal(1);
      expect(text).to.match(words);
      expect(text.split('\n')).to.have.length(1);
    }
  });

  it('have key ids that nobody else has', async () => {
    const { credential, publicKeyPem } = newCredential('ed25519');
    await registerPartner(api.database, { name: 'One', ...credential, publicKeyPem });
    const again = registerPartner(api.database, { name: 'Two', ...credential, publicKeyPem });
    const error = await again.then(
      () => undefined,
      (refusal: { code: string }) => refusal.code,
    );
    expect(error).to.equal('key_id_taken');
    const { rows } = await api.database.query(`select from settlement.partners where name = 'Two'`);
    expect(rows, 'no partner without a key').to.have.length(0);
  });

  it('have keys that fit: never private, weak, or of another kind', () => {
    const weak = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export(pem).toString();
    const curve = generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey.export(pem).toString();
    for (const [algorithm, text] of [
      ['ed25519', newCredential('ed25519').credential.privateKeyPem],
      ['ed25519', newCredential('ecdsa-p256-sha256').publicKeyPem],
      ['ecdsa-p256-sha256', curve],
      ['rsa-pss-sha512', weak],
      ['ed25519', 'no key'],
    ] as const)
      expect(() => fitPublicKey(algorithm, text))
        .to.throw()
        .with.property('code', 'public_key_unfit');
  });

  it('forget nonces only when their signatures are stale', async () => {
    const one = await api.partner();
    await one.call('GET', '/v1/beneficiaries');
    const { keyId } = one.credential;
    const count = async () =>
      (await api.database.query('select from settlement.signature_nonces where key_id = $1', [keyId]))
        .rowCount;
    await forgetStaleNonces(api.database);
    expect(await count()).to.equal(1);
    await api.database.query(
      `update settlement.signature_nonces set expires_at = expires_at - interval '11 minutes'`,
    );
    expect(await forgetStaleNonces(api.database)).to.equal(false);
    expect(await count()).to.equal(0);
  });
});
