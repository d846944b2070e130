import { expect } from 'chai';
import type { Address } from 'viem';
import type { Escrow } from '../../frontend/src/features/escrow/escrowApi.ts';
import { type Contract, isGenuine, termsOf } from '../../frontend/src/features/escrow/escrowTerms.ts';
import {
  bpsOf,
  captureChoices,
  isWithin,
  openOffers,
  paidMilestones,
  type Role,
  refundable,
  restOf,
  roleOf,
  rulingOf,
  verbsOf,
} from '../../frontend/src/features/escrow/escrowVerbs.ts';
import { escrowIdOf } from '../../services/core/evm/escrowTerms.ts';

const payer = '0x9965507d1a55bcc2695c58ba16fb37d819b0a4dc';
const payee = '0x976ea74026e726554db657fa54763abd0c3a0aa9';
const token = '0x5fbdb2315678afecb367f032d93f642f64180aa3';
const arbiter = token;
const contract: Contract = { chainId: 31_337, escrow: '0x14dc79964da2c08b23698b3d3cc7ca32193d9955' };

/** Before every deadline of the terms below. */
const inTime = new Date('2026-11-21T00:00:00.000Z');
const secondAfter = (time: string) => new Date(Date.parse(time) + 1_000);

function escrowWith(
  over: { terms?: Partial<Escrow['terms']>; balances?: object; status?: string } = {},
): Escrow {
  const escrow: Escrow = {
    ...{ id: 'esc_1', status: over.status ?? 'authorized', contract: contract.escrow, escrowId: '0x' },
    amount: { currency: 'USD', value: '100.00' },
    terms: {
      ...{ payer, payee, token, operator: null, feeRecipient: null, arbiter: null, hashLock: null },
      authorizationExpiry: '2026-11-22T00:00:00.000Z',
      captureExpiry: '2026-11-23T00:00:00.000Z',
      refundExpiry: '2026-11-24T00:00:00.000Z',
      ...{ minFeeBps: 0, maxFeeBps: 0, rulingPeriodSeconds: 0, defaultPayeeBps: 0 },
      salt: `0x${'1'.padStart(64, '0')}`,
      milestones: [],
      ...over.terms,
    },
    balances: {
      ...{ authorized: '100.00', capturable: '100.00', captured: '0.00', returned: '0.00', refunded: '0.00' },
      ...over.balances,
    },
    ...{
      rulingDeadline: null,
      releaseRules: [],
      releases: [],
      credits: [],
      bankReference: '1',
      createdAt: '2026-11-21T00:00:00.000Z',
    },
  };
  return { ...escrow, escrowId: escrowIdOf(contract, termsOf(escrow)) };
}

describe('escrow page: what may be signed', () => {
  const genuine = escrowWith();
  it('takes terms whose hash is the id', () => {
    expect(isGenuine(genuine, contract, token)).to.equal(true);
  });

  const others: [what: string, escrow: Escrow, coin: Address | undefined][] = [
    ['another payee', { ...genuine, terms: { ...genuine.terms, payee: payer } }, token],
    ['another amount', { ...genuine, amount: { currency: 'USD', value: '100.01' } }, token],
    [
      'a later deadline',
      { ...genuine, terms: { ...genuine.terms, captureExpiry: '2027-01-01T00:00:00Z' } },
      token,
    ],
    ['another contract', { ...genuine, contract: payee }, token],
    ['a coin that is not ours', genuine, payee],
    ['a currency that we have no coin of', genuine, undefined],
  ];
  for (const [what, escrow, coin] of others)
    it(`refuses ${what}`, () => {
      expect(isGenuine(escrow, contract, coin)).to.equal(false);
    });
});

