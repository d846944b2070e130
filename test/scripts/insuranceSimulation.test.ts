/** insurance:simulate: a recorded year, or the same one for the same seed, priced and paid as the contract does it. */
import { expect } from 'chai';
import { runCommand } from '../../scripts/command.ts';
import { localProductsFile } from '../../scripts/deploy/localProducts.ts';
import { drawnProducts, drawObservations } from '../../scripts/insurance/drawn.ts';
import { recordings } from '../../scripts/insurance/recorded.ts';
import { simulate } from '../../scripts/insurance/simulation.ts';
import type { CoverProduct } from '../../services/core/insurance/product.ts';
import { readProducts } from '../../services/settlement/domains/insurance/products.ts';

const START = Date.UTC(2026, 0, 1) / 1_000;
const DAY = 86_400;
const INSURED = 100_000_000n;
const products = readProducts(localProductsFile);

describe('scripts: insurance:simulate', () => {
  for (const id of drawnProducts) {
    const product = products.get(id) as CoverProduct;

    it(`draws a year of ${id} that its product could have sold, the same for the same seed`, () => {
      const year = drawObservations(product, 1, START, 365);
      expect(drawObservations(product, 1, START, 365)).to.deep.equal(year);
      expect(drawObservations(product, 2, START, 365)).not.to.deep.equal(year);
      const subjects = new RegExp(`^(?:${product.subject.form})$`);
      for (const { subject, windowStart, windowEnd } of year) {
        expect(subject).to.match(subjects);
        expect(windowEnd - windowStart).to.be.within(product.minWindowSeconds, product.maxWindowSeconds);
        expect(windowStart).to.be.within(START, START + 365 * DAY);
      }
    });

    it(`is priced so that ${id} earns more than it pays over a hundred years`, () => {
      const century = drawObservations(product, 1, START, 36_500);
      const { premium, payouts } = simulate(product, century, INSURED, 14 * DAY);
      expect(payouts < premium, `${payouts} of ${premium}`).to.equal(true);
      expect(payouts * 4n > premium, `${payouts} of ${premium}`).to.equal(true);
    });
  }

  for (const [id, count, from, to] of [
    ['flight-delay', 3_000, '2001-01-01', '2001-07-01'],
    ['heavy-rain', 2 * 182, '2015-01-01', '2016-01-01'],
    ['drought', 2 * 12, '2015-01-01', '2016-01-01'],
  ] as const) {
    const product = products.get(id) as CoverProduct;
    const recorded = recordings[id]?.read(product) ?? [];

    it(`has ${count} recorded observations of ${id}, in windows that its product sells`, () => {
      expect(recorded).to.have.length(count);
      for (const { windowStart, windowEnd } of recorded) {
        expect(windowEnd - windowStart).to.be.within(product.minWindowSeconds, product.maxWindowSeconds);
        expect(windowStart * 1_000).to.be.within(Date.parse(from), Date.parse(to) - 1);
      }
    });

    it(`pays for the recorded ${id} what its tiers say of each observation`, () => {
      const { premium, payouts, byTier } = simulate(product, recorded, INSURED, 14 * DAY);
      const byHand = recorded.map(({ value }) =>
        product.tiers.findLastIndex(({ threshold }) =>
          product.operator === 'atLeast' ? value >= threshold : value <= threshold,
        ),
      );
      expect(byTier).to.deep.equal(product.tiers.map((_, tier) => byHand.filter((at) => at === tier).length));
      const loss = byHand.reduce((sum, tier) => sum + (product.tiers[tier]?.payoutBps ?? 0n), 0n);
      expect(payouts).to.equal((loss * INSURED) / 10_000n);
      expect(premium > 0n).to.equal(true);
    });
  }

  it('reads flights and rain as they were recorded', () => {
    const [flight] = recordings['flight-delay']?.read(products.get('flight-delay') as CoverProduct) ?? [];
    const windowStart = Date.UTC(2001, 0, 1, 0, 1) / 1_000;
    expect(flight).to.deep.equal({
      subject: 'ANC:LAX',
      windowStart,
      windowEnd: windowStart + 14_400,
      value: -13n,
    });
    const rain = recordings['heavy-rain']?.read(products.get('heavy-rain') as CoverProduct) ?? [];
    expect(rain.slice(0, 2).map(({ value }) => value)).to.deep.equal([15n, 102n]);
    expect(rain[0]?.subject).to.equal('Seattle');
    expect(rain.at(-1)?.subject).to.equal('New York');
  });

  it('says of each product whether its observations are recorded or drawn', async () => {
    const { code, output } = await runCommand('node', [
      'scripts/insurance-simulate.ts',
      '--json',
      '--seed=7',
      '--days=30',
    ]);
    expect(code, output).to.equal(0);
    const outcomes: { product: string; observations: string }[] = JSON.parse(output);
    expect(Object.fromEntries(outcomes.map((one) => [one.product, one.observations]))).to.deep.equal({
      'flight-delay': 'recorded: US flights, January to June 2001',
      'cargo-delay': 'drawn from seed 7: 30 days',
      'heavy-rain': 'recorded: Seattle and New York, 2015',
      drought: 'recorded: Seattle and New York, 2015',
      'stablecoin-depeg': 'drawn from seed 7: 30 days',
    });
  });

  it('adds up premiums, payouts and tiers of each observation', () => {
    const product = products.get('flight-delay') as CoverProduct;
    const windowStart = START + 40 * DAY;
    const windowEnd = windowStart + 7_200;
    const observations = [59n, 60n, 119n, 120n, 9_999n].map((value) => ({
      ...{ subject: 'FRA:LH400', windowStart, windowEnd, value },
    }));
    const outcome = simulate(product, observations, INSURED, 10 * DAY);
    expect(outcome.byTier).to.deep.equal([2, 1, 1]);
    expect(outcome.payouts).to.equal(25_000_000n * 2n + 50_000_000n + 100_000_000n);
    expect(outcome.insured).to.equal(5n * INSURED);
    expect(outcome.expectedLoss).to.equal(5n * 4_500_000n);
    expect(outcome.load).to.equal(5n * 1_350_000n);
    expect(outcome.premium).to.equal(outcome.expectedLoss + outcome.load + outcome.capitalCharge);
    expect(outcome.worstMonth).to.deep.equal({
      month: '2026-02',
      premium: outcome.premium,
      payouts: outcome.payouts,
    });
  });
});
