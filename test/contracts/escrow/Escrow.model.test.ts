import { expect } from 'chai';
import { seeded } from '../support/random.ts';
import {
  AUTHORIZATION_EXPIRY,
  CAPTURE_EXPIRY,
  openChain,
  REFUND_EXPIRY,
  status,
  type Terms,
} from './fixture.ts';
import { EscrowModel, type Outcome, share, type Verb } from './model.ts';

const { ethers, networkHelpers, accounts, corridor, at } = await openChain();
const { payer, payee, operator, feeRecipient, arbiter, stranger } = accounts;
const zero = ethers.ZeroAddress;
const HISTORIES = 60;
const ACTIONS = 10;
const MANY = 2n ** 92n;

/** Of a token without limits, payer, payee and operator have as much as they need. */
async function withFunds() {
  const contracts = await corridor();
  const token = await ethers.deployContract('PlainToken');
  for (const holder of [payer, payee, operator]) {
    await token.getFunction('mint')(holder, MANY * 2n ** 16n);
    await token.connect(holder).getFunction('approve')(contracts.escrow, ethers.MaxUint256);
  }
  return { ...contracts, plain: token, address: await token.getAddress() };
}

type Funded = Awaited<ReturnType<typeof withFunds>>;
type Random = ReturnType<typeof seeded>;

function randomTerms({ terms }: Funded, random: Random, token: string, salt: bigint): Terms {
  const minFeeBps = BigInt(random.pick([0, 1, 30, 9_999, 10_000]));
  const maxFeeBps = random.pick([minFeeBps, minFeeBps + (10_000n - minFeeBps) / 2n]);
  const disputable = random.below(3) > 0;
  const milestones = random.below(3) === 0 ? [1, 2, 3].map(() => random.amount(80)) : [];
  return terms({
    token,
    salt,
    amount: milestones.length > 0 ? milestones.reduce((sum, each) => sum + each) : random.amount(92),
    operator: random.below(4) === 0 ? zero : operator.address,
    minFeeBps,
    maxFeeBps,
    feeRecipient: maxFeeBps === 0n ? zero : feeRecipient.address,
    arbiter: disputable ? arbiter.address : zero,
    rulingPeriodSeconds: disputable ? 1_000n : 0n,
    defaultPayeeBps: disputable ? BigInt(random.below(10_001)) : 0n,
    milestones,
  });
}

/** Each as often as makes most actions take effect. */
const otherwise = [
  ...Array.from({ length: 8 }, () => 'capture' as const),
  ...Array.from({ length: 4 }, () => 'refund' as const),
  ...Array.from({ length: 4 }, () => 'openDispute' as const),
  'void',
  'reclaim',
  'rule',
  'resolveByDefault',
] as const;
const inDispute = [
  ...Array.from({ length: 3 }, () => 'rule' as const),
  ...Array.from({ length: 3 }, () => 'resolveByDefault' as const),
  'capture',
  'capture',
  'refund',
  'void',
  'reclaim',
  'openDispute',
] as const;

function randomVerb(random: Random, model: EscrowModel): Verb {
  const { minFeeBps, maxFeeBps, milestones } = model.terms;
  const disputed = model.status === 'disputed';
  const verb = random.pick(disputed ? inDispute : otherwise);
  const part = (of: bigint) => random.pick([0n, 1n, of / 2n, of / 3n, of / 5n, of - 1n, of, of + 1n]);
  const positive = (amount: bigint) => (amount < 0n ? 0n : amount);
  if (verb === 'capture') {
    const next = milestones.at(-Number(model.milestonesLeft)) ?? 0n;
    const amount = positive(random.pick([part(model.capturable), next]));
    const feeBps = positive(
      random.pick([minFeeBps, minFeeBps, minFeeBps, maxFeeBps, minFeeBps - 1n, maxFeeBps + 1n]),
    );
    return { verb, amount, feeBps };
  }
  if (verb === 'refund') return { verb, amount: positive(part(model.refundable)) };
  if (verb === 'rule')
    return { verb, payeeBps: BigInt(random.pick([0, 1, random.below(10_001), 10_000, 10_001])) };
  return { verb };
}

/** Those who mostly may, several times each, so that most actions take effect. */
const entitled = {
  capture: [operator, operator, operator, payer, payer],
  refund: [payee, payee, payee, operator, operator, operator],
  rule: [arbiter, arbiter, arbiter, arbiter, arbiter],
  void: [],
  reclaim: [],
  openDispute: [payer, payer, payee, payee],
  resolveByDefault: [],
} as const;

/** The call that the verb is. */
function send({ escrow }: Funded, caller: typeof payer, terms: Terms, action: Verb) {
  const as = escrow.connect(caller);
  switch (action.verb) {
    case 'capture':
      return as.capture(terms, action.amount, action.feeBps);
    case 'refund':
      return as.refund(terms, action.amount);
    case 'rule':
      return as.rule(terms, action.payeeBps, ethers.ZeroHash);
    case 'openDispute':
      return as.openDispute(terms, ethers.ZeroHash);
    default:
      return as[action.verb](terms);
  }
}

