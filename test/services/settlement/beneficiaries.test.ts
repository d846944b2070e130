import { expect } from 'chai';
import {
  deleteBeneficiary,
  walletsByIban,
} from '../../../services/settlement/domains/beneficiaries/service.ts';
import { type SettlementApi, startSettlementApi, type TestPartner } from '../../support/settlementApi.ts';

const wallet = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8';
const given = { name: 'Müller Maschinenbau GmbH', iban: 'DE89 3704 0044 0532 0130 00', wallet };
const iban = 'DE89370400440532013000';

describe('settlement API: beneficiaries', () => {
  let api: SettlementApi;
  let partner: TestPartner;
  before(async () => {
    api = await startSettlementApi();
  });
  after(() => api?.stop());
  beforeEach(async () => {
    partner = await api.partner();
  });
  const register = (change: object = {}) =>
    partner.call('POST', '/v1/beneficiaries', { ...given, ...change });

  it('registers one: IBAN in electronic form, wallet with its checksum', async () => {
    const { status, body } = await register({ wallet: wallet.toLowerCase() });
    expect(status).to.equal(201);
    expect(body).to.deep.include({ name: given.name, iban, wallet });
    const shown = await partner.call('GET', `/v1/beneficiaries/${body.id}`);
    expect(shown.body).to.deep.equal(body);
  });

  for (const [name, change, pointer, code] of [
    ['a wrong IBAN checksum', { iban: 'DE88370400440532013000' }, '/iban', 'iban_invalid'],
    ['an IBAN of a wrong length', { iban: 'DE8937040044053201300' }, '/iban', 'iban_invalid'],
    ['an IBAN of no country', { iban: 'ZZ89370400440532013000' }, '/iban', 'iban_invalid'],
    ['a wallet with a wrong checksum', { wallet: wallet.replace('C5', 'c5') }, '/wallet', 'wallet_checksum'],
    ['a wallet that is too short', { wallet: '0x7099' }, '/wallet', 'wallet_invalid'],
    ['the zero address', { wallet: `0x${'0'.repeat(40)}` }, '/wallet', 'wallet_invalid'],
    ['an empty name', { name: '  ' }, '/name', 'value_length'],
    ['a name with a control character', { name: 'a\u0000b' }, '/name', 'value_character'],
    ['a name with half a character', { name: 'a\ud800b' }, '/name', 'value_character'],
    ['a member that is missing', { name: undefined }, '/name', 'member_missing'],
    ['a member of another type', { name: 7 }, '/name', 'value_type'],
    ['a member that is not known', { bic: 'DEUTDEFF' }, '/bic', 'member_unknown'],
  ] as const)
    it(`refuses ${name}, with its place, what was observed and expected`, async () => {
      const { status, body } = await register(change);
      expect([status, body.code]).to.deep.equal([400, 'request_invalid']);
      expect(body.errors).to.have.length(1);
      expect(body.errors[0]).to.include({ pointer, code }).and.to.include.keys('detail', 'expected');
    });

  it('tells all faults at once', async () => {
    const { body } = await register({ iban: 'x', wallet: 'y', name: '' });
    expect(body.errors).to.have.length(3);
  });

  it('refuses members that stand twice, beside the other faults', async () => {
    const text = JSON.stringify({ ...given, iban: 'x' }).replace('{', `{"wallet":"${wallet}",`);
    const { status, body } = await partner.call('POST', '/v1/beneficiaries', { body: text });
    expect([status, body.code]).to.deep.equal([400, 'request_invalid']);
    expect(
      body.errors.map(({ code, pointer }: { code: string; pointer: string }) => [code, pointer]),
    ).to.deep.equal([
      ['json_duplicate_member', '/wallet'],
      ['iban_invalid', '/iban'],
    ]);
  });

  it('says where a body is no JSON', async () => {
    const { body } = await partner.call('POST', '/v1/beneficiaries', { body: '{"name":\n x}' });
    expect(body.code).to.equal('json_malformed');
    expect(body.errors[0]).to.include({ code: 'json_syntax', line: 2, offset: 10 });
  });

  it('refuses what is not JSON, or nested without end', async () => {
    for (const text of ['{', '', '\u0000', `${'['.repeat(100_000)}`, `{"name":"${'['.repeat(40)}`])
      expect((await partner.call('POST', '/v1/beneficiaries', { body: text })).body.code).to.equal(
        'json_malformed',
      );
    const body = Buffer.from([0x22, 0xff, 0x22]);
    expect((await partner.call('POST', '/v1/beneficiaries', { body })).body.code).to.equal('json_malformed');
    const csv = await partner.call('POST', '/v1/beneficiaries', { body: 'a,b', contentType: 'text/csv' });
    expect([csv.status, csv.body.code]).to.deep.equal([415, 'media_type_unsupported']);
  });

  it('refuses a contract of Corridor as the wallet', async () => {
    const { USD } = api.context.deployment.stablecoins;
    const { status, body } = await register({ wallet: USD.address });
    expect([status, body.code]).to.deep.equal([422, 'wallet_unfit']);
  });

  it('has one a partner and IBAN, also when two register it at the same time', async () => {
    const answers = await Promise.all([register(), register(), register()]);
    expect(answers.map(({ status }) => status)).to.have.members([201, 409, 409]);
    const [taken] = answers.filter(({ status }) => status === 409);
    const [made] = answers.filter(({ status }) => status === 201);
    expect(taken?.body.detail).to.include(made?.body.id);
    partner = await api.partner();
    expect((await register()).status, "another partner's directory is its own").to.equal(201);
  });

  it('deletes one; its IBAN is free again and its wallet is not found any more', async () => {
    const { body } = await register();
    const { id } = partner;
    expect(await walletsByIban(api.database, id, [iban])).to.deep.equal(
      new Map([[iban, wallet.toLowerCase()]]),
    );
    expect((await partner.call('DELETE', `/v1/beneficiaries/${body.id}`)).status).to.equal(204);
    expect(await walletsByIban(api.database, id, [iban])).to.have.length(0);
    expect((await partner.call('DELETE', `/v1/beneficiaries/${body.id}`)).body.code).to.equal(
      'beneficiary_not_found',
    );
    expect((await register()).status).to.equal(201);
  });

  it('answers 404 for an id that is none', async () => {
    for (const id of ['%00', 'ben_1', 'x'.repeat(2_000)])
      for (const method of ['GET', 'DELETE'])
        expect((await partner.call(method, `/v1/beneficiaries/${id}`)).status, id).to.equal(404);
  });

  it("knows nothing of another partner's", async () => {
    const { body } = await register();
    const other = await api.partner();
    expect((await other.call('GET', `/v1/beneficiaries/${body.id}`)).status).to.equal(404);
    expect((await other.call('DELETE', `/v1/beneficiaries/${body.id}`)).status).to.equal(404);
    expect((await other.call('GET', '/v1/beneficiaries')).body.items).to.have.length(0);
    await deleteBeneficiary(api.database, partner.id, body.id);
  });

  it('lists them page by page, newest first', async () => {
    const ibans = ['GB29NWBK60161331926819', 'FR1420041010050500013M02606', iban];
    for (const own of ibans) await register({ iban: own });
    const first = (await partner.call('GET', '/v1/beneficiaries?limit=2')).body;
    const second = (await partner.call('GET', `/v1/beneficiaries?limit=2&cursor=${first.nextCursor}`)).body;
    expect([...first.items, ...second.items].map((item: { iban: string }) => item.iban)).to.deep.equal(
      ibans.toReversed(),
    );
    expect(second.nextCursor).to.equal(null);
    for (const [query, parameter, code] of [
      ['limit=0', 'limit', 'value_range'],
      ['limit=1000', 'limit', 'value_range'],
      ['limit=x', 'limit', 'value_type'],
      ['limit=1.5', 'limit', 'value_type'],
      ['cursor=x', 'cursor', 'value_form'],
      ['unknown=1', 'unknown', 'parameter_unknown'],
    ]) {
      const { body } = await partner.call('GET', `/v1/beneficiaries?${query}`);
      expect(body.code).to.equal('request_invalid');
      expect(body.errors[0]).to.include({ parameter, code }).and.to.include.keys('detail', 'expected');
    }
  });
});
