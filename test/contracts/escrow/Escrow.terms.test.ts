import { expect } from 'chai';
import {
  AMOUNT,
  AUTHORIZATION_EXPIRY,
  CAPTURE_EXPIRY,
  openChain,
  REFUND_EXPIRY,
  START,
  type Terms,
} from './fixture.ts';

const { ethers, accounts, corridor, at } = await openChain();
const { payer, payee, operator, arbiter, feeRecipient } = accounts;
const zero = ethers.ZeroAddress;
const YEAR = 365n * 86_400n;

/** Terms that must not be authorized: what differs from good ones, and the error with its arguments. */
interface Refused {
  title: string;
  given: Partial<Terms>;
  amount?: bigint;
  error: string;
  args: unknown[];
}

const milestones = (count: number, each = 1n) => Array.from({ length: count }, () => each);
const lock = ethers.id('lock');
const dispute = { arbiter: arbiter.address, rulingPeriodSeconds: 1n };

const refused: Refused[] = [
  {
    title: 'a payee that is nobody',
    given: { payee: zero },
    error: 'PayeeInvalid',
    args: [zero],
  },
  {
    title: 'a payee that is the payer',
    given: { payee: payer.address },
    error: 'PayeeInvalid',
    args: [payer.address],
  },
  {
    title: 'a token that is no contract',
    given: { token: payee.address },
    error: 'NotAToken',
    args: [payee.address],
  },
  { title: 'a token that is nothing', given: { token: zero }, error: 'NotAToken', args: [zero] },
  {
    title: 'an operator that is the payer',
    given: { operator: payer.address },
    error: 'OperatorInvalid',
    args: [payer.address],
  },
  {
    title: 'an operator that is the payee',
    given: { operator: payee.address },
    error: 'OperatorInvalid',
    args: [payee.address],
  },
  {
    title: 'a capture that ends before the authorization',
    given: { captureExpiry: AUTHORIZATION_EXPIRY - 1n },
    error: 'ExpiriesNotOrdered',
    args: [AUTHORIZATION_EXPIRY, AUTHORIZATION_EXPIRY - 1n, REFUND_EXPIRY],
  },
  {
    title: 'a refund that ends before the capture',
    given: { refundExpiry: CAPTURE_EXPIRY - 1n },
    error: 'ExpiriesNotOrdered',
    args: [AUTHORIZATION_EXPIRY, CAPTURE_EXPIRY, CAPTURE_EXPIRY - 1n],
  },
  {
    title: 'a lowest fee above the highest',
    given: { minFeeBps: 301n },
    error: 'FeeBoundsInvalid',
    args: [301n, 300n, 10_000n],
  },
  {
    title: 'a fee of more than everything',
    given: { maxFeeBps: 10_001n },
    error: 'FeeBoundsInvalid',
    args: [100n, 10_001n, 10_000n],
  },
  {
    title: 'a fee for nobody',
    given: { feeRecipient: zero },
    error: 'FeeRecipientMismatch',
    args: [zero, 300n],
  },
  {
    title: 'a fee recipient without a fee',
    given: { minFeeBps: 0n, maxFeeBps: 0n },
    error: 'FeeRecipientMismatch',
    args: [feeRecipient.address, 0n],
  },
  {
    title: 'an arbiter that is the payer',
    given: { ...dispute, arbiter: payer.address },
    error: 'ArbiterInvalid',
    args: [payer.address],
  },
  {
    title: 'an arbiter that is the payee',
    given: { ...dispute, arbiter: payee.address },
    error: 'ArbiterInvalid',
    args: [payee.address],
  },
  {
    title: 'an arbiter without time to rule',
    given: { arbiter: arbiter.address, defaultPayeeBps: 1n },
    error: 'DisputeTermsMismatch',
    args: [arbiter.address, 0n, 1n],
  },
  {
    title: 'time to rule without an arbiter',
    given: { rulingPeriodSeconds: 1n },
    error: 'DisputeTermsMismatch',
    args: [zero, 1n, 0n],
  },
  {
    title: 'a default outcome without an arbiter',
    given: { defaultPayeeBps: 1n },
    error: 'DisputeTermsMismatch',
    args: [zero, 0n, 1n],
  },
  {
    title: 'more than a year to rule',
    given: { ...dispute, rulingPeriodSeconds: YEAR + 1n },
    error: 'RulingPeriodTooLong',
    args: [YEAR + 1n, YEAR],
  },
  {
    title: 'a default outcome of more than everything',
    given: { ...dispute, defaultPayeeBps: 10_001n },
    error: 'PayeeBpsTooHigh',
    args: [10_001n, 10_000n],
  },
  {
    title: 'a hash lock beside an operator',
    given: { hashLock: lock },
    error: 'HashLockNotAlone',
    args: [operator.address, zero, 0n],
  },
  {
    title: 'a hash lock beside an arbiter',
    given: { ...dispute, operator: zero, hashLock: lock },
    error: 'HashLockNotAlone',
    args: [zero, arbiter.address, 0n],
  },
  {
    title: 'a hash lock beside milestones',
    given: { operator: zero, hashLock: lock, milestones: [1n, AMOUNT - 1n] },
    error: 'HashLockNotAlone',
    args: [zero, zero, 2n],
  },
  {
    title: 'more than 32 milestones',
    given: { amount: 33n, milestones: milestones(33) },
    error: 'TooManyMilestones',
    args: [33n, 32n],
  },
  {
    title: 'a milestone of nothing',
    given: { milestones: [1n, 0n, AMOUNT - 1n] },
    error: 'MilestoneIsZero',
    args: [1n],
  },
  {
    title: 'milestones of less than the amount',
    given: { milestones: [1n, AMOUNT - 2n] },
    error: 'MilestonesSumMismatch',
    args: [AMOUNT - 1n, AMOUNT],
  },
  {
    title: 'milestones of more than the amount',
    given: { milestones: [2n, AMOUNT - 1n] },
    error: 'MilestonesSumMismatch',
    args: [AMOUNT + 1n, AMOUNT],
  },
  {
    title: 'an amount of nothing',
    given: { amount: 0n },
    error: 'AmountOutOfBounds',
    args: [0n, 1n, 0n],
  },
  {
    title: 'an authorization of nothing',
    given: {},
    amount: 0n,
    error: 'AmountOutOfBounds',
    args: [0n, 1n, AMOUNT],
  },
  {
    title: 'an authorization of more than the terms say',
    given: {},
    amount: AMOUNT + 1n,
    error: 'AmountOutOfBounds',
    args: [AMOUNT + 1n, 1n, AMOUNT],
  },
  {
    title: 'an authorization of more than fits',
    given: {},
    amount: 2n ** 96n + AMOUNT,
    error: 'AmountOutOfBounds',
    args: [2n ** 96n + AMOUNT, 1n, AMOUNT],
  },
  {
    title: 'a part of what milestones add up to',
    given: { milestones: [1n, AMOUNT - 1n] },
    amount: AMOUNT - 1n,
    error: 'AmountOutOfBounds',
    args: [AMOUNT - 1n, AMOUNT, AMOUNT],
  },
  {
    title: 'more than milestones add up to',
    given: { milestones: [1n, AMOUNT - 1n] },
    amount: AMOUNT + 1n,
    error: 'AmountOutOfBounds',
    args: [AMOUNT + 1n, AMOUNT, AMOUNT],
  },
];

