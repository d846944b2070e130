import { randomInt } from 'node:crypto';
import { zeroHash } from 'viem';
import type { EscrowTerms } from '../../../services/core/evm/escrowTerms.ts';
import { startTestChain, type TestChain } from '../../support/chain.ts';
import { Activity, frozenSupplier, operator, suppliers, treasury } from './activity.ts';
import { DEEP, expectFreshTables, type Indexing, startIndexing, untilCaughtUp } from './indexing.ts';

const STEPS = 25;
const LONGEST_FORK = 8;

/**
 * Whatever happens on the chain and to the indexer, its tables end as those of a fresh index.
 * Seeds that once failed stay in the list; one more is new in each run, and stands in the test's name.
 */
describe('indexer: random histories', () => {
  let chain: TestChain;
  before(async () => {
    chain = await startTestChain();
  });
  after(() => chain?.stop());

  for (const seed of [1, 2, 3, 765763647, 801036306, randomInt(2 ** 31)])
    it(`seed ${seed}: ends as a fresh index does`, async () => {
      await using indexing = await startIndexing(chain, {
        FINALITY_DEPTH: DEEP,
        INDEXER_RANGE_BLOCKS: 1 + (seed % 7),
      });
      await new History(new Activity(chain), indexing, seed).run();
      await expectFreshTables(chain, indexing.database, { FINALITY_DEPTH: DEEP });
    });
});

class History {
  readonly #activity: Activity;
  readonly #indexing: Indexing;
  readonly #random: () => number;
  #highest = 0n;
  readonly #escrows: { terms: EscrowTerms; payee: number }[] = [];

  constructor(activity: Activity, indexing: Indexing, seed: number) {
    this.#activity = activity;
    this.#indexing = indexing;
    this.#random = mulberry32(seed);
    // The suite's histories share a chain: each seed settles under sequences of its own.
    activity.nextSequence = BigInt(seed) * 1_000_000n;
  }

  async run(): Promise<void> {
    await this.#activity.allowEscrow();
    for (let step = 0; step < STEPS; step++) {
      const dice = this.#below(10);
      if (dice < 6) await this.#block();
      else if (dice < 9) await this.#fork();
      else await this.#disturb();
    }
    // A branch that ended lower than one that was seen before must outgrow it.
    await this.#activity.emptyBlocks(LONGEST_FORK + 1);
  }

  /** The chain's height now; the highest ever is kept. */
  async #height(): Promise<bigint> {
    const height = await this.#activity.chain.client.getBlockNumber({ cacheTime: 0 });
    if (height > this.#highest) this.#highest = height;
    return height;
  }

  /** One block with up to four transactions, of which some may revert. */
  async #block(): Promise<void> {
    const count = this.#below(5);
    await this.#activity.inOneBlock(async () => {
      for (let sent = 0; sent < count; sent++) await this.#transaction();
    });
  }

  async #fork(): Promise<void> {
    await this.#height();
    await this.#activity.abandon(async () => {
      const highest = this.#highest;
      for (let block = this.#below(LONGEST_FORK); block >= 0; block--) await this.#block();
      // Half of the abandoned branches are seen whole, of the others a part or nothing. One that is no higher than what
      // the indexer may have seen is a lagging node to it: nothing to wait for.
      const isHigher = (await this.#height()) > highest;
      if (this.#below(2) === 0 && isHigher)
        await untilCaughtUp(this.#activity.chain, this.#indexing.database);
    });
    for (let block = this.#below(LONGEST_FORK + 2); block >= 0; block--) await this.#block();
  }

  async #disturb(): Promise<void> {
    if (this.#below(2) === 0) return this.#indexing.restart();
    await this.#indexing.database.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'indexer' and datname = current_database()`,
    );
  }

  #transaction(): Promise<unknown> {
    const activity = this.#activity;
    const amount = BigInt(this.#below(1_000));
    switch (this.#below(9)) {
      case 0:
        return activity.settleBatch(
          Array.from({ length: 1 + this.#below(6) }, () => ({
            recipient: activity.account(this.#anybody()),
            amount,
          })),
        );
      case 1:
        return activity.pay(this.#anybody(), amount, `reference ${amount}`);
      case 2:
        return activity.mint(this.#anybody(), amount, 'EUR');
      case 3:
        return activity.burn(this.#anybody(), amount, 'EUR');
      case 4:
        return activity.transfer(this.#anybody(), this.#anybody(), amount);
      case 5:
        return this.#openEscrow(2n + amount);
      case 6:
      case 7:
        return this.#actOnEscrow();
      default:
        return activity.transfer(treasury, this.#anybody(), amount, 'CNY');
    }
  }

  async #openEscrow(amount: bigint): Promise<unknown> {
    const payee = this.#below(3) === 0 ? frozenSupplier : (suppliers[0] ?? 0);
    const milestones = this.#below(2) === 0 ? [] : [1n, amount - 1n];
    const terms = await this.#activity.terms(payee, amount, { milestones });
    this.#escrows.push({ terms, payee });
    return this.#activity.escrow(treasury, 'authorize', [terms, amount]);
  }

  /** Any verb upon any of the escrows; many revert. */
  #actOnEscrow(): Promise<unknown> {
    const activity = this.#activity;
    const chosen = this.#escrows[this.#below(this.#escrows.length)];
    if (!chosen) return this.#openEscrow(10n);
    const { terms, payee } = chosen;
    switch (this.#below(8)) {
      case 0:
        return activity.escrow(operator, 'capture', [terms, 1n, 0n]);
      case 1:
        return activity.escrow(operator, 'capture', [terms, terms.milestones[1] ?? terms.amount, 0n]);
      case 2:
        return activity.escrow(operator, 'void', [terms]);
      case 3:
        return activity.escrow(treasury, 'openDispute', [terms, zeroHash]);
      case 4:
        return activity.escrow(payee, 'submitEvidence', [terms, zeroHash]);
      case 5:
        return activity.escrow(operator, 'rule', [terms, BigInt(this.#below(10_001)), zeroHash]);
      case 6:
        return activity.escrow(payee, 'withdrawCredit', [terms.token, terms.payee]);
      default:
        return activity.escrow(treasury, 'charge', [{ ...terms, salt: terms.salt + 1n }, terms.amount, 0n]);
    }
  }

  #anybody(): number {
    const people = [...suppliers, treasury, frozenSupplier];
    return people[this.#below(people.length)] ?? treasury;
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }
}

/** A generator of numbers from 0 to 1 that gives the same for the same seed; the algorithm is in the public domain. */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
