/**
 * Each policy that was promised is issued once, and paid once what it is due, to the unit; and the pool has what it must have then. Found
 * from the contracts' events and balances, from the played days and from what the API tells.
 */
import { type Log, parseEventLogs, parseUnits } from 'viem';
import { parametricCoverAbi } from '../../../services/core/abi/parametricCover.ts';
import { payoutBpsOf, payoutOf, premiumOf } from '../../../services/core/insurance/premium.ts';
import { COVER_CURRENCY, maxPayoutBpsOf, ratesOf } from '../../../services/core/insurance/product.ts';
import type { Policy } from '../../../services/settlement/domains/insurance/schema.ts';
import type { Violation, ViolationKind } from '../invariants.ts';
import { ownedBy, readBalances, tradeCurrencies } from './balances.ts';
import { type BoughtPolicy, CENT } from './cover.ts';
import { DECIMALS, spentOn } from './escrowInvariants.ts';
import { productOf } from './risks.ts';
import type { TradeRemains } from './run.ts';

/** So many blocks of a second each an order waits; then it is given up, and its partner told so. */
const ORDER_BLOCKS = 600n;

/** What a policy comes to, when everything is as it should be. */
interface Expected {
  status: Policy['status'];
  premium: bigint;
  capitalCharge: bigint;
  /** By its cancellation. */
  givenBack: bigint;
  /** By the oracle's silence, to the buyer. */
  refund: bigint;
  /** To the holder. */
  payout: bigint;
}

type Events = ReturnType<typeof eventsOf>;

export async function coverViolations(remains: TradeRemains): Promise<Violation[]> {
  const { world, policies, startBlock } = remains;
  const { client, deployment } = world.chain;
  const address = deployment.parametricCover;
  const events = eventsOf(await client.getLogs({ address, fromBlock: startBlock + 1n }));
  const found: Violation[] = [];
  const report = (kind: ViolationKind, what: string) => found.push({ kind, what });

  const expected = new Map<BoughtPolicy, Expected>();
  for (const policy of policies) {
    const outcome = await outcomeOf(remains, policy, events, report);
    if (outcome) expected.set(policy, outcome);
  }
  const holders = policies.map(({ planned }) => planned.holder.toLowerCase());
  for (const { args } of events.issued)
    if (!holders.includes(args.holder.toLowerCase()))
      report('duplicated', `Policy ${args.policyId} was issued to ${args.holder}, and nobody ordered that`);
  const orders = events.filled.map(({ args }) => `${args.buyer} ${args.sequence}`);
  if (new Set(orders).size < orders.length) report('duplicated', `An order was filled twice: ${orders}`);
  await accountFor(remains, [...expected], report);
  return found;
}

/** Looks at one policy; undefined when it is not on the chain at all. */
async function outcomeOf(
  { world, soldInBlocks }: TradeRemains,
  { planned, partner, risk, id }: BoughtPolicy,
  { issued, cancelled, paid, refunded }: Events,
  report: (kind: ViolationKind, what: string) => void,
): Promise<Expected | undefined> {
  const name = `${planned.key} (${id})`;
  const told = await partner.get<Policy>(`/v1/policies/${id}`);
  const all = issued.filter(({ args }) => args.holder.toLowerCase() === planned.holder);
  const [policy] = all;
  if (all.length > 1) report('duplicated', `${name} was issued ${all.length} times`);
  const isGivenUp = told.status === 'failed' && told.reason?.code === 'not_issued_in_time';
  if (!policy && isGivenUp && (soldInBlocks ?? ORDER_BLOCKS) >= ORDER_BLOCKS) return undefined;
  if (!policy) {
    report('lost', `${name} is ${told.status} ${told.reason?.code ?? ''}, and was never issued`);
    return undefined;
  }
  const { timestamp } = await world.chain.client.getBlock({ blockNumber: policy.blockNumber });
  const expected = expectedOf(planned, risk, timestamp);
  const unlessSame = (kind: ViolationKind, what: string, observed: unknown, wanted: unknown) => {
    if (observed !== wanted) report(kind, `${name}: ${what} is ${observed}, expected ${wanted}`);
  };
  const ofPolicy = <Event extends { args: { policyId: bigint } }>(events: readonly Event[]) =>
    events.filter(({ args }) => args.policyId === policy.args.policyId);

  unlessSame('unbalanced', 'its premium', policy.args.premium, expected.premium);
  unlessSame('unbalanced', 'its capital charge', policy.args.capitalCharge, expected.capitalCharge);
  const changes: [string, { amount: bigint }[], bigint][] = [
    ['what it was paid', ofPolicy(paid).map(({ args }) => args), expected.payout],
    ['the premium after silence', ofPolicy(refunded).map(({ args }) => args), expected.refund],
    [
      'what its cancellation gave back',
      ofPolicy(cancelled).map(({ args }) => ({ amount: args.refund })),
      expected.givenBack,
    ],
  ];
  for (const [what, moved, wanted] of changes) {
    const sum = moved.reduce((total, { amount }) => total + amount, 0n);
    if (moved.length > 1) report('duplicated', `${name}: ${what} moved ${moved.length} times`);
    else if (sum === 0n && wanted > 0n) report('lost', `${name}: ${what} is nothing, expected ${wanted}`);
    else if (sum > 0n && wanted === 0n)
      report('duplicated', `${name}: ${what} is ${sum}, and nothing was due`);
    else unlessSame('unbalanced', what, sum, wanted);
  }
  const owned = await ownedBy(world, planned.holder, 'USD');
  if (owned > expected.payout)
    report('duplicated', `${name}: its holder owns ${owned}, was due ${expected.payout}`);
  else unlessSame('lost', 'what its holder owns', owned, expected.payout);

  const isOpen = ['accepted', 'processing', 'issued', 'payable'].includes(told.status);
  if (isOpen) report('stuck', `${name} is still ${told.status}`);
  else unlessSame('lost', 'its status', told.status, expected.status);
  const amount = told.claim && parseUnits(told.claim.amount.value, DECIMALS);
  if (!isOpen) unlessSame('unbalanced', 'its claim', amount ?? 0n, expected.payout + expected.refund);
  return expected;
}

