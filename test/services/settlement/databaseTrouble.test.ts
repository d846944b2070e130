/** A database that is full, read only, out of connections or away: both services wait, say why, and go on by themselves. */
import { expect } from 'chai';
import pg from 'pg';
import { setDiskFull } from '../../../scripts/chaos/fullDisk.ts';
import { type Relay, startRelay } from '../../support/relay.ts';
import { type ServiceName, type Services, startServices } from '../../support/services.ts';
import { until } from '../../support/until.ts';

describe('a database in trouble', () => {
  let services: Services;
  let relay: Relay;
  before(async () => {
    services = await startServices({
      databaseUrl: async (url) => {
        relay = await startRelay(url);
        const through = new URL(url);
        through.port = new URL(relay.url).port;
        return through.href;
      },
    });
  });
  after(async () => {
    await services?.stop();
    await relay?.[Symbol.asyncDispose]();
  });

  const asAdmin = async (statement: string) => {
    const client = new pg.Client(services.adminUrl);
    await client.connect();
    try {
      await client.query(statement);
      // Sessions that are open know nothing of it.
      await client.query('select pg_terminate_backend(pid) from pg_stat_activity where usename = $1', [
        owner(),
      ]);
    } finally {
      await client.end();
    }
  };
  const diskFull = (isFull: boolean) => setDiskFull(services.ownerUrl, isFull);
  const fullAtConnect = async () => {
    await diskFull(true);
    await asAdmin('select'); // ends their sessions, and the indexer's lease with them
  };
  const owner = () => new URL(services.ownerUrl).username;
  const readOnly = (value: string) =>
    asAdmin(`alter role ${owner()} set default_transaction_read_only = ${value}`);
  const connections = (limit: number) => asAdmin(`alter role ${owner()} connection limit ${limit}`);
  const both: ServiceName[] = ['indexer', 'settlement'];
  const isFailing = async (service: ServiceName, reason: string) =>
    new RegExp(`^part_failing\\{[^}]*reason="${reason}"[^}]*\\} 1$`, 'm').test(
      await services.metrics(service),
    );

  const troubles: [string, string, () => Promise<void>, () => Promise<void>][] = [
    ['has no room', 'database_full', () => diskFull(true), () => diskFull(false)],
    ['has no room when they connect', 'database_full', () => fullAtConnect(), () => diskFull(false)],
    ['takes no writes', 'database_read_only', () => readOnly('on'), () => readOnly('off')],
    ['has no connections left', 'database_overloaded', () => connections(0), () => connections(-1)],
    ['is away', 'database_away', async () => relay.refuse(true), async () => relay.refuse(false)],
  ];
  for (const [what, reason, spoil, heal] of troubles)
    it(`both services wait while it ${what}, say so, lose nothing, and go on by themselves`, async () => {
      const accepted = await services.pay();
      expect(accepted.status).to.equal(201);
      const { id } = (await accepted.json()) as { id: string };
      for (const service of both) services.logs[service].length = 0;
      await spoil();
      for (const service of both) {
        await until(`${service} to say in its metrics that the database ${what}`, () =>
          isFailing(service, reason),
        );
        const { status, reason: told } = await until(`${service} not to be ready`, async () => {
          const answer = await services.ready(service);
          return answer.status === 503 ? answer : undefined;
        });
        expect([status, typeof told]).to.deep.equal([503, 'string']);
      }
      const key = crypto.randomUUID();
      for (let again = 0; again < 3; again++) {
        const refused = await services.pay(key);
        expect(refused.status).to.equal(503);
        expect(((await refused.json()) as { code: string }).code).to.equal('service_unavailable');
        expect(Number(refused.headers.get('retry-after'))).to.be.greaterThan(0);
      }

      await heal();
      await services.bothReady();
      const taken = await services.pay(key);
      expect(taken.status).to.equal(201);
      await services.posted(((await taken.json()) as { id: string }).id);
      await services.posted(id);
      for (const service of both) {
        const told = services.logs[service].filter((line) => line.reason === reason);
        expect(
          told.some(({ msg }) => /^The database .* goes on by itself/.test(msg)),
          service,
        ).to.equal(true);
        for (const [part, lines] of Map.groupBy(told, (line) => line.part))
          expect(lines.length, `lines of ${part} in the log of ${service}`).to.be.at.most(2);
        expect(await isFailing(service, reason), `${service} is well again`).to.equal(false);
      }
    });

  it('both services stop while it is away', async () => {
    relay.refuse(true);
    await services.stop();
  });
});