/** The same at the edge of what is good. */
const accepted: { title: string; given: Partial<Terms>; amount?: bigint }[] = [
  { title: 'no operator', given: { operator: zero } },
  {
    title: 'expiries that are all the same',
    given: { captureExpiry: AUTHORIZATION_EXPIRY, refundExpiry: AUTHORIZATION_EXPIRY },
  },
  { title: 'no fee', given: { minFeeBps: 0n, maxFeeBps: 0n, feeRecipient: zero } },
  { title: 'a fee that may be nothing', given: { minFeeBps: 0n } },
  { title: 'a fixed fee', given: { minFeeBps: 300n } },
  { title: 'a fee of everything', given: { minFeeBps: 10_000n, maxFeeBps: 10_000n } },
  { title: 'an arbiter with a second', given: dispute },
  {
    title: 'an arbiter with a year, and everything by default',
    given: { ...dispute, rulingPeriodSeconds: YEAR, defaultPayeeBps: 10_000n },
  },
  {
    title: 'an operator that is also arbiter and fee recipient',
    given: { ...dispute, arbiter: operator.address, feeRecipient: operator.address },
  },
  { title: 'a hash lock alone', given: { operator: zero, hashLock: lock } },
  { title: 'one milestone', given: { milestones: [AMOUNT] } },
  { title: '32 milestones', given: { amount: 32n, milestones: milestones(32) } },
  { title: 'one unit', given: {}, amount: 1n },
  { title: 'the last unit', given: { amount: 1n }, amount: 1n },
];

