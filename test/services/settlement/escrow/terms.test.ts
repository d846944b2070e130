/** Which terms the API takes: exactly those that the contract takes, with the contract's reason and the place of each fault. */

import { randomInt } from 'node:crypto';
import { expect } from 'chai';
import { type Address, encodeFunctionData, zeroAddress } from 'viem';
import { localAccounts } from '../../../../scripts/deploy/local.ts';
import { escrowAbi } from '../../../../services/core/abi/escrow.ts';
import { escrowIdOf } from '../../../../services/core/evm/escrowTerms.ts';
import { codeOf } from '../../../../services/settlement/domains/escrow/refusal.ts';
import { escrowRequestSchema } from '../../../../services/settlement/domains/escrow/schema.ts';
import { termsOf } from '../../../../services/settlement/domains/escrow/terms.ts';
import { refusalAt } from '../../../../services/settlement/domains/lanes/callSimulation.ts';
import { randomBytes32 } from '../../../support/authorizations.ts';
import { type EscrowStage, startEscrowStage, timeOf } from '../../../support/escrowStage.ts';
import { freshWallet } from '../../../support/stage.ts';

const TERMS_A_SEED = 40;

describe('escrows: terms', function () {
  this.timeout(240_000);
  let stage: EscrowStage;
  before(async () => {
    stage = await startEscrowStage();
  });
  after(() => stage?.stop());

  const faultsOf = async (request: object) => {
    const { status, body } = await stage.post(request);
    expect([status, body.code], JSON.stringify(body)).to.deep.equal([422, 'escrow_terms_refused']);
    expect(body.errors.every(({ expected }: { expected: string }) => expected.length > 0)).to.equal(true);
    return body.errors.map(({ code, pointer }: { code: string; pointer: string }) => `${code} ${pointer}`);
  };
  const refused: [what: string, over: (stage: EscrowStage) => object, faults: string[]][] = [
    ['a payer that is nobody', () => ({ payer: zeroAddress }), ['payer_invalid /payer']],
    ['a payer that is the escrow', (s) => ({ payer: s.contract.address }), ['payer_invalid /payer']],
    ['a payee that is the payer', (s) => ({ payee: s.payer.address }), ['payee_invalid /payee']],
    ['a payee that is the coin', (s) => ({ payee: s.coin.address }), ['payee_invalid /payee']],
    ['an operator that is the payer', (s) => ({ operator: s.payer.address }), ['operator_invalid /operator']],
    [
      'expiries in no order',
      () => ({ captureExpiry: timeOf(1_000) }),
      ['expiries_not_ordered /captureExpiry'],
    ],
    [
      'an authorization that is over',
      () => ({ authorizationExpiry: timeOf(1_000) }),
      ['authorization_expired /authorizationExpiry'],
    ],
    ['a fee without a recipient', () => ({ maxFeeBps: 5 }), ['fee_recipient_mismatch /feeRecipient']],
    [
      'a recipient without a fee',
      () => ({ feeRecipient: freshWallet() }),
      ['fee_recipient_mismatch /feeRecipient'],
    ],
    [
      'a fee of more than everything',
      () => ({ maxFeeBps: 10_001, feeRecipient: freshWallet() }),
      ['fee_bounds_invalid /maxFeeBps'],
    ],
    [
      'fee bounds the wrong way round',
      () => ({ minFeeBps: 9, maxFeeBps: 5, feeRecipient: freshWallet() }),
      ['fee_bounds_invalid /minFeeBps'],
    ],
    [
      'a recipient that is the router',
      (s) => ({ maxFeeBps: 5, feeRecipient: s.chain.deployment.paymentRouter }),
      ['fee_recipient_invalid /feeRecipient'],
    ],
    [
      'an arbiter without time',
      () => ({ arbiter: freshWallet() }),
      ['dispute_terms_mismatch /rulingPeriodSeconds'],
    ],
    ['time without an arbiter', () => ({ rulingPeriodSeconds: 5 }), ['dispute_terms_mismatch /arbiter']],
    [
      'an arbiter that is the payer',
      (s) => ({ arbiter: s.payer.address, rulingPeriodSeconds: 5 }),
      ['arbiter_invalid /arbiter'],
    ],
    [
      'an arbiter with more than a year',
      () => ({ arbiter: freshWallet(), rulingPeriodSeconds: 365 * 86_400 + 1 }),
      ['ruling_period_too_long /rulingPeriodSeconds'],
    ],
    [
      'a default of more than everything',
      () => ({ arbiter: freshWallet(), rulingPeriodSeconds: 5, defaultPayeeBps: 10_001 }),
      ['payee_bps_too_high /defaultPayeeBps'],
    ],
    [
      'a hash lock with milestones',
      () => ({ hashLock: randomBytes32(), milestones: ['100.00'] }),
      ['hash_lock_not_alone /hashLock'],
    ],
    [
      'a milestone of nothing',
      () => ({ milestones: ['100.00', '0.00'] }),
      ['milestone_is_zero /milestones/1'],
    ],
    [
      'milestones that are not the amount',
      () => ({ milestones: ['50.00', '49.99'] }),
      ['milestones_sum_mismatch /milestones'],
    ],
    [
      '33 milestones',
      () => ({ amount: { currency: 'USD', value: '33.00' }, milestones: Array(33).fill('1.00') }),
      ['too_many_milestones /milestones'],
    ],
    [
      'milestones with too many digits',
      () => ({ milestones: ['50.001', '50'] }),
      ['amount_too_many_digits /milestones/0'],
    ],
  ];
  for (const [what, over, faults] of refused)
    it(`refuses ${what}`, async () => {
      expect(await faultsOf(await stage.request(over(stage)))).to.deep.equal(faults);
    });

  const malformed: [what: string, over: object, faults: string[]][] = [
    ['an amount of nothing', { amount: { currency: 'USD', value: '0' } }, ['amount_zero /amount/value']],
    ['a fee of no whole number', { maxFeeBps: 1.5 }, ['value_type /maxFeeBps']],
    ['a negative period', { rulingPeriodSeconds: -1 }, ['value_range /rulingPeriodSeconds']],
    ['a year of five digits', { refundExpiry: '+036812-02-20T00:36:15Z' }, ['time_malformed /refundExpiry']],
    ['what is not known', { note: 'x' }, ['member_unknown /note']],
    ['an operator that is no wallet', { operator: 'somebody' }, ['value_form /operator']],
  ];
  for (const [what, over, faults] of malformed)
    it(`refuses ${what} as malformed`, async () => {
      const { status, body } = await stage.post(await stage.request(over));
      expect([status, body.code], JSON.stringify(body)).to.deep.equal([400, 'request_invalid']);
      expect(
        body.errors.map(({ code, pointer }: { code: string; pointer: string }) => `${code} ${pointer}`),
      ).to.deep.equal(faults);
    });

  it('refuses while the escrow is paused', async () => {
    const pause = async (functionName: 'pause' | 'unpause') => {
      const wallet = stage.chain.wallet(localAccounts.admin);
      await wallet.writeContract({ ...stage.contract, functionName, gas: 200_000n });
      await stage.mine();
    };
    await pause('pause');
    expect(await faultsOf(await stage.request())).to.deep.equal(['escrow_is_paused ']);
    await pause('unpause');
  });

  it('names our signer where the terms say corridor, and refuses when none works', async () => {
    await stage.laneFree();
    const none = await stage.post(await stage.request({ operator: 'corridor' }));
    expect([none.status, none.body.code]).to.deep.equal([503, 'operator_unavailable']);
    const { terms } = await stage.create({
      operator: 'corridor',
      arbiter: 'corridor',
      rulingPeriodSeconds: 60,
    });
    expect([terms.operator, terms.arbiter]).to.deep.equal(Array(2).fill(stage.operator.toLowerCase()));
  });

  it('gives the id that the contract gives, once for all partners', async () => {
    const request = await stage.request({ salt: randomBytes32(), milestones: ['60.00', '40.00'] });
    const others = await stage.api.partner();
    const answers = await Promise.all([
      stage.post(request),
      stage.post(request),
      stage.post(request, others),
    ]);
    expect(answers.map(({ status }) => status)).to.have.members([201, 409, 409]);
    const { id, escrowId } = answers.find(({ status }) => status === 201)?.body ?? {};
    const owner = answers[2]?.status === 201 ? others : stage.partner;
    expect((await stage.get(id, owner)).escrowId).to.equal(escrowId);
    const { rows } = await stage.database.query('select terms from settlement.escrows where id = $1', [id]);
    const terms = { ...rows[0].terms, milestones: rows[0].terms.milestones.map(BigInt) };
    expect(
      await stage.chain.client.readContract({ ...stage.contract, functionName: 'escrowIdOf', args: [terms] }),
    ).to.equal(escrowId);
  });

  for (const seed of [1, 2, randomInt(2 ** 31)])
    it(`seed ${seed}: says what the contract says of ${TERMS_A_SEED} random terms`, async () => {
      const random = mulberry32(seed);
      const pick = <Item>(...items: Item[]) => items[Math.floor(random() * items.length)] as Item;
      const { timestamp } = await stage.chain.client.getBlock();
      const { escrow, paymentRouter, stablecoins } = stage.chain.deployment;
      const [a, b] = [freshWallet(), freshWallet()];
      let count = 0;
      const sound = () => count % 10 === 0 || random() < 0.8;
      const account = () =>
        pick<Address>(a, b, zeroAddress, escrow, paymentRouter, stablecoins.USD.address, stage.payer.address);
      const verdicts = { taken: 0, refused: 0 };
      for (; count < TERMS_A_SEED; count++) {
        const expiry = () => timeOf(timestamp + pick(-100n, 3_000n, 3_600n, 7_200n));
        const request = {
          ...(await stage.request()),
          ...(sound() ? {} : { payer: account() }),
          ...(sound() ? {} : { payee: account() }),
          ...(sound() ? {} : { operator: account() }),
          ...(sound() ? {} : { authorizationExpiry: expiry() }),
          ...(sound() ? {} : { captureExpiry: expiry(), refundExpiry: expiry() }),
          ...(sound()
            ? {}
            : { minFeeBps: pick(0, 1, 50, 10_001), maxFeeBps: pick(0, 50, 10_000, 10_001, 65_535) }),
          ...(sound() ? {} : { feeRecipient: account() }),
          ...(sound() ? {} : { arbiter: account() }),
          ...(sound() ? {} : { rulingPeriodSeconds: pick(0, 1, 365 * 86_400, 365 * 86_400 + 1) }),
          ...(sound() ? {} : { defaultPayeeBps: pick(0, 1, 10_000, 10_001) }),
          ...(sound() ? {} : { hashLock: pick(randomBytes32(), `0x${'00'.repeat(32)}`) }),
          ...(sound()
            ? {}
            : {
                milestones: pick<string[]>(
                  [],
                  ['100.00'],
                  ['50.00', '50.00'],
                  ['100.00', '0'],
                  ['1.00'],
                  Array(33).fill('1.00'),
                ),
              }),
          ...(count % 10 === 5 ? { payee: stage.payer.address } : {}),
          salt: randomBytes32(),
        };
        const asked = escrowRequestSchema.parse(request);
        const terms = termsOf(asked, {
          token: stablecoins.USD.address,
          signer: undefined,
          salt: request.salt,
        });
        const data = encodeFunctionData({
          abi: escrowAbi,
          functionName: 'authorize',
          args: [terms, terms.amount],
        });
        const refusal = await refusalAt(stage.chain.client, terms.payer, { to: escrow, data, mostGas: null });
        const { status, body } = await stage.post(request);
        const words = JSON.stringify({ request, refusal, body });
        if (!refusal || refusal.name === 'TransferFailed') {
          expect(status, words).to.equal(201);
          expect(body.escrowId).to.equal(escrowIdOf({ chainId: stage.chainId, escrow }, terms));
          verdicts.taken++;
        } else {
          expect(status, words).to.equal(422);
          const codes = body.errors.map(({ code }: { code: string }) => code);
          expect(codes, words).to.include(codeOf(refusal));
          const places = body.errors.map(({ pointer }: { pointer: string }) => pointer);
          expect(places, 'each has its place').not.to.include('');
          verdicts.refused++;
        }
      }
      expect(verdicts.taken, 'taken').to.be.greaterThan(0);
      expect(verdicts.refused, 'refused').to.be.greaterThan(0);
    });
});

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
