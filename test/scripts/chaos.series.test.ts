/** What a series makes of runs that break and services that crash: neither may pass for a run in which nothing was found. */
import { expect } from 'chai';
import { type RunReport, startSeries } from '../../scripts/chaos/series.ts';
import { Service } from '../../scripts/chaos/service.ts';
import { freePort } from '../../scripts/free-port.ts';
import { until } from '../support/until.ts';

describe('chaos: a series', function () {
  this.timeout(300_000);

  it('counts a run that breaks, and goes on in a new world', async () => {
    const reports: RunReport[] = [];
    // A world of payments has no reporters: the fault itself falls over.
    const only = 'reporter-killed';
    const series = startSeries({ runs: 2, seed: 4, only, onRun: (report) => reports.push(report) });
    const totals = await series.result;
    expect(totals).to.include({ runs: 2, lost: 0, duplicated: 0, unbalanced: 0, stuck: 2 });
    expect(reports.map(({ schedule }) => schedule.seed)).to.deep.equal([4, 5]);
    for (const { violations } of reports) expect(violations[0]?.what).to.match(/^the run broke: /);
  });

  it('hears each time a service crashes, and neither of its end by a kill nor of a refusal to start', async () => {
    const crashes: string[] = [];
    const environment = {
      DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none',
      RPC_URL: 'http://127.0.0.1:1',
      NODE_OPTIONS: '--import=data:text/javascript,throw%20new%20Error("planted")',
    };
    const refusing = new Service('indexer 2', await freePort(), {}, (report) => crashes.push(report));
    const crashing = new Service('indexer 1', await freePort(), environment, (report) =>
      crashes.push(report),
    );
    try {
      refusing.start();
      await until('the process that has no database', () => refusing.kill());
      crashing.start();
      await until('it crashed again and again, while the other refused', () => crashes.length >= 4);
    } finally {
      await Promise.all([refusing.stop(), crashing.stop()]);
    }
    for (const crash of crashes) expect(crash).to.match(/^indexer 1 crashed: .*/);
  });
});
