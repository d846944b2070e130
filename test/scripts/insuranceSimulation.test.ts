/** insurance:simulate: the same year for the same seed, priced and paid as the contract does it. */
import { expect } from 'chai';
import { localProductsFile } from '../../scripts/deploy/localProducts.ts';
import { observationsOf, simulatedProducts } from '../../scripts/insurance/observations.ts';
import { simulate } from '../../scripts/insurance/simulation.ts';
import type { CoverProduct } from '../../services/core/insurance/product.ts';
import { readProducts } from '../../services/settlement/domains/insurance/products.ts';

const START = Date.UTC(2026, 0, 1) / 1_000;
const DAY = 86_400;
const INSURED = 100_000_000n;
const products = readProducts(localProductsFile);

describe('scripts: insurance:simulate', () => {
  for (const id of simulatedProducts) {
    const product = products.get(id) as CoverProduct;

    it(`draws a year of ${id} that its product could have sold, the same for the same seed`, () => {
      const year = observationsOf(product, 1, START, 365);
      expect(observationsOf(product, 1, START, 365)).to.deep.equal(year);
      expect(observationsOf(product, 2, START, 365)).not.to.deep.equal(year);
      const subjects = new RegExp(`^(?:${product.subject.form})$`);
      for (const { subject, windowStart, windowEnd } of year) {
        expect(subject).to.match(subjects);
        expect(windowEnd - windowStart).to.be.within(product.minWindowSeconds, product.maxWindowSeconds);
        expect(windowStart).to.be.within(START, START + 365 * DAY);
      }
    });

    it(`is priced so that ${id} earns more than it pays over a hundred years`, () => {
      const century = observationsOf(product, 1, START, 36_500);
      const { premium, payouts } = simulate(product, century, INSURED, 14 * DAY);
      expect(payouts < premium, `${payouts} of ${premium}`).to.equal(true);
      expect(payouts * 4n > premium, `${payouts} of ${premium}`).to.equal(true);
    });
  }

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
