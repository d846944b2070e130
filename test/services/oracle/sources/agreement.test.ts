import { expect } from 'chai';
import fc from 'fast-check';
import { agree } from '../../../../services/oracle/domains/sources/agreement.ts';

const RULE = { spreadUnits: 0n, spreadBps: 100, minimumSources: 1 };
const answers = (...units: number[]) => units.map((one, at) => ({ source: String(at), units: BigInt(one) }));

describe('oracle sources: what they agree on', () => {
  it('takes the lower of the two in the middle', () => {
    expect(agree(answers(1_003, 1_001, 1_000, 1_002), RULE)).to.deep.equal({ units: 1_001n, outliers: [] });
    expect(agree(answers(1_000), RULE).units).to.equal(1_000n);
    expect(agree([], RULE)).to.deep.equal({ units: undefined, outliers: [] });
  });

  it('leaves out what is further from the median than the spread, and counts what is left', () => {
    expect(agree(answers(1_000, 1_010, 1_011), RULE)).to.deep.equal({ units: 1_010n, outliers: [] });
    expect(agree(answers(1_000, 2_000, 1_005), RULE)).to.deep.equal({ units: 1_000n, outliers: ['1'] });
    expect(agree(answers(1_000, 2_000, 1_005), { ...RULE, minimumSources: 3 }).units).to.equal(undefined);
  });

  it('believes nobody when no more than half agree', () =>
    expect(agree(answers(1_000, 2_000), RULE).units).to.equal(undefined));

  it('of two that differ, leaves out the one that alone jumps away from the value on chain', () => {
    const last = { units: 1_001n, jumpBps: 200 };
    expect(agree(answers(1_000, 2_000), { ...RULE, last })).to.deep.equal({ units: 1_000n, outliers: ['1'] });
    expect(agree(answers(2_001, 2_000), { ...RULE, last }).units).to.equal(2_000n);
    expect(agree(answers(2_000), { ...RULE, last }).units).to.equal(2_000n);
  });

  it('with values around zero, goes by the spread in units', () => {
    const rule = { ...RULE, spreadBps: 0, spreadUnits: 5n };
    expect(agree(answers(-3, 0, 2), rule)).to.deep.equal({ units: 0n, outliers: [] });
    expect(agree(answers(-9, 0, 2), rule)).to.deep.equal({ units: 0n, outliers: ['0'] });
  });

  it('with fewer than half lying, says nothing or what lies within the range of the others', () => {
    fc.assert(
      fc.property(
        fc.array(fc.bigInt({ min: 100_000n, max: 100_500n }), { minLength: 2, maxLength: 7 }),
        fc.array(fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n }), { maxLength: 6 }),
        fc.option(fc.bigInt({ min: 90_000n, max: 110_000n }), { nil: undefined }),
        (honest, lies, chain) => {
          const told = lies.slice(0, honest.length - 1);
          const all = [...told, ...honest].map((units, at) => ({ source: String(at), units }));
          const last = chain === undefined ? undefined : { units: chain, jumpBps: 200 };
          const { units } = agree(all, { ...RULE, minimumSources: 1, last });
          const [lowest, highest] = [
            honest.reduce((a, b) => (a < b ? a : b)),
            honest.reduce((a, b) => (a > b ? a : b)),
          ];
          // Within the spread of what an honest source said: liars may narrow the honest, not leave them.
          const margin = highest / 100n + 1n;
          expect(units === undefined || (units >= lowest - margin && units <= highest + margin)).to.equal(
            true,
          );
        },
      ),
      { numRuns: 5_000 },
    );
  });
});
