import { expect } from 'chai';
import type { ContractTransactionReceipt } from 'ethers';
import { seeded } from '../support/random.ts';
import { EUR_USD, openChain, PRICE_CONFIG } from './fixture.ts';
import { FeedModel, medianRow, type Outcome, SKIP_REASONS } from './model.ts';
import { agree, signPrices } from './reporters.ts';

const { oracle, now, mineAt, reporters, priceRound } = await openChain();

const RULES = {
  maxAgeSeconds: 100n,
  maxDeviationBps: 500n,
  minValue: -2_000n,
  maxValue: 2_000n,
};

type Hub = Awaited<ReturnType<typeof oracle>>['hub'];

function outcomeOf(hub: Hub, receipt: ContractTransactionReceipt | null): Outcome {
  const [event] = receipt?.logs.map((log) => hub.interface.parseLog(log)) ?? [];
  if (event?.name === 'PriceAccepted') return 'accepted';
  if (event?.name === 'PriceHeld') return 'held';
  return SKIP_REASONS[Number(event?.args.reason)] as Outcome;
}

describe('OracleHub compared with its model', () => {
  for (const seed of [1, 2, 3]) {
    it(`accepts, holds and skips the same in 150 rounds (seed ${seed})`, async () => {
      const { hub, admined } = await oracle();
      await admined.updateFeed(
        EUR_USD,
        RULES.maxAgeSeconds,
        RULES.maxDeviationBps,
        RULES.minValue,
        RULES.maxValue,
      );
      const model = new FeedModel(RULES);
      const { below, pick } = seeded(seed);
      const seen = new Set<Outcome>();
      let round = 0;
      for (let i = 0; i < 150; ++i) {
        // Mostly a newer round with a value near one of the last; at times an old round, an old time, a jump.
        round = Math.max(0, round + pick([1, 1, 1, 1, 2, 0, -1]));
        const base = pick([model.current, model.held])?.value ?? 1_000n;
        const value = pick([
          base + BigInt(below(120) - 60),
          base + base / 20n,
          base - base / 20n - 1n,
          BigInt(below(4_400) - 2_200),
        ]);
        const mined = (await now()) + 1n + BigInt(below(60));
        const observedAt = mined - BigInt(pick([0, 5, 100, 101, 40]));
        const count = 5 + below(3);
        const price = { value, round: BigInt(round), observedAt };

        const signed = await signPrices(
          hub,
          reporters,
          await priceRound(round, 0n, { observedAt, rows: agree(count, [value]) }),
        );
        await mineAt(mined);
        const receipt = await (await hub.report(...signed)).wait();

        const expected = model.take(price, mined);
        seen.add(expected);
        expect(outcomeOf(hub, receipt), `round ${i}`).to.equal(expected);
        const asList = (at?: typeof price) => (at ? [at.value, at.observedAt, at.round] : [0n, 0n, 0n]);
        expect(await hub.priceOf(EUR_USD)).to.deep.equal(asList(model.current));
        expect(await hub.heldPriceOf(EUR_USD)).to.deep.equal(asList(model.held));
      }
      expect([...seen].sort()).to.deep.equal([
        'OUT_OF_BOUNDS',
        'ROUND_NOT_NEWER',
        'TIME_NOT_NEWER',
        'TOO_OLD',
        'accepted',
        'held',
      ]);
    });
  }

  it('takes the same medians of 60 random rows, many of them equal', async () => {
    const { hub, admined } = await oracle();
    await admined.updateFeed(EUR_USD, 1_000_000, 1, PRICE_CONFIG.minValue, PRICE_CONFIG.maxValue);
    const { below, pick } = seeded(4);
    for (let round = 1; round <= 60; ++round) {
      const count = 5 + below(3);
      const spread = pick([2, 5, 1_000_000]);
      const rows = Object.fromEntries(
        Array.from({ length: count }, (_, i) => [i, [BigInt(below(spread) - Math.floor(spread / 2))]]),
      );
      const numbers = Object.values(rows).map(([number]) => number as bigint);
      const observed = await priceRound(round, 0n, { rows });
      const signed = await signPrices(hub, reporters, observed);
      await mineAt(observed.observedAt);
      await hub.report(...signed);
      const { value, round: current } = await hub.priceOf(EUR_USD);
      const held = await hub.heldPriceOf(EUR_USD);
      expect(current === BigInt(round) ? value : held.value).to.equal(numbers[medianRow(numbers)]);
    }
  });
});