describe('escrow page: what a party can do', () => {
  it('knows parties and arbiter in any spelling, and strangers', () => {
    const escrow = escrowWith({ terms: { arbiter } });
    expect(roleOf(escrow, '0x9965507D1a55bcC2695C58ba16FB37d819B0A4dc')).to.equal('payer');
    expect(roleOf(escrow, payee)).to.equal('payee');
    expect(roleOf(escrow, contract.escrow)).to.equal(undefined);
    expect(roleOf(escrow, arbiter)).to.equal('arbiter');
    expect(roleOf(escrowWith(), arbiter)).to.equal(undefined);
    expect(roleOf(escrow, undefined)).to.equal(undefined);
  });

  const paid = { captured: '60.00', refunded: '10.00' };
  const cases: [what: string, escrow: Escrow, payer: string[], payee: string[]][] = [
    ['before the money is in', escrowWith({ status: 'created' }), ['authorize', 'cancel'], []],
    ['while it is on its way', escrowWith({ status: 'authorizing' }), [], []],
    ['while it is held', escrowWith(), ['capture', 'release'], ['void', 'release']],
    [
      'with an arbiter',
      escrowWith({ terms: { arbiter } }),
      ['capture', 'release', 'dispute'],
      ['void', 'release', 'dispute'],
    ],
    [
      'in a dispute',
      escrowWith({ status: 'disputed', terms: { arbiter } }),
      ['capture', 'release', 'evidence'],
      ['void', 'release', 'evidence'],
    ],
    ['once the payee was paid', escrowWith({ status: 'captured', balances: paid }), [], ['refund']],
    [
      'once all was refunded',
      escrowWith({ status: 'refunded', balances: { captured: '5', refunded: '5' } }),
      [],
      [],
    ],
  ];
  for (const [what, escrow, byPayer, byPayee] of cases)
    it(what, () => {
      expect(verbsOf(escrow, 'payer', inTime)).to.deep.equal(byPayer);
      expect(verbsOf(escrow, 'payee', inTime)).to.deep.equal(byPayee);
      expect(verbsOf(escrow, 'arbiter', inTime)).to.deep.equal(escrow.status === 'disputed' ? ['rule'] : []);
    });
});

describe('escrow page: what a deadline changes', () => {
  const { authorizationExpiry, captureExpiry, refundExpiry } = escrowWith().terms;
  const late = '2026-11-25T00:00:00.000Z';
  const created = escrowWith({ status: 'created' });
  const arbitrated = escrowWith({ terms: { arbiter } });
  const locked = escrowWith({ terms: { hashLock: `0x${'2'.repeat(64)}` } });
  const disputed = { ...escrowWith({ status: 'disputed', terms: { arbiter } }), rulingDeadline: late };
  const captured = escrowWith({ status: 'captured', balances: { captured: '60.00' } });
  const cases: [what: string, Escrow, Role, deadline: string, before: string, after: string][] = [
    ['putting in', created, 'payer', authorizationExpiry, 'authorize cancel', ''],
    ['paying', arbitrated, 'payer', captureExpiry, 'capture release dispute', 'reclaim release'],
    ['being paid', arbitrated, 'payee', captureExpiry, 'void release dispute', 'reclaim void release'],
    ['the arbiter’s waiting', arbitrated, 'arbiter', captureExpiry, '', 'reclaim'],
    ['presenting', locked, 'payee', captureExpiry, 'present void release', 'reclaim void release'],
    ['the payer’s evidence', disputed, 'payer', late, 'capture release evidence', 'capture resolve release'],
    ['the payee’s evidence', disputed, 'payee', late, 'void release evidence', 'resolve void release'],
    ['ruling', disputed, 'arbiter', late, 'rule', 'resolve'],
    ['refunding', captured, 'payee', refundExpiry, 'refund', ''],
  ];
  for (const [what, escrow, role, deadline, before, after] of cases)
    it(`ends ${what}, and not in its own second`, () => {
      expect(verbsOf(escrow, role, new Date(deadline)).join(' ')).to.equal(before);
      expect(verbsOf(escrow, role, secondAfter(deadline)).join(' ')).to.equal(after);
    });

  it('leaves a dispute to its arbiter when the payee’s time is over', () => {
    const now = secondAfter(captureExpiry);
    expect(verbsOf(disputed, 'payer', now)).to.deep.equal(['capture', 'release', 'evidence']);
    expect(verbsOf(disputed, 'arbiter', now)).to.deep.equal(['rule']);
  });

  it('ends offers of a split', () => {
    const offer = { signedBy: 'payee', payeeAmount: '70.00', payerAmount: '30.00', feeBps: 0 } as const;
    const first = { ...offer, deadline: captureExpiry };
    const second = { ...offer, signedBy: 'payer' as const, deadline: refundExpiry };
    const withOtherFee = { ...second, feeBps: 1 };
    const escrow = { ...escrowWith(), releases: [first, second, withOtherFee] };
    expect(openOffers(escrow, new Date(captureExpiry))).to.deep.equal([first, second]);
    expect(openOffers(escrow, secondAfter(captureExpiry))).to.deep.equal([second]);
    expect(openOffers(escrow, secondAfter(refundExpiry))).to.deep.equal([]);
  });
});

