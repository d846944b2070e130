/** A host whose clock is an hour off, of partners or of ours: it is told of, and costs nothing. */
import { expect } from 'chai';
import { type ServiceName, type Services, startServices } from '../../support/services.ts';
import { until } from '../../support/until.ts';
import { startWebhookReceiver } from '../../support/webhookReceiver.ts';

const HOUR_MS = 3_600_000;
const both: ServiceName[] = ['indexer', 'settlement'];

describe('a clock that is an hour off', () => {
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

  /** Has a partner begin a request, whose clock is right: it signs at once, and the services measure again every ten seconds. */
  const atRightTime = <Answer>(request: () => Promise<Answer>): Promise<Answer> => {
    const before = shiftMs;
    shiftMs = 0;
    const answer = request();
    shiftMs = before;
    return answer;
  };

  for (const hours of [-1, 1])
    it(`of this host, by ${hours} h: payments and webhooks go on, the log and the metrics have it`, async () => {
      shiftMs = hours * HOUR_MS;
      const receiver = await startWebhookReceiver();
      services = await startServices();
      await atRightTime(() => services.subscribe(receiver.url));
      const accepted = await atRightTime(() => services.pay());
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
        const [, off, way] =
          /^This host's clock says .* (\d+) s (ahead of|behind) the database's.*NTP/.exec(
            told[0]?.msg ?? '',
          ) ?? [];
        expect(Number(off)).to.be.closeTo(3_600, 60);
        expect(way).to.equal(hours > 0 ? 'ahead of' : 'behind');
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