describe('Escrow terms', () => {
  for (const { title, given, amount, error, args } of refused) {
    it(`refuse ${title}`, async () => {
      const { escrow, terms } = await corridor();
      const bad = terms(given);
      await expect(escrow.connect(payer).authorize(bad, amount ?? bad.amount))
        .to.be.revertedWithCustomError(escrow, error)
        .withArgs(...args);
    });
  }

  for (const { title, given, amount } of accepted) {
    it(`accept ${title}`, async () => {
      const { escrow, terms, open, stateOf } = await corridor();
      const good = terms(given);
      expect(await stateOf(await open(good, amount ?? good.amount))).to.deep.equal({
        capturable: amount ?? good.amount,
        refundable: 0n,
        rulingDeadline: 0n,
        milestonesLeft: BigInt(good.milestones.length),
        status: 1n,
      });
      expect(await escrow.creditOf(payee, good.token)).to.equal(0n);
    });
  }

  it('refuse everybody that nobody could get money out of, as whoever gets some', async () => {
    const { escrow, router, token, terms } = await corridor();
    const here = await escrow.getAddress();
    const roles = { payee: 'PayeeInvalid', feeRecipient: 'FeeRecipientInvalid' } as const;
    for (const [role, error] of Object.entries(roles)) {
      for (const deadEnd of [here, await router.getAddress(), token]) {
        await expect(
          escrow.connect(payer).authorize(terms({ [role]: deadEnd }), AMOUNT),
          `${role} ${deadEnd}`,
        )
          .to.be.revertedWithCustomError(escrow, error)
          .withArgs(deadEnd);
      }
    }
  });

  it('refuse a payer that nobody could pay back', async () => {
    const { escrow, router, token, terms } = await corridor();
    const here = await escrow.getAddress();
    for (const deadEnd of [zero, here, await router.getAddress(), token]) {
      const call = escrow.authorizeWithAuthorization(terms({ payer: deadEnd }), AMOUNT, 0n, 2n ** 40n, '0x');
      await expect(call, deadEnd).to.be.revertedWithCustomError(escrow, 'PayerInvalid').withArgs(deadEnd);
    }
  });

  it('refuse the escrow as token, operator and arbiter', async () => {
    const { escrow, terms } = await corridor();
    const here = await escrow.getAddress();
    const roles = { token: 'TokenInvalid', operator: 'OperatorInvalid', arbiter: 'ArbiterInvalid' } as const;
    for (const [role, error] of Object.entries(roles)) {
      await expect(escrow.connect(payer).authorize(terms({ ...dispute, [role]: here }), AMOUNT), role)
        .to.be.revertedWithCustomError(escrow, error)
        .withArgs(here);
    }
  });

  it('may be authorized until the last second, and not afterwards', async () => {
    const { escrow, terms, open } = await corridor();
    await at(AUTHORIZATION_EXPIRY);
    await open(terms());
    await at(AUTHORIZATION_EXPIRY + 1n);
    await expect(escrow.connect(payer).authorize(terms({ salt: 2n }), AMOUNT))
      .to.be.revertedWithCustomError(escrow, 'AuthorizationExpired')
      .withArgs(AUTHORIZATION_EXPIRY, AUTHORIZATION_EXPIRY + 1n);
  });

  it('are limited by what the contract says of itself', async () => {
    const { escrow, router } = await corridor();
    expect(await escrow.MAX_MILESTONES()).to.equal(32n);
    expect(await escrow.MAX_RULING_PERIOD_SECONDS()).to.equal(YEAR);
    expect(await escrow.paymentRouter()).to.equal(await router.getAddress());
  });
});

describe('Escrow escrowIdOf', () => {
  it('is the EIP-712 digest of the terms', async () => {
    const { escrow, terms, disputable, hashLocked, idOf } = await corridor();
    const many = [
      terms(),
      disputable({ milestones: [1n, 2n, 3n], amount: 6n }),
      hashLocked(),
      terms({ milestones: milestones(32, 2n ** 90n), amount: 2n ** 95n, salt: 2n ** 256n - 1n }),
    ];
    for (const each of many) expect(await escrow.escrowIdOf(each)).to.equal(idOf(each));
  });

  it('changes with each field', async () => {
    const { escrow, terms } = await corridor();
    const one = terms({ arbiter: arbiter.address });
    const ids = new Set([await escrow.escrowIdOf(one)]);
    for (const [name, value] of Object.entries(one)) {
      const other =
        name === 'milestones'
          ? [1n]
          : typeof value === 'bigint'
            ? value + 1n
            : name === 'hashLock'
              ? lock
              : accounts.stranger.address;
      ids.add(await escrow.escrowIdOf({ ...one, [name]: other }));
    }
    expect(ids.size).to.equal(Object.keys(one).length + 1);
  });

  it('is another for another contract', async () => {
    const { escrow, router, manager, terms } = await corridor();
    const other = await ethers.deployContract('Escrow', [manager, router]);
    expect(await other.escrowIdOf(terms())).to.not.equal(await escrow.escrowIdOf(terms()));
  });

  it('is made of types that the contract publishes', async () => {
    const { escrow } = await corridor();
    const terms =
      'Terms(address payer,address payee,address token,uint96 amount,address operator,uint40 authorizationExpiry,uint40 captureExpiry,uint40 refundExpiry,uint16 minFeeBps,uint16 maxFeeBps,address feeRecipient,address arbiter,uint32 rulingPeriodSeconds,uint16 defaultPayeeBps,bytes32 hashLock,uint256 salt,uint96[] milestones)';
    expect(await escrow.TERMS_TYPEHASH()).to.equal(ethers.id(terms));
    expect(await escrow.AUTHORIZATION_TYPEHASH()).to.equal(
      ethers.id(`Authorization(Terms terms,uint256 amount)${terms}`),
    );
    expect(await escrow.RELEASE_TYPEHASH()).to.equal(
      ethers.id(
        'Release(bytes32 escrowId,uint256 payeeAmount,uint256 payerAmount,uint256 feeBps,uint256 deadline)',
      ),
    );
    expect((await escrow.eip712Domain()).slice(1, 3)).to.deep.equal(['Corridor Escrow', '1']);
    expect(START).to.be.lessThan(AUTHORIZATION_EXPIRY);
  });
});
