import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { type PostgresServer, startPostgres } from '../../../../scripts/postgres.ts';
import { type SettlementApi, startSettlementApi, type TestPartner } from '../../../support/settlementApi.ts';

describe('settlement API: the database is away', () => {
  let folder: string;
  let server: PostgresServer;
  let api: SettlementApi;
  let partner: TestPartner;

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'corridor-outage-'));
    server = await startPostgres({ dataDir: path.join(folder, 'data'), fsync: false });
    api = await startSettlementApi({ DATABASE_URL: server.url });
    partner = await api.partner();
  });
  after(async () => {
    await server?.stop();
    await api?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('answers 503 with a pause, and does not end', async () => {
    expect((await partner.call('GET', '/v1/beneficiaries')).status).to.equal(200);
    await server.stop();
    for (let again = 0; again < 2; again++) {
      const { status, headers, body } = await partner.call('GET', '/v1/beneficiaries');
      expect([status, body.code]).to.deep.equal([503, 'service_unavailable']);
      expect(Number(headers.get('retry-after'))).to.be.greaterThan(0);
    }
  });
});