describe('Escrow beside its model', () => {
  it(`moves the same money and refuses the same, over ${HISTORIES} random histories`, async function () {
    this.timeout(120_000);
    const contracts = await withFunds();
    const { escrow, plain, address, idOf, stateOf } = contracts;
    const random = seeded(20_261_121);
    const outcomes = new Map<string, number>();
    const snapshot = await networkHelpers.takeSnapshot();
    for (let history = 0; history < HISTORIES; history++) {
      if (history > 0) await snapshot.restore();
      const terms = randomTerms(contracts, random, address, BigInt(history));
      const amount = terms.milestones.length > 0 ? terms.amount : terms.amount / 2n + 1n;
      await escrow.connect(payer).authorize(terms, amount);
      const model = new EscrowModel(terms, amount);

      for (let i = 0; i < ACTIONS; i++) {
        const action = randomVerb(random, model);
        const caller = random.pick([...entitled[action.verb], payer, payee, operator, arbiter, stranger]);
        const soon = BigInt(await networkHelpers.time.latest()) + 1n;
        const edges = [AUTHORIZATION_EXPIRY, CAPTURE_EXPIRY, model.rulingDeadline, REFUND_EXPIRY];
        const edge = random.pick(edges) + BigInt(random.below(2));
        await at(random.below(6) === 0 && edge > soon ? edge : soon);
        await compare(caller, action, model);
      }

      async function compare(caller: typeof payer, action: Verb, model: EscrowModel) {
        const label = `history ${history}: ${action.verb} by ${caller.address}`;
        const holders = [payer, payee, feeRecipient, operator, escrow];
        const before = await Promise.all(holders.map((each) => plain.getFunction('balanceOf')(each)));
        const error = await send(contracts, caller, terms, action).then(
          () => undefined,
          (failure: { data?: string }) =>
            escrow.interface.parseError(failure.data ?? '0x')?.name ?? 'no reason',
        );
        // A refused transaction has no block of its own; its time is the one it would have had.
        if (error) await networkHelpers.mine();
        const now = BigInt(await networkHelpers.time.latest());
        const outcome: Outcome = model.apply(action, caller.address, now);
        const expected = 'refusedBy' in outcome ? outcome.refusedBy : undefined;
        expect(error, label).to.equal(expected);
        outcomes.set(expected ?? action.verb, (outcomes.get(expected ?? action.verb) ?? 0) + 1);
        const after = await Promise.all(holders.map((each) => plain.getFunction('balanceOf')(each)));
        const changes = holders.map((_, k) => (after[k] as bigint) - (before[k] as bigint));
        const moved = 'refusedBy' in outcome ? undefined : outcome;
        const by = (account: typeof payer) => (moved && caller === account ? moved.caller : 0n);
        const [toPayer, toPayee, toFee] = [moved?.payer ?? 0n, moved?.payee ?? 0n, moved?.feeRecipient ?? 0n];
        const left = action.verb === 'refund' ? 0n : -(toPayer + toPayee + toFee);
        expect(changes, label).to.deep.equal([toPayer, toPayee + by(payee), toFee, by(operator), left]);
        expect(await stateOf(idOf(terms)), label).to.deep.equal({
          capturable: model.capturable,
          refundable: model.refundable,
          rulingDeadline: model.rulingDeadline,
          milestonesLeft: model.milestonesLeft,
          status: status[model.status],
        });
        expect(await plain.getFunction('balanceOf')(escrow), label).to.equal(model.capturable);
      }
    }
    // The histories are only worth something if each verb took effect and each reason to refuse came up.
    const verbs = ['capture', 'refund', 'rule', 'void', 'reclaim', 'openDispute', 'resolveByDefault'];
    const reasons = ['EscrowIsDisputed', 'AmountOutOfBounds', 'FeeOutOfBounds', 'MilestoneMismatch'];
    for (const each of [...verbs, ...reasons]) expect(outcomes.get(each) ?? 0, each).to.be.greaterThan(1);
  });

  it('takes the same fee, over 1,000 random charges', async function () {
    this.timeout(60_000);
    const { escrow, address, terms } = await withFunds();
    const random = seeded(7);
    for (let i = 0; i < 1_000; i++) {
      const amount = random.amount(92);
      const feeBps = BigInt(random.below(10_001));
      const charged = terms({
        token: address,
        amount,
        minFeeBps: feeBps,
        maxFeeBps: feeBps,
        feeRecipient: feeBps === 0n ? zero : feeRecipient.address,
      });
      const fee = await escrow.connect(payer).charge.staticCall(charged, amount, feeBps);
      expect(fee, `${amount} at ${feeBps}`).to.equal(share(amount, feeBps));
    }
  });

  it('splits the same, over 1,000 random rulings', async function () {
    this.timeout(60_000);
    const { escrow, address, disputable } = await withFunds();
    const random = seeded(11);
    for (let i = 0; i < 20; i++) {
      const terms = disputable({ token: address, salt: BigInt(i), amount: random.amount(92) });
      await escrow.connect(payer).authorize(terms, terms.amount);
      await escrow.connect(payer).openDispute(terms, ethers.ZeroHash);
      for (let j = 0; j < 50; j++) {
        const payeeBps = BigInt(random.below(10_001));
        const split = await escrow.connect(arbiter).rule.staticCall(terms, payeeBps, ethers.ZeroHash);
        const payeeAmount = share(terms.amount, payeeBps);
        expect([...split], `${terms.amount} at ${payeeBps}`).to.deep.equal([
          payeeAmount,
          terms.amount - payeeAmount,
          share(payeeAmount, terms.minFeeBps),
        ]);
      }
    }
  });
});
