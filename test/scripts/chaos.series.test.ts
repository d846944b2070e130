/** What a series makes of runs that break and services that crash: neither may pass for a run in which nothing was found. */
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { type RunReport, startSeries } from '../../scripts/chaos/series.ts';
import { Service } from '../../scripts/chaos/service.ts';
import { freePort } from '../../scripts/free-port.ts';
import { until } from '../support/until.ts';

describe('chaos: a series', function () {
  this.timeout(300_000);

  it('counts a run that breaks, and goes on', async () => {
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
    const folder = await mkdtemp(path.join(tmpdir(), 'corridor-crash-'));
    const refusals = path.join(folder, 'refusals');
    /** Runs `script` in the process before the service. */
    const preload = (script: string) => ({
      NODE_OPTIONS: `--import=data:text/javascript;base64,${Buffer.from(script).toString('base64')}`,
    });
    const noteExit = `import fs from 'node:fs'; process.on('exit', (code) => fs.appendFileSync('${refusals}', code + ' '));`;
    const crashes: string[] = [];
    const start = async (name: string, environment: Record<string, string>) =>
      new Service(name, await freePort(), environment, (report) => crashes.push(report));
    const killed = await start(
      'indexer 1',
      preload('setInterval(() => {}, 1000); await new Promise(() => {});'),
    );
    const refusing = await start('indexer 2', preload(noteExit));
    const crashing = await start('indexer 3', preload(`throw new Error('planted')`));
    try {
      for (const service of [killed, refusing, crashing]) service.start();
      await until('a process to kill', () => killed.kill());
      await until('a refusal', () => existsSync(refusals));
      await until('it crashed, and once more', () => crashes.length >= 2);
    } finally {
      await Promise.all([killed, refusing, crashing].map((service) => service.stop()));
      expect(await readFile(refusals, 'utf8')).to.match(/^1 /);
      await rm(folder, { recursive: true });
    }
    for (const crash of crashes) expect(crash).to.equal('indexer 3 crashed: Error: planted');
  });
});
