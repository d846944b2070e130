import { expect } from 'chai';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { type Address, createWalletClient, custom, type Hex, sha256 } from 'viem';
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts';
import { hardhat } from 'viem/chains';
import { mineByInterval } from '../../scripts/chain.ts';
import { localAccounts } from '../../scripts/deploy/local.ts';
import type { PartnerClient } from '../../scripts/start/partner-client.ts';
import { until as eventually } from '../support/until.ts';
import { launchBrowser } from './support/browser.ts';
import { type InjectedWallet, injectWallet } from './support/injectedWallet.ts';
import { administer, balanceOf, fund } from './support/money.ts';
import { addPartner, type Stack, startStack } from './support/stack.ts';

const SUPPLIER = '0x9965507D1a55bcC2695C58ba16FB37d819B0A4dc';

interface Agreed {
  id: string;
  authorization: { eip3009: { typedData: never } };
}

describe('web app: escrows', () => {
  let stack: Stack;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let partner: PartnerClient;
  let wallet: InjectedWallet;
  let bought: Agreed;
  const faults: string[] = [];

  before(async () => {
    [stack, browser] = await Promise.all([startStack(), launchBrowser()]);
    partner = await addPartner(stack);
    context = await browser.newContext({ locale: 'en-GB', viewport: { width: 1280, height: 800 } });
    wallet = await injectWallet(context, { rpcUrl: stack.chain.rpcUrl });
    page = await context.newPage();
    page.on('pageerror', (error) => faults.push(error.message));
    await fund(stack.chain, wallet.address, 150_000_000n);
    await page.goto(`${stack.webUrl}/escrows`);
    await page.getByRole('button', { name: `Connect ${wallet.name}` }).click();
  });
  after(async () => {
    await browser?.close();
    await stack?.stop();
  });

  const timeIn = async (seconds: bigint) => {
    const { timestamp } = await stack.chain.client.getBlock();
    return new Date(Number(timestamp + seconds) * 1_000).toISOString().replace('.000Z', 'Z');
  };
  const agree = async (payer: Address, payee: Address, over: object) =>
    partner.post<Agreed>('/v1/escrows', {
      ...{ amount: { currency: 'USD', value: '100.00' }, payer, payee },
      authorizationExpiry: await timeIn(86_400n),
      captureExpiry: await timeIn(2n * 86_400n),
      refundExpiry: await timeIn(3n * 86_400n),
      ...over,
    });
  const open = (id: string) => page.goto(`${stack.webUrl}/escrows/${id}`);
  const until = (status: string) =>
    page.locator(`[data-testid=escrow-status][data-status=${status}]`).waitFor({ timeout: 60_000 });
  const press = (name: string) => page.getByRole('button', { name, exact: true }).click();
  const held = (place: string) => page.getByTestId(`escrow-${place}`);

  it('says what will be in the list while there is nothing', async () => {
    await page.getByText('Escrows in which your account is payer, payee or arbiter appear here').waitFor();
  });

  it('lists an escrow as soon as it is agreed upon', async () => {
    const arbiter = stack.chain.accounts[localAccounts.admin];
    bought = await agree(wallet.address, SUPPLIER, {
      milestones: ['60.00', '40.00'],
      ...{ arbiter, rulingPeriodSeconds: 172_800, defaultPayeeBps: 5_000 },
    });
    const row = page.getByRole('listitem').filter({ hasText: 'You are the payer' });
    await row.filter({ hasText: 'Waiting for the payer' }).getByRole('link').click();
    await until('created');
  });

  it('reads the terms, and what its signature does, in plain words', async () => {
    await page.getByTestId('escrow-sentence').waitFor();
    const words = await page.locator('main').innerText();
    for (const sentence of [
      'You hand 100.00 cUSD to Corridor’s escrow contract.',
      'for other terms the signature is worthless',
      'The payer, all at once or in parts.',
      'then has 2 days to split the money; if it stays silent, the payee gets 50%',
      '1. 60.00 cUSD',
      'Then Corridor sends what is left back to the payer',
    ])
      expect(words).to.include(sentence);
    expect(words).to.include(SUPPLIER);
  });

  it('lets nobody sign for terms that are not the escrow’s', async () => {
    await page.route(`**/partner/escrows/${bought.id}`, async (route) => {
      const answer = await route.fetch();
      const escrow = (await answer.json()) as { terms: object };
      await route.fulfill({
        response: answer,
        json: { ...escrow, terms: { ...escrow.terms, payee: wallet.address.toLowerCase() } },
      });
    });
    await open(bought.id);
    await page.getByText('Do not sign').waitFor();
    expect(await page.getByRole('button', { name: 'Sign and put it in' }).count()).to.equal(0);
    await page.unroute(`**/partner/escrows/${bought.id}`);
    await open(bought.id);
  });

  it('declines in the wallet, and nothing is handed in', async () => {
    wallet.behaviour = 'rejects';
    await press('Sign and put it in');
    await page.getByText('You declined in your wallet').waitFor();
    wallet.behaviour = 'agrees';
  });

  it('puts the money in by one signature, also when the answer to it was lost', async () => {
    wallet.asked.length = 0;
    const actions = '**/actions?*';
    await page.route(actions, (route) => route.abort());
    await press('Sign and put it in');
    await page.getByText('the same signature is handed in again').waitFor();
    await page.unroute(actions);
    await press('Sign and put it in');
    await until('authorized');
    expect(await held('capturable').innerText()).to.equal('100.00 cUSD');
    expect(wallet.asked.filter((method) => /sign|send/i.test(method))).to.deep.equal([
      'eth_signTypedData_v4',
    ]);
  });

  it('pays the next milestone, and sees it become final', async () => {
    await press('Release 60.00 cUSD');
    await held('captured').filter({ hasText: '60.00 cUSD' }).waitFor({ timeout: 60_000 });
    await page.getByText('1. 60.00 cUSD · paid').waitFor();
    expect(await balanceOf(stack.chain, SUPPLIER)).to.equal(60_000_000n);
  });

  it('opens a dispute over the rest by a document’s hash', async () => {
    await page.getByLabel('Document').setInputFiles({
      ...{ name: 'inspection.txt', mimeType: 'text/plain' },
      buffer: Buffer.from('The second crate is empty.'),
    });
    await press('Open a dispute');
    await until('disputed');
    await page.getByText('The arbiter decides until').waitFor();
    const timeline = await page.getByRole('list', { name: 'Timeline' }).innerText();
    for (const moment of [
      'Terms agreed upon',
      'Put in: final',
      'Money is held',
      'Payee was paid',
      'Dispute opened',
    ])
      expect(timeline).to.include(moment);
  });

  it('submits evidence by a document’s hash', async () => {
    const buffer = Buffer.from('A picture of the second crate.');
    const evidence = page.getByRole('button', { name: 'Submit the evidence' });
    expect(await evidence.isDisabled()).to.equal(true);
    await page.getByLabel('Document').setInputFiles({ name: 'picture.txt', mimeType: 'text/plain', buffer });
    await evidence.click();
    const timeline = page.getByRole('list', { name: 'Timeline' });
    await timeline.getByText('Evidence submitted').waitFor({ timeout: 60_000 });
    await timeline.getByText(sha256(buffer).slice(0, 6)).waitFor();
  });

  it('offers a split of the rest by one signature', async () => {
    wallet.asked.length = 0;
    await page.getByLabel('The payee gets').fill('10');
    await page.getByText('30.00 cUSD go back to the payer.').waitFor();
    await press('Sign and offer');
    await page.getByText('You have signed: 10.00 cUSD to the payee, 30.00 cUSD back to the payer.').waitFor();
    expect(wallet.asked.filter((method) => /sign|send/i.test(method))).to.deep.equal([
      'eth_signTypedData_v4',
    ]);
  });

  it('says the same in Chinese', async () => {
    await page.evaluate(() => localStorage.setItem('corridor.language', 'zh'));
    await page.reload();
    await page.getByText('争议中').waitFor();
    await page.getByText('收款方得 50%').waitFor();
    await page.evaluate(() => localStorage.setItem('corridor.language', 'en'));
  });

  /** Agreed upon and put in by another, with the wallet as payee; the page shows it. */
  const sold = async (over: object = {}) => {
    const payer = privateKeyToAccount(generatePrivateKey());
    await fund(stack.chain, payer.address, 100_000_000n, 0n);
    const { id, authorization } = await agree(payer.address, wallet.address, over);
    const signature = await payer.signTypedData(authorization.eip3009.typedData);
    await partner.post(`/v1/escrows/${id}/actions`, {
      ...{ action: 'authorize', way: 'eip3009', signature },
    });
    await open(id);
    await until('authorized');
    await page.getByText('Put in: final').waitFor();
    return { id, payer };
  };

  it('signs as payee the split that the payer has signed, and Corridor sends it', async () => {
    const { id, payer } = await sold();
    const before = await balanceOf(stack.chain, wallet.address);
    const split = {
      ...{ action: 'release', payeeAmount: '70.00', payerAmount: '30.00' },
      deadline: await timeIn(3_600n),
    };
    const path = `/v1/escrows/${id}/actions`;
    const { typedData } = await partner.post<{ typedData: never }>(path, split);
    await partner.post(path, { ...split, payerSignature: await payer.signTypedData(typedData) });
    await page.getByText('The other party has signed: 70.00 cUSD to the payee').waitFor();
    await press('Sign the same');
    await until('released');
    expect(await balanceOf(stack.chain, wallet.address)).to.equal(before + 70_000_000n);
    expect(await balanceOf(stack.chain, payer.address)).to.equal(30_000_000n);
  });

  it('gives back as payee what another put in', async () => {
    const { payer } = await sold();
    await press('Give it back');
    await until('voided');
    expect(await balanceOf(stack.chain, payer.address)).to.equal(100_000_000n);
  });

  it('decides a dispute as its arbiter, by a part of what is held', async () => {
    const payer = privateKeyToAccount(generatePrivateKey());
    await fund(stack.chain, payer.address, 100_000_000n);
    const { id, authorization } = await agree(payer.address, SUPPLIER, {
      ...{ arbiter: wallet.address, rulingPeriodSeconds: 172_800, defaultPayeeBps: 5_000 },
    });
    const path = `/v1/escrows/${id}/actions`;
    const signature = await payer.signTypedData(authorization.eip3009.typedData);
    await partner.post(path, { action: 'authorize', way: 'eip3009', signature });
    await page.goto(`${stack.webUrl}/escrows`);
    const row = page.getByRole('listitem').filter({ hasText: 'You are the arbiter' });
    await row.filter({ hasText: 'Money is held' }).getByRole('link').click({ timeout: 60_000 });
    await until('authorized');
    await page.getByText('Nothing at the moment.').waitFor();
    const { transactions } = await partner.post<{ transactions: { to: Address; data: Hex }[] }>(path, {
      ...{ action: 'dispute', by: 'payer' },
    });
    const { transport } = stack.chain.client;
    const sender = createWalletClient({ account: payer, chain: hardhat, transport: custom(transport) });
    for (const { to, data } of transactions) await sender.sendTransaction({ to, data });
    await until('disputed');
    await page.getByText('The arbiter decides until').waitFor();
    expect(await page.getByRole('button', { name: 'Submit the evidence' }).count()).to.equal(0);
    const decide = page.getByRole('button', { name: 'Decide for good' });
    expect(await decide.isDisabled()).to.equal(true);
    await page.getByLabel('The payee’s part').fill('100.5');
    await page.getByText('Enter a percentage from 0 to 100').waitFor();
    await page.getByLabel('The payee’s part').fill('62.5');
    await page.getByText('62.50 cUSD to the payee, 37.50 cUSD back to the payer.').waitFor();
    await page.getByLabel('Reasons').setInputFiles({
      ...{ name: 'ruling.txt', mimeType: 'text/plain' },
      buffer: Buffer.from('Five crates of eight arrived.'),
    });
    const reasons = sha256(Buffer.from('Five crates of eight arrived.'));
    await page.getByText(reasons).waitFor();
    wallet.asked.length = 0;
    await decide.click();
    await until('ruled');
    expect(wallet.asked.filter((method) => /sign|send/i.test(method))).to.deep.equal(['eth_sendTransaction']);
    expect(await balanceOf(stack.chain, payer.address)).to.equal(37_500_000n);
    expect(await held('captured').innerText()).to.equal('62.50 cUSD');
    expect(await held('returned').innerText()).to.equal('37.50 cUSD');
    await page.getByText(reasons.slice(0, 6)).waitFor();
  });

  it('says in plain words what happens by itself, and lets the payee pay a part back', async () => {
    const when = {
      ...{ type: 'observation', feed: 'shipment-delay-minutes', subject: '340123450000000018' },
      ...{ windowStart: await timeIn(0n), windowEnd: await timeIn(3_600n) },
    };
    const { id, payer } = await sold({
      operator: 'corridor',
      releaseRules: [
        { when: { ...when, atMost: '60' }, do: { capture: 'all' } },
        { when: { ...when, atLeast: '61' }, do: { capture: '80.00', void: true } },
        { when: { type: 'bank_payout', reference: 'INVOICE 4711' }, do: { capture: 'all' } },
      ],
    });
    const rules = await page.locator('main').innerText();
    for (const sentence of [
      '1. When the oracle has seen that shipment 340123450000000018 is at most 60 minutes late: everything goes to the payee.',
      'is at least 61 minutes late: 80.00 cUSD go to the payee; the rest goes back to the payer.',
      '3. When the bank has paid out 100.00 cUSD under the reference INVOICE 4711: everything goes to the payee.',
    ])
      expect(rules).to.include(sentence);
    await partner.post(`/v1/escrows/${id}/actions`, { action: 'capture' });
    await until('captured');
    wallet.asked.length = 0;
    await page.getByLabel('Amount').fill('100.01');
    await page.getByText('Enter an amount above zero, at most 100.00 cUSD.').waitFor();
    await page.getByLabel('Amount').fill('30');
    await press('Refund 30.00 cUSD');
    await held('refunded').filter({ hasText: '30.00 cUSD' }).waitFor({ timeout: 60_000 });
    expect(wallet.asked.filter((method) => /sign|send/i.test(method))).to.deep.equal([
      'eth_sendTransaction',
      'eth_sendTransaction',
    ]);
    expect(await balanceOf(stack.chain, payer.address)).to.equal(30_000_000n);
  });

  it('lets the wallet show every term, once exactly the amount is allowed', async () => {
    const before = await balanceOf(stack.chain, wallet.address);
    const { id } = await agree(wallet.address, SUPPLIER, { operator: 'corridor' });
    await open(id);
    wallet.asked.length = 0;
    wallet.signed.length = 0;
    await page.getByText('Or have your wallet show every term').click();
    await page.getByText('pay the payee at once, without holding the money first').waitFor();
    await press('Allow and sign the terms');
    await until('authorized');
    expect(wallet.asked.filter((method) => /sign|send/i.test(method))).to.deep.equal([
      'eth_sendTransaction',
      'eth_signTypedData_v4',
    ]);
    expect(wallet.signed).to.deep.equal(['Authorization']);
    expect(await balanceOf(stack.chain, wallet.address)).to.equal(before - 100_000_000n);
  });

  it('cancels an escrow that nothing was put in yet', async () => {
    const { id } = await agree(wallet.address, SUPPLIER, {});
    await open(id);
    wallet.asked.length = 0;
    await press('Cancel the escrow');
    await until('cancelled');
    expect(wallet.asked.filter((method) => /sign|send/i.test(method))).to.deep.equal(['eth_sendTransaction']);
    await page.getByText('Nothing at the moment.').waitFor();
  });

  it('presents as payee the document that opens the lock, and no other', async () => {
    const document = Buffer.from('Bill of lading 4711');
    await sold({ hashLock: sha256(sha256(document)) });
    const before = await balanceOf(stack.chain, wallet.address);
    const choose = (buffer: Buffer) =>
      page.getByLabel('Document').setInputFiles({ name: 'bill.txt', mimeType: 'text/plain', buffer });
    const present = page.getByRole('button', { name: 'Present it and be paid' });
    wallet.asked.length = 0;
    await page.getByLabel('Or the 32 bytes').fill('0x4711');
    await page.getByText('Enter 0x and 64 characters').waitFor();
    await choose(Buffer.from('Bill of lading 4712'));
    await page.getByText('This is not the document of the terms').waitFor();
    expect(await present.isDisabled()).to.equal(true);
    await choose(document);
    await page.getByText('It fits').waitFor();
    await present.click();
    await until('captured');
    expect(wallet.asked.filter((method) => /sign|send/i.test(method))).to.deep.equal(['eth_sendTransaction']);
    expect(await balanceOf(stack.chain, wallet.address)).to.equal(before + 100_000_000n);
  });

  it('fetches what could not be paid while the account was frozen, once it no longer is', async () => {
    const { id } = await sold({ operator: 'corridor' });
    const before = await balanceOf(stack.chain, wallet.address);
    await administer(stack.chain, 'freeze', wallet.address);
    await partner.post(`/v1/escrows/${id}/actions`, { action: 'capture' });
    await until('captured');
    await page.getByTestId('escrow-credit').filter({ hasText: 'Payee: 100.00 cUSD' }).waitFor();
    await page.goto(stack.webUrl);
    await page.getByText('Your account is still frozen').waitFor();
    const fetching = page.getByRole('button', { name: 'Fetch 100.00 cUSD' });
    expect(await fetching.isDisabled()).to.equal(true);
    await administer(stack.chain, 'unfreeze', wallet.address);
    await page.getByText('From an escrow').waitFor();
    await fetching.click();
    await page.getByText('The money is in your wallet.').waitFor();
    await fetching.waitFor({ state: 'detached' });
    expect(await balanceOf(stack.chain, wallet.address)).to.equal(before + 100_000_000n);
  });

  /**
   * Presses, in the first block that is `seconds` ahead, what anybody may do then. Corridor's keeper goes by final blocks, and this
   * one is not before the wallet's transaction is in the next: so the keeper can not be first.
   */
  const pressAfter = async (seconds: bigint, name: string) => {
    const { chain } = stack;
    await chain.request('evm_setIntervalMining', [0]);
    const { timestamp } = await chain.client.getBlock();
    await chain.request('evm_setNextBlockTimestamp', [Number(timestamp + seconds)]);
    await chain.request('evm_mine');
    const sent = (blockTag: 'latest' | 'pending') =>
      chain.client.getTransactionCount({ address: wallet.address, blockTag });
    try {
      await press(name);
      await eventually('the transaction waits', async () => (await sent('pending')) > (await sent('latest')));
    } finally {
      await mineByInterval(chain.rpcUrl, 500);
    }
  };

  it('sends back what is left once the payee’s time is over, and shows no offer that is over', async () => {
    const expiry = await timeIn(3_600n);
    const { id, payer } = await sold({ authorizationExpiry: expiry, captureExpiry: expiry });
    const split = { action: 'release', payeeAmount: '70.00', payerAmount: '30.00', deadline: expiry };
    const path = `/v1/escrows/${id}/actions`;
    const { typedData } = await partner.post<{ typedData: never }>(path, split);
    await partner.post(path, { ...split, payerSignature: await payer.signTypedData(typedData) });
    await page.getByText('The other party has signed: 70.00 cUSD to the payee').waitFor();
    const reclaim = 'Send it back to the payer';
    expect(await page.getByRole('button', { name: reclaim }).count()).to.equal(0);
    await pressAfter(3_601n, reclaim);
    expect(await page.getByTestId('escrow-offer').count()).to.equal(0);
    await until('reclaimed');
    expect(await balanceOf(stack.chain, payer.address)).to.equal(100_000_000n);
  });

  it('splits by default what the arbiter did not decide in time', async () => {
    const before = await balanceOf(stack.chain, SUPPLIER);
    await open(bought.id);
    await page.getByRole('button', { name: 'Submit the evidence' }).waitFor();
    await pressAfter(2n * 86_400n, 'Split it now');
    expect(await page.getByRole('button', { name: 'Submit the evidence' }).count()).to.equal(0);
    await until('ruled');
    expect(await balanceOf(stack.chain, SUPPLIER)).to.equal(before + 20_000_000n);
  });

  it('never broke on the way', () => {
    expect(faults).to.deep.equal([]);
  });
});
