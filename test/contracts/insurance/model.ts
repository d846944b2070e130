/** What the insurance contracts compute, written a second time and as plainly as possible, to compare them with. */
import { DAY, VIRTUAL_SHARES } from './fixture.ts';

/** Premiums and payouts as the services and the simulation compute them. */
export {
  type PayoutTier as Tier,
  payoutBpsOf,
  premiumOf,
} from '../../../services/core/insurance/premium.ts';

export const ceilDiv = (numerator: bigint, denominator: bigint) =>
  (numerator + denominator - 1n) / denominator;

const min = (a: bigint, b: bigint) => (a < b ? a : b);

export interface ModelRisk {
  /** The last second in which it can be sold and cancelled. */
  closesAt: bigint;
  locked: bigint;
  unearned: bigint;
  settled: boolean;
}

/** A pool whose sums are made anew each time from the list of its risks. */
export class PoolModel {
  totalAssets = 0n;
  totalSupply = 0n;
  payoutReserve = 0n;
  readonly requested = new Map<string, bigint>();
  readonly risks = new Map<bigint, ModelRisk>();

  #open(): ModelRisk[] {
    return [...this.risks.values()].filter(({ settled }) => !settled);
  }

  get lockedCapital(): bigint {
    return this.#open().reduce((sum, { locked }) => sum + locked, 0n);
  }

  get unearnedPremiums(): bigint {
    return this.#open().reduce((sum, { unearned }) => sum + unearned, 0n);
  }

  /** Of risks whose sale closed before today. */
  begun(now: bigint): { locked: bigint; unearned: bigint } {
    const risks = this.#open().filter(({ closesAt }) => closesAt < now - (now % DAY));
    return {
      locked: risks.reduce((sum, { locked }) => sum + locked, 0n),
      unearned: risks.reduce((sum, { unearned }) => sum + unearned, 0n),
    };
  }

  get capacity(): bigint {
    const queued = [...this.requested.values()].reduce((sum, shares) => sum + shares, 0n);
    const queuedAssets =
      queued === this.totalSupply
        ? this.totalAssets
        : ceilDiv(queued * (this.totalAssets + 1n), this.totalSupply + VIRTUAL_SHARES);
    const free = this.totalAssets - this.lockedCapital - queuedAssets;
    return free > 0n ? free : 0n;
  }

  sharesFor(assets: bigint, now: bigint): bigint {
    return (
      (assets * (this.totalSupply + VIRTUAL_SHARES)) / (this.totalAssets + this.begun(now).unearned + 1n)
    );
  }

  costOf(shares: bigint, now: bigint): bigint {
    return ceilDiv(
      shares * (this.totalAssets + this.begun(now).unearned + 1n),
      this.totalSupply + VIRTUAL_SHARES,
    );
  }

  assetsFor(shares: bigint, now: bigint): bigint {
    if (shares === this.totalSupply && this.lockedCapital === 0n) return this.totalAssets;
    return (shares * (this.totalAssets - this.begun(now).locked + 1n)) / (this.totalSupply + VIRTUAL_SHARES);
  }

  /** What the owner can redeem, also for nothing, when its request is within its claim window. */
  redeemable(owner: string, now: bigint): bigint {
    const requested = this.requested.get(owner) ?? 0n;
    if (this.lockedCapital === 0n) return requested;
    const beyond = ceilDiv(
      (this.totalAssets - this.lockedCapital + 1n) * (this.totalSupply + VIRTUAL_SHARES),
      this.totalAssets - this.begun(now).locked + 1n,
    );
    const lockedPart =
      ceilDiv((this.totalSupply + VIRTUAL_SHARES) * this.lockedCapital, this.totalAssets) - VIRTUAL_SHARES;
    const kept = min(100n * this.lockedCapital, lockedPart > 0n ? lockedPart : 1n);
    return min(requested, min(beyond - 1n, this.totalSupply - kept));
  }

  deposit(assets: bigint, now: bigint): bigint {
    const shares = this.sharesFor(assets, now);
    this.totalAssets += assets;
    this.totalSupply += shares;
    return shares;
  }

  redeem(owner: string, shares: bigint, now: bigint): bigint {
    const assets = this.assetsFor(shares, now);
    this.totalAssets = shares === this.totalSupply ? 0n : this.totalAssets - assets;
    this.totalSupply -= shares;
    this.requested.set(owner, (this.requested.get(owner) ?? 0n) - shares);
    return assets;
  }

  /** Sells cover on a risk: its capital is locked, the charge is the pool's. */
  sell(riskNumber: bigint, closesAt: bigint, locked: bigint, unearned: bigint, capitalCharge: bigint): void {
    const risk = this.risks.get(riskNumber) ?? { closesAt, locked: 0n, unearned: 0n, settled: false };
    risk.locked += locked;
    risk.unearned += unearned;
    this.risks.set(riskNumber, risk);
    this.totalAssets += capitalCharge;
  }

  /** Fixes a risk: the pool earns what is not refunded and owes payout and refund. */
  settle(riskNumber: bigint, payout: bigint, refund: bigint): void {
    const risk = this.risks.get(riskNumber);
    if (!risk) throw new Error(`The model has no risk ${riskNumber}.`);
    risk.settled = true;
    this.totalAssets += risk.unearned - refund - payout;
    this.payoutReserve += payout + refund;
  }
}
