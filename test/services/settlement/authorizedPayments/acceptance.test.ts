/** What the API takes of payments that wallets signed, and what it refuses before anything is taken. */
import { expect } from 'chai';
import hre from 'hardhat';
import { type Address, createWalletClient, http, type LocalAccount } from 'viem';
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts';
import { localAccounts } from '../../../../scripts/deploy/local.ts';
import {
  authorization,
  cancellation,
  mintTo,
  randomBytes32,
  type SignedAuthorization,
  submitElsewhere,
} from '../../../support/authorizations.ts';
import { type AuthorizedStage, requestOf, startAuthorizedStage } from '../../../support/authorizedStage.ts';
import { freshWallet } from '../../../support/stage.ts';

const OPEN_LIMIT = 3;

describe('authorised payments: acceptance', () => {
  let stage: AuthorizedStage;
  before(async () => {
    stage = await startAuthorizedStage({ AUTHORIZED_PAYMENTS_OPEN: String(OPEN_LIMIT) });
  });
  after(() => stage?.stop());
  beforeEach(async () => {
    stage.node.silence(false);
    // Nothing of an earlier test is open.
    await stage.database.query(
      `update settlement.authorized_payments set status = 'failed', reason_code = 'expired' where status <> 'failed'`,
    );
  });

  const signed = (over: Partial<SignedAuthorization> = {}, wallet: LocalAccount = stage.payer) =>
    authorization(stage.chain, wallet, over);
  const faultsOf = async (authorizationToPost: SignedAuthorization) => {
    const { status, body } = await stage.post(authorizationToPost);
    expect([status, body.code], JSON.stringify(body)).to.deep.equal([422, 'authorization_refused']);
    expect(body.errors.every(({ expected }: { expected: string }) => expected.length > 0)).to.equal(true);
    return body.errors.map(({ code, pointer }: { code: string; pointer: string }) => `${code} ${pointer}`);
  };
  const takenRows = async () =>
    (await stage.database.query('select count(*)::int as count from settlement.calls')).rows[0].count;
  const asAdmin = async (functionName: 'pause' | 'unpause') => {
    const wallet = stage.chain.wallet(localAccounts.admin);
    await wallet.writeContract({ ...stage.coin, functionName, gas: 200_000n });
    await stage.mine();
  };

  it('takes what the chain would make, and shows it', async () => {
    const one = await signed();
    const { status, body } = await stage.post(one);
    expect(status).to.equal(201);
    expect(body).to.deep.include({
      status: 'accepted',
      amount: { currency: 'USD', value: '10.00' },
      payer: one.payer.toLowerCase(),
      nonce: one.nonce,
      validAfter: '1970-01-01T00:00:00.000Z',
    });
    expect(body.events.map(({ state }: { state: string }) => state)).to.deep.equal(['accepted']);
    expect(await stage.get(body.id)).to.deep.equal(body);
    const list = await stage.partner.call('GET', '/v1/authorized-payments?limit=1');
    expect(list.body.items.map(({ id }: { id: string }) => id)).to.deep.equal([body.id]);
    const others = await stage.api.partner();
    const answer = await others.call('GET', `/v1/authorized-payments/${body.id}`);
    expect([answer.status, answer.body.code]).to.deep.equal([404, 'authorized_payment_not_found']);
  });

  it('lists page by page and by status', async () => {
    const ids: string[] = [];
    for (let count = 0; count < 3; count++) ids.unshift((await stage.accepted()).id);
    const first = await stage.partner.call('GET', '/v1/authorized-payments?limit=2&status=accepted');
    const next = await stage.partner.call(
      'GET',
      `/v1/authorized-payments?limit=2&status=accepted&cursor=${first.body.nextCursor}`,
    );
    const found = [...first.body.items, ...next.body.items].map(({ id }: { id: string }) => id);
    expect(found).to.deep.equal(ids);
    expect(next.body.nextCursor).to.equal(null);
  });

  it('gives the stored answer to a request that is repeated, whatever the chain says by then', async () => {
    const one = await signed();
    const options = { body: JSON.stringify(requestOf(one)), idempotencyKey: `key-${one.salt}` };
    const first = await stage.partner.call('POST', '/v1/authorized-payments', options);
    expect(first.status).to.equal(201);
    stage.node.silence(true);
    const second = await stage.partner.call('POST', '/v1/authorized-payments', options);
    expect(second.status).to.equal(201);
    expect(second.headers.get('idempotency-hit')).to.equal('true');
    expect(second.body).to.deep.equal(first.body);
  });

  it('takes an authorisation once, whoever hands it in and however many at a time', async () => {
    const one = await signed();
    const others = await stage.api.partner();
    const answers = await Promise.all([
      stage.post(one),
      stage.post(one),
      stage.post(one, others),
      stage.post(one, others),
    ]);
    expect(answers.map(({ status }) => status)).to.have.members([201, 409, 409, 409]);
    expect(answers.filter(({ status }) => status === 409).map(({ body }) => body.code)).to.deep.equal(
      Array(3).fill('authorization_taken'),
    );
  });

  const changes: [what: string, change: (one: SignedAuthorization) => Partial<SignedAuthorization>][] = [
    ['recipient', () => ({ recipient: freshWallet() })],
    ['amount', ({ amount }) => ({ amount: amount + 10_000n })],
    ['reference', () => ({ paymentReference: randomBytes32() })],
    ['salt', () => ({ salt: randomBytes32() })],
    ['validAfter', () => ({ validAfter: 1n })],
    ['validBefore', ({ validBefore }) => ({ validBefore: validBefore + 1n })],
    ['payer', () => ({ payer: stage.treasury })],
    [
      'signature, without its end',
      ({ signature }) => ({ signature: signature.slice(0, -2) as `0x${string}` }),
    ],
    ['signature, by noise', () => ({ signature: `0x${'ab'.repeat(65)}` })],
    ['signature, in its second form', ({ signature }) => ({ signature: secondForm(signature) })],
    ['signature, with a v of 0 or 1', ({ signature }) => ({ signature: lowV(signature) })],
  ];
  for (const [what, change] of changes)
    it(`refuses a signature over another ${what}`, async () => {
      const one = await signed();
      const before = await takenRows();
      expect(await faultsOf({ ...one, ...change(one) })).to.include('signature_invalid /signature');
      expect(await takenRows()).to.equal(before);
    });

  it('refuses one that was used, and one that was cancelled', async () => {
    const [used, cancelled] = [await signed(), await signed()];
    await submitElsewhere(stage.chain, used);
    await stage.chain.wallet(8).writeContract({
      ...stage.coin,
      functionName: 'cancelAuthorization',
      args: [cancelled.payer, cancelled.nonce, await cancellation(stage.chain, stage.payer, cancelled)],
      gas: 200_000n,
    });
    await stage.mine();
    expect(await faultsOf(used)).to.deep.equal(['authorization_used /salt']);
    expect(await faultsOf(cancelled)).to.deep.equal(['authorization_used /salt']);
  });

  it('refuses one that is over, or too soon to be in a block in time, by the chain alone', async () => {
    const { timestamp } = await stage.chain.client.getBlock();
    expect(await faultsOf(await signed({ validBefore: timestamp }))).to.deep.equal([
      'validity_too_short /validBefore',
    ]);
    expect(await faultsOf(await signed({ validBefore: timestamp + 59n }))).to.deep.equal([
      'validity_too_short /validBefore',
    ]);
    expect((await stage.post(await signed({ validBefore: timestamp + 60n }))).status).to.equal(201);
    const longest = timestamp + 30n * 86_400n;
    expect(await faultsOf(await signed({ validBefore: longest + 1n }))).to.deep.equal([
      'validity_too_long /validBefore',
    ]);
    expect((await stage.post(await signed({ validBefore: longest }))).status).to.equal(201);
  });

  it('refuses more than the payer has, also together with what is open', async () => {
    const balance = await stage.balanceOf(stage.payer.address);
    expect(await faultsOf(await signed({ amount: balance + 10_000n }))).to.deep.equal([
      'balance_insufficient /amount',
    ]);
    expect((await stage.post(await signed({ amount: balance - 10_000n }))).status).to.equal(201);
    expect(await faultsOf(await signed({ amount: 20_000n }))).to.deep.equal(['balance_insufficient /amount']);
    expect((await stage.post(await signed({ amount: 10_000n }))).status).to.equal(201);
  });

  it('refuses frozen parties, Corridor’s contracts, and a coin that is paused', async () => {
    const frozen = stage.chain.accounts[localAccounts.frozenSupplier] as Address;
    const { paymentRouter } = stage.chain.deployment;
    expect(await faultsOf(await signed({ recipient: frozen }))).to.deep.equal([
      'recipient_frozen /recipient',
    ]);
    expect(await faultsOf(await signed({ recipient: paymentRouter }))).to.deep.equal([
      'recipient_invalid /recipient',
    ]);
    expect(await faultsOf(await signed({ recipient: stage.payer.address }))).to.deep.equal([
      'recipient_invalid /recipient',
    ]);
    await asAdmin('pause');
    expect(await faultsOf(await signed())).to.deep.equal(['coin_paused /amount/currency']);
    await asAdmin('unpause');
  });

  it('tells every fault at once', async () => {
    const poor = privateKeyToAccount(generatePrivateKey());
    const one = await signed({ recipient: poor.address }, poor);
    expect(await faultsOf({ ...one, signature: `0x${'00'.repeat(65)}` })).to.deep.equal([
      'signature_invalid /signature',
      'balance_insufficient /amount',
      'recipient_invalid /recipient',
    ]);
  });

  it('takes one that is not valid yet', async () => {
    const { timestamp } = await stage.chain.client.getBlock();
    const { status } = await stage.post(await signed({ validAfter: timestamp + 600n }));
    expect(status).to.equal(201);
  });

  it('asks a contract account whether it signed (ERC-1271)', async () => {
    const owner = privateKeyToAccount(generatePrivateKey());
    const account = await deployOwnedAccount(owner.address);
    await mintTo(stage.chain, account, 100_000_000n);
    await stage.mine();
    const ofOwner = await signed({ payer: account }, owner);
    expect((await stage.post(ofOwner)).status).to.equal(201);
    expect(await faultsOf(await signed({ payer: account }, stage.payer))).to.deep.equal([
      'signature_invalid /signature',
    ]);
  });

  it('refuses a contract account that would cost us more gas than a payment may', async () => {
    const account = freshWallet();
    await stage.chain.request('hardhat_setCode', [account, DEAR_ACCOUNT]);
    await mintTo(stage.chain, account, 100_000_000n);
    await stage.mine();
    const one = await signed({ payer: account, signature: '0x01' });
    expect(await faultsOf(one)).to.deep.equal(['contract_refuses ']);
  });

  it('refuses a contract account whose code never ends, without keeping the node busy', async () => {
    const account = freshWallet();
    await stage.chain.request('hardhat_setCode', [account, ENDLESS_ACCOUNT]);
    await mintTo(stage.chain, account, 100_000_000n);
    await stage.mine();
    expect(await faultsOf(await signed({ payer: account, signature: '0x01' }))).to.deep.equal([
      'signature_invalid /signature',
    ]);
  });

  it('takes the rest of what the payer has when its other payment is in a block, and not final', async () => {
    const balance = await stage.balanceOf(stage.payer.address);
    const { signed: first } = await stage.accepted({ amount: balance - 30_000_000n });
    await submitElsewhere(stage.chain, first);
    await stage.mine();
    const rest = await stage.balanceOf(stage.payer.address);
    expect(rest).to.equal(30_000_000n);
    expect((await stage.post(await signed({ amount: 10_000_000n }))).status).to.equal(201);
    expect(await faultsOf(await signed({ amount: 30_000_000n }))).to.deep.equal([
      'balance_insufficient /amount',
    ]);
    expect((await stage.post(await signed({ amount: 20_000_000n }))).status).to.equal(201);
    await mintTo(stage.chain, stage.payer.address, balance);
    await stage.mine();
  });

  it('refuses one more than a partner may have open, and says when to ask again', async () => {
    for (let count = 0; count < OPEN_LIMIT; count++) await stage.accepted();
    const one = await signed();
    const { status, body, headers } = await stage.post(one);
    expect([status, body.code]).to.deep.equal([429, 'authorized_payments_open']);
    expect(Number(headers.get('retry-after'))).to.be.greaterThan(0);
    const others = await stage.api.partner();
    expect((await stage.post(one, others)).status, 'another partner has places').to.equal(201);
  });

  it('takes nothing while the node is silent, and says to ask again', async () => {
    const one = await signed();
    stage.node.silence(true);
    const { status, body, headers } = await stage.post(one);
    expect([status, body.code]).to.deep.equal([503, 'chain_unavailable']);
    expect(Number(headers.get('retry-after'))).to.be.greaterThan(0);
    stage.node.silence(false);
    expect((await stage.post(one)).status).to.equal(201);
  });

  const garbage: [what: string, over: object, faults: string[]][] = [
    ['nothing of an amount', { amount: { currency: 'USD', value: '0.00' } }, ['amount_zero /amount/value']],
    [
      'too many digits',
      { amount: { currency: 'USD', value: '1.001' } },
      ['amount_too_many_digits /amount/value'],
    ],
    ['a negative amount', { amount: { currency: 'USD', value: '-1' } }, ['amount_malformed /amount/value']],
    [
      'a currency without a coin',
      { amount: { currency: 'JPY', value: '1' } },
      ['value_not_listed /amount/currency'],
    ],
    [
      'an address with a wrong checksum',
      { payer: '0x5FbDB2315678afecb367f032d93F642f64180aa4' },
      ['wallet_checksum /payer'],
    ],
    ['a short reference', { paymentReference: '0x12' }, ['value_form /paymentReference']],
    [
      'a time with parts of a second',
      { validAfter: '2026-11-21T17:00:00.5Z' },
      ['time_malformed /validAfter'],
    ],
    ['a day that there is not', { validBefore: '2026-02-30T17:00:00Z' }, ['time_malformed /validBefore']],
    ['a time that is empty', { validAfter: '2090-01-01T00:00:00Z' }, ['validity_empty /validBefore']],
    ['a signature of no bytes', { signature: '0x' }, ['value_form /signature']],
    ['a signature that is too long', { signature: `0x${'ab'.repeat(5_000)}` }, ['value_form /signature']],
    ['what is not known', { gas: '1' }, ['member_unknown /gas']],
    ['a number for a word', { salt: 12 }, ['value_type /salt']],
  ];
  for (const [what, over, faults] of garbage)
    it(`refuses ${what} as malformed`, async () => {
      const request = { ...requestOf(await signed()), ...over };
      const { status, body } = await stage.partner.call('POST', '/v1/authorized-payments', request);
      expect([status, body.code], JSON.stringify(body)).to.deep.equal([400, 'request_invalid']);
      expect(
        body.errors.map(({ code, pointer }: { code: string; pointer: string }) => `${code} ${pointer}`),
      ).to.deep.equal(faults);
    });

  async function deployOwnedAccount(owner: Address): Promise<Address> {
    const { abi, bytecode } = await hre.artifacts.readArtifact('OwnedAccount');
    const wallet = createWalletClient({
      account: stage.chain.accounts[9] as Address,
      chain: stage.chain.wallet(9).chain,
      transport: http(stage.chain.rpcUrl),
    });
    const hash = await wallet.deployContract({ abi, bytecode: bytecode as `0x${string}`, args: [owner] });
    await stage.mine();
    const { contractAddress } = await stage.chain.client.getTransactionReceipt({ hash });
    return contractAddress as Address;
  }
});

/** Counts down from 17,700, about 460,000 gas, and then answers whatever it is asked that the signature is good. */
const DEAR_ACCOUNT = '0x6145245b600190038060035750631626ba7e60e01b5f5260205ff3';

/** Jumps back to its beginning until its gas is used up. */
const ENDLESS_ACCOUNT = '0x5b5f56';

const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

/** The other signature over the same, which Ethereum does not take (EIP-2). */
function secondForm(signature: `0x${string}`): `0x${string}` {
  const s = ORDER - BigInt(`0x${signature.slice(66, 130)}`);
  const v = signature.endsWith('1b') ? '1c' : '1b';
  return `0x${signature.slice(2, 66)}${s.toString(16).padStart(64, '0')}${v}`;
}

function lowV(signature: `0x${string}`): `0x${string}` {
  return `${signature.slice(0, -2)}${signature.endsWith('1b') ? '00' : '01'}` as `0x${string}`;
}