/** @param timestamp of the block in which it was issued */
function expectedOf(
  planned: BoughtPolicy['planned'],
  risk: BoughtPolicy['risk'],
  timestamp: bigint,
): Expected {
  const product = productOf(risk.product);
  const insured = BigInt(planned.cents) * CENT;
  const lockedSeconds = BigInt(risk.windowEnd + product.graceSeconds) - timestamp;
  const { premium, capitalCharge } = premiumOf(
    ratesOf(product),
    insured,
    maxPayoutBpsOf(product),
    lockedSeconds,
  );
  const unearned = premium - capitalCharge;
  const givenBack = (unearned * BigInt(planned.cancelledCents)) / BigInt(planned.cents);
  const left = insured - BigInt(planned.cancelledCents) * CENT;
  const base = { premium, capitalCharge, givenBack, refund: 0n, payout: 0n };
  if (left === 0n) return { ...base, status: 'cancelled' };
  if (risk.observation === undefined) return { ...base, status: 'refunded', refund: unearned - givenBack };
  const bps = payoutBpsOf(product.tiers, product.operator === 'atLeast', risk.observation);
  return { ...base, status: bps > 0n ? 'paid' : 'expired', payout: payoutOf(left, bps) };
}

/** The pool's books, and those of the wallets that buy and put into escrow out of accounts, to the unit. */
async function accountFor(
  { world, escrows, before, isPeaceful }: TradeRemains,
  expected: readonly [BoughtPolicy, Expected][],
  report: (kind: ViolationKind, what: string) => void,
): Promise<void> {
  const { pool, payers } = await readBalances(world);
  const booked = pool.totalAssets + pool.unearnedPremiums + pool.payoutReserve + pool.totalCredits;
  const unlessSame = (what: string, observed: bigint, wanted: bigint) => {
    if (observed !== wanted) report('unbalanced', `${what}: ${observed}, expected ${wanted}`);
  };
  unlessSame('The pool holds', pool.balance, booked);
  if (!isPeaceful) return; // what is open is told of elsewhere
  const sumOf = (some: typeof expected, amount: (one: Expected) => bigint) =>
    some.reduce((sum, [, one]) => sum + amount(one), 0n);
  const ofBuyer = (one: Expected) => one.premium - one.givenBack - one.refund;
  unlessSame(
    "The pool's capital",
    pool.totalAssets,
    before.pool.totalAssets + sumOf(expected, (one) => ofBuyer(one) - one.payout),
  );
  unlessSame('Capital that is locked, with no risk open', pool.lockedCapital, 0n);
  unlessSame('Premiums that are unearned, with no risk open', pool.unearnedPremiums, 0n);
  unlessSame('The reserve for payouts, with all paid', pool.payoutReserve, 0n);
  for (const [index, balances] of payers.entries()) {
    const own = expected.filter(([{ partner }]) => partner.index === index);
    for (const currency of tradeCurrencies) {
      const escrowed = escrows.filter(
        ({ planned }) =>
          planned.partner === index && planned.currency === currency && planned.way === 'account',
      );
      unlessSame(
        `The payer of partner ${index} owns of ${currency}`,
        balances[currency],
        (before.payers[index]?.[currency] ?? 0n) -
          (currency === COVER_CURRENCY ? sumOf(own, ofBuyer) : 0n) -
          spentOn(escrowed),
      );
    }
  }
}

function eventsOf(logs: Log[]) {
  const of = <
    Name extends 'PolicyIssued' | 'OrderFilled' | 'PolicyCancelled' | 'PolicyPaid' | 'PremiumRefunded',
  >(
    eventName: Name,
  ) => parseEventLogs({ abi: parametricCoverAbi, logs, eventName });
  return {
    issued: of('PolicyIssued'),
    filled: of('OrderFilled'),
    cancelled: of('PolicyCancelled'),
    paid: of('PolicyPaid'),
    refunded: of('PremiumRefunded'),
  };
}
