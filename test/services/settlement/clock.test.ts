/** A host whose clock is an hour off, of partners or of ours: it is told of, and costs nothing. */
import { expect } from 'chai';
import { type ServiceName, type Services, startServices } from '../../support/services.ts';
import { until } from '../../support/until.ts';
import { startWebhookReceiver } from '../../support/webhookReceiver.ts';

const HOUR_MS = 3_600_000;
const both: ServiceName[] = ['indexer', 'settlement'];

describe('a clock that is an hour off', function () {
  this.timeout(120_000);
  const { Date: RealDate } = globalThis;
  let shiftMs = 0;
  class ShiftedDate extends RealDate {
    constructor(...given: unknown[]) {
      super(...((given.length > 0 ? given : [ShiftedDate.now()]) as [number]));
    }
    static override now(): number {
      return RealDate.now() + shiftMs;
    }
  }
  let services: Services;
  before(() => {
    globalThis.Date = ShiftedDate as DateConstructor;
  });
  afterEach(() => services?.stop());
  after(() => {
    globalThis.Date = RealDate;
  });

  for (const hours of [-1, 1])
    it(`of this host, by ${hours} h: payments and webhooks go on, the log and the metrics have it`, async () => {
      shiftMs = hours * HOUR_MS;
      const receiver = await startWebhookReceiver();
      services = await startServices();
      shiftMs = 0; // the partner's clock is right
      await services.subscribe(receiver.url);
      const accepted = await services.pay();
      shiftMs = hours * HOUR_MS;
      expect(accepted.status).to.equal(201);
      await services.posted(((await accepted.json()) as { id: string }).id);
      const { headers } = await until('a webhook', () => receiver.received[0]);
      const sentS = Number(headers['webhook-timestamp']);
      expect(Math.abs(sentS - RealDate.now() / 1_000)).to.be.below(60);
      for (const service of both) {
        const metrics = await until('the clock to be measured', async () => {
          const text = await services.metrics(service);
          return text.includes('clock_skew_seconds{') ? text : undefined;
        });
        const [, seconds] = /^clock_skew_seconds\{[^}]*against="database"[^}]*\} (\S+)$/m.exec(metrics) ?? [];
        expect(Math.abs(Number(seconds) - hours * 3_600)).to.be.below(60);
        const told = services.logs[service].filter(
          ({ code, against }) => code === 'clock_skew' && against === 'database',
        );
        expect(
          told.map(({ level }) => level),
          service,
        ).to.deep.equal([40]);
        expect(told[0]?.msg).to.match(
          /^This host's clock says .* 36\d\d s (ahead of|behind) the database's.*NTP/,
        );
      }
      await receiver.stop();
    });

  for (const [hours, code] of [
    [-1, 'signature_stale'],
    [1, 'signature_from_future'],
  ] as const)
    it(`of a partner, by ${hours} h: its requests are refused with ${code} and our time`, async () => {
      shiftMs = 0;
      services = await startServices();
      shiftMs = hours * HOUR_MS;
      const refused = await services.pay();
      shiftMs = 0;
      const { code: found, detail } = (await refused.json()) as { code: string; detail: string };
      expect([refused.status, found]).to.deep.equal([401, code]);
      const [, ours] = /here it is \d+ \((.*?)\)/.exec(detail) ?? [];
      expect(Math.abs(RealDate.parse(ours ?? '') - RealDate.now())).to.be.below(60_000);
      expect((await services.pay()).status).to.equal(201);
    });
});
