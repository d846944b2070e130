import { expect } from 'chai';
import { readChainIdentity } from '../../../../services/platform/chain.ts';
import { createLogger } from '../../../../services/platform/log.ts';
import { createMetrics } from '../../../../services/platform/metrics.ts';
import { settlementConfig } from '../../../../services/settlement/config.ts';
import type { SettlementContext } from '../../../../services/settlement/context.ts';
import { startEngine } from '../../../../services/settlement/engine.ts';
import { freshWallet, instruction, type Stage, startStage } from '../../../support/stage.ts';
import { until } from '../../../support/until.ts';

const PAYMENTS = 240;

describe('payments: the engine', () => {
  let stage: Stage;
  let usd: string;
  before(async () => {
    stage = await startStage();
    usd = await stage.openAccount('USD');
    await stage.chain.request('evm_setIntervalMining', [250]);
  });
  after(() => stage?.stop());

  const context = (): SettlementContext => ({
    database: stage.database,
    chain: stage.chain.client,
    deployment: stage.chain.deployment,
    config: settlementConfig.parse({
      DATABASE_URL: stage.databaseUrl,
      RPC_URL: stage.chain.rpcUrl,
      BATCH_SIZE: '20',
      BATCH_MAX_AGE_MS: '100',
    }),
    log: createLogger('test', 'fatal'),
    metrics: createMetrics('test'),
  });

  it('settles everything once with several processes at work, while one of them stops', async () => {
    const wallets = Array.from({ length: PAYMENTS }, () => freshWallet());
    const contexts = [context(), context(), context()] as const;
    const identity = await readChainIdentity(stage.chain.client, stage.chain.deployment);
    const engines = contexts.map((each) => startEngine(each, identity));
    const ids: string[] = [];
    for (let start = 0; start < PAYMENTS; start += 60)
      ids.push(...(await stage.accept(...wallets.slice(start, start + 60).map((to) => instruction({ to })))));
    await until('the first payment to be on its way', async () =>
      (await stage.states(ids)).includes('broadcast'),
    );
    const stoppedAt = performance.now();
    await engines[0]?.stop();
    expect(performance.now() - stoppedAt).to.be.below(5_000);

    await until(
      'every payment to be posted',
      async () => (await stage.states(ids)).every((state) => state === 'posted'),
      120_000,
    );
    expect(await Promise.all(wallets.map((wallet) => stage.balanceOf(wallet)))).to.deep.equal(
      wallets.map(() => 10_000_000n),
    );
    expect((await stage.funds(usd))?.held).to.equal(0n);
    await until('a reconciliation of it', async () => {
      const { rowCount } = await stage.database.query(
        `select from settlement.reconciliations r
          where block_number >= (select max(block_number) from settlement.ledger_postings)`,
      );
      return rowCount !== 0;
    });
    const { rows } = await stage.database.query('select kind from settlement.breaks');
    expect(rows).to.deep.equal([]);
    const { rows: told } = await stage.database.query(
      `select type, count(*) as count, count(distinct payment_id) as payments from settlement.webhook_messages group by type order by type`,
    );
    const all = { count: BigInt(PAYMENTS), payments: BigInt(PAYMENTS) };
    expect(told).to.deep.equal(
      ['payment.accepted', 'payment.processing', 'payment.settled'].map((type) => ({ type, ...all })),
    );

    const measured = (await Promise.all(contexts.map(({ metrics }) => metrics.metrics()))).join('\n');
    const sum = (name: string) =>
      [...measured.matchAll(new RegExp(`^${name}\\{[^}]*\\} (\\d+)`, 'gm'))].reduce(
        (total, [, n]) => total + Number(n),
        0,
      );
    expect(sum('payments_settled_total')).to.equal(PAYMENTS);
    expect(measured, 'what never happened is 0').to.match(/^payments_held_total\{[^}]*\} 0$/m);
    expect(measured).to.match(/^breaks_open\{kind="holds",[^}]*\} 0$/m);
    expect(sum('payments_seconds_to_final_count')).to.equal(PAYMENTS);
    await Promise.all(engines.slice(1).map((engine) => engine.stop()));
  });
});
