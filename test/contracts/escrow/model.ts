/**
 * The escrow as plain arithmetic: what each verb does to one escrow's money, and what refuses it. Written from the domain's
 * description, not from the contract, to be compared with it.
 */
import type { Terms } from './fixture.ts';

const BPS = 10_000n;

/** `bps` of `amount`, rounded down. */
export const share = (amount: bigint, bps: bigint) => (amount * bps) / BPS;

export type Verb =
  | { verb: 'capture'; amount: bigint; feeBps: bigint }
  | { verb: 'refund'; amount: bigint }
  | { verb: 'rule'; payeeBps: bigint }
  | { verb: 'void' | 'reclaim' | 'openDispute' | 'resolveByDefault' };

/** What payer, payee and fee recipient get, and what a refund takes from its caller. Or why nothing happens. */
export type Outcome =
  | { refusedBy: string }
  | { payer: bigint; payee: bigint; feeRecipient: bigint; caller: bigint };

export class EscrowModel {
  readonly terms: Terms;
  capturable: bigint;
  refundable = 0n;
  rulingDeadline = 0n;
  milestonesLeft: bigint;
  status: 'none' | 'open' | 'disputed' | 'closed' = 'open';

  constructor(terms: Terms, amount: bigint) {
    this.terms = terms;
    this.capturable = amount;
    this.milestonesLeft = BigInt(terms.milestones.length);
  }

  apply(action: Verb, caller: string, now: bigint): Outcome {
    const refusedBy = this.#refusal(action, caller, now);
    if (refusedBy) return { refusedBy };
    const outcome = this.#act(action, caller, now);
    if (this.status === 'closed' && this.refundable === 0n && now > this.terms.authorizationExpiry) {
      this.status = 'none';
      this.rulingDeadline = 0n;
      this.milestonesLeft = 0n;
    }
    return { payer: 0n, payee: 0n, feeRecipient: 0n, caller: 0n, ...outcome };
  }

  #refusal(action: Verb, caller: string, now: bigint): string | undefined {
    const { payer, payee, operator, arbiter, captureExpiry, refundExpiry } = this.terms;
    const [isPayer, isPayee, isOperator] = [caller === payer, caller === payee, caller === operator];
    const funded = this.capturable > 0n;
    const disputed = this.status === 'disputed';
    switch (action.verb) {
      case 'capture': {
        const givesIn = isPayer && action.amount === this.capturable;
        if (!funded) return 'EscrowIsNotOpen';
        if (!isPayer && !isOperator) return 'CallerCannotCapture';
        if (disputed && !givesIn) return 'EscrowIsDisputed';
        if (!disputed && now > captureExpiry) return 'CaptureExpired';
        if (action.amount < 1n || action.amount > this.capturable) return 'AmountOutOfBounds';
        const highest = isPayer ? this.terms.minFeeBps : this.terms.maxFeeBps;
        if (action.feeBps < this.terms.minFeeBps || action.feeBps > highest) return 'FeeOutOfBounds';
        const next = this.terms.milestones.at(-Number(this.milestonesLeft));
        if (this.milestonesLeft > 0n && !givesIn && action.amount !== next) return 'MilestoneMismatch';
        return undefined;
      }
      case 'void':
        if (!funded) return 'EscrowIsNotOpen';
        return isPayee || (isOperator && !disputed) ? undefined : 'CallerCannotVoid';
      case 'reclaim':
        if (!funded) return 'EscrowIsNotOpen';
        if (disputed) return 'EscrowIsDisputed';
        return now > captureExpiry ? undefined : 'CaptureStillPossible';
      case 'refund':
        if (!isPayee && !isOperator) return 'CallerCannotRefund';
        if (now > refundExpiry) return 'RefundExpired';
        return action.amount >= 1n && action.amount <= this.refundable ? undefined : 'AmountOutOfBounds';
      case 'openDispute':
        if (!isPayer && !isPayee) return 'CallerIsNotParty';
        if (!funded) return 'EscrowIsNotOpen';
        if (disputed) return 'EscrowIsDisputed';
        if (this.terms.rulingPeriodSeconds === 0n) return 'NoArbiter';
        return now > captureExpiry ? 'CaptureExpired' : undefined;
      case 'rule':
        if (caller !== arbiter) return 'CallerIsNotArbiter';
        if (!disputed) return 'EscrowIsNotDisputed';
        if (now > this.rulingDeadline) return 'RulingExpired';
        return action.payeeBps > BPS ? 'PayeeBpsTooHigh' : undefined;
      case 'resolveByDefault':
        if (!disputed) return 'EscrowIsNotDisputed';
        return now > this.rulingDeadline ? undefined : 'RulingStillPossible';
    }
  }

  #act(action: Verb, caller: string, now: bigint): Partial<Exclude<Outcome, { refusedBy: string }>> {
    switch (action.verb) {
      case 'capture': {
        const givesIn = caller === this.terms.payer && action.amount === this.capturable;
        if (this.milestonesLeft > 0n && !givesIn) this.milestonesLeft -= 1n;
        this.capturable -= action.amount;
        this.refundable += action.amount;
        if (this.capturable === 0n) this.status = 'closed';
        const fee = share(action.amount, action.feeBps);
        return { payee: action.amount - fee, feeRecipient: fee };
      }
      case 'void':
      case 'reclaim':
        return this.#split(0n);
      case 'refund':
        this.refundable -= action.amount;
        return { payer: action.amount, caller: -action.amount };
      case 'openDispute':
        this.status = 'disputed';
        this.rulingDeadline = now + this.terms.rulingPeriodSeconds;
        return {};
      case 'rule':
        return this.#split(action.payeeBps);
      case 'resolveByDefault':
        return this.#split(this.terms.defaultPayeeBps);
    }
  }

  #split(payeeBps: bigint) {
    const payeeAmount = share(this.capturable, payeeBps);
    const payer = this.capturable - payeeAmount;
    const fee = share(payeeAmount, this.terms.minFeeBps);
    this.refundable += payeeAmount;
    this.capturable = 0n;
    this.status = 'closed';
    return { payer, payee: payeeAmount - fee, feeRecipient: fee };
  }
}