describe('escrow page: a ruling', () => {
  for (const [typed, bps] of [
    ['0', 0],
    ['33.33', 3_333],
    ['0.07', 7],
    ['100', 10_000],
    ['100.01', undefined],
    ['33.333', undefined],
    ['-1', undefined],
    ['1e1', undefined],
    ['', undefined],
  ] as const)
    it(`of "${typed}" % is ${bps ?? 'none'}`, () => {
      expect(bpsOf(typed)).to.equal(bps);
    });

  it('is rounded as the contract does it, in favour of the payer', () => {
    const escrow = escrowWith({ balances: { capturable: '0.01' } });
    expect(rulingOf(escrow, 3_333)).to.deep.equal({
      ...{ payeeAmount: '0.003333', payerAmount: '0.006667', fee: '0.00' },
    });
    const odd = escrowWith({ balances: { capturable: '0.000001' } });
    expect(rulingOf(odd, 9_999)).to.deep.equal({
      ...{ payeeAmount: '0.00', payerAmount: '0.000001', fee: '0.00' },
    });
  });
});

describe('escrow page: an uneven split', () => {
  const escrow = escrowWith({
    status: 'ruled',
    balances: { capturable: '0.00', captured: '33.336666', refunded: '0.00', returned: '66.683334' },
  });

  it('lets the payee refund all that it got', () => {
    expect(verbsOf(escrow, 'payee', inTime)).to.deep.equal(['refund']);
    expect(refundable(escrow)).to.equal('33.336666');
    expect(isWithin('33.336666', refundable(escrow))).to.equal(true);
    for (const typed of ['33.336667', '33.3366660', '0', '', '-1', '1e1', '0x1'])
      expect(isWithin(typed, refundable(escrow)), typed).to.equal(false);
  });
});

describe('escrow page: what was captured unevenly', () => {
  it('can be split as finely as it is, and what is even no finer than the currency', () => {
    const uneven = escrowWith({ balances: { captured: '33.333333', capturable: '66.666667' } });
    expect(restOf(uneven, '10')).to.equal('56.666667');
    expect(restOf(uneven, '66.666667')).to.equal('0.00');
    expect(restOf(uneven, '66.666668')).to.equal(undefined);
    expect(isWithin('33.333333', '100.00')).to.equal(false);
    expect(isWithin('33.33', '100.00')).to.equal(true);
  });
});

describe('escrow page: a split', () => {
  const escrow = escrowWith({ balances: { captured: '60.00', capturable: '40.00' } });
  for (const [payee, payer] of [
    ['0', '40.00'],
    ['15.5', '24.50'],
    ['40.00', '0.00'],
    ['40.01', undefined],
    ['', undefined],
    ['-1', undefined],
    ['0.001', undefined],
  ] as const)
    it(`of "${payee}" leaves ${payer ?? 'nothing that could be signed'}`, () => {
      expect(restOf(escrow, payee)).to.equal(payer);
    });
});

describe('escrow page: milestones', () => {
  const milestones = ['60.00', '30.00', '10.00'];
  const standing = (captured: string, capturable: string, status = 'authorized') =>
    escrowWith({ status, terms: { milestones }, balances: { captured, capturable } });

  it('come one after the other, or all at once', () => {
    expect(captureChoices(standing('0.00', '100.00'))).to.deep.equal({ fixed: ['60.00', '100.00'] });
    expect(captureChoices(standing('60.00', '40.00'))).to.deep.equal({ fixed: ['30.00', '40.00'] });
    expect(captureChoices(standing('90.00', '10.00'))).to.deep.equal({ fixed: ['10.00'] });
    expect([0, 60, 90, 100].map((paid) => paidMilestones(standing(`${paid}.00`, '0.00')))).to.deep.equal([
      0, 1, 2, 3,
    ]);
  });

  it('are over in a dispute: the payer can only give up all of it', () => {
    expect(captureChoices(standing('60.00', '40.00', 'disputed'))).to.deep.equal({ fixed: ['40.00'] });
  });

  it('are not there: any part can be released', () => {
    expect(captureChoices(escrowWith())).to.deep.equal({ most: '100.00' });
  });
});
