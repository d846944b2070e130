import { expect } from 'chai';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { localAccounts } from '../../scripts/deploy/local.ts';
import { launchBrowser } from './support/browser.ts';
import { type InjectedWallet, injectWallet } from './support/injectedWallet.ts';
import { administer, balanceOf, fund, routerAllowance } from './support/money.ts';
import { alertThatSays, fillPayment, signButton } from './support/payForm.ts';
import { type Stack, startStack } from './support/stack.ts';

const SUPPLIER = '0x976EA74026E726554dB657fA54763abd0C3a0aa9';

describe('web app: a wallet of the browser', () => {
  let stack: Stack;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let wallet: InjectedWallet;

  before(async () => {
    [stack, browser] = await Promise.all([startStack(), launchBrowser()]);
  });
  after(async () => {
    await browser?.close();
    await stack?.stop();
  });
  afterEach(() => context?.close());

  /** A new visitor whose wallet holds `units` of cUSD (10^-6), connected. */
  async function visit(
    units = 100_000_000n,
    options: { chainId?: number; fees?: bigint } = {},
  ): Promise<void> {
    context = await browser.newContext({ locale: 'en-GB' });
    wallet = await injectWallet(context, {
      rpcUrl: stack.chain.rpcUrl,
      ...(options.chainId && { chainId: options.chainId }),
    });
    await fund(stack.chain, wallet.address, units, options.fees);
    page = await context.newPage();
    await page.goto(stack.webUrl);
    await page.getByRole('button', { name: `Connect ${wallet.name}` }).click();
    await page.getByTestId('balance-cUSD').filter({ hasText: '.' }).waitFor();
  }

  const pay = (amount: string, recipient = SUPPLIER) =>
    fillPayment(page, stack.webUrl, { recipient, amount });

  it('is not connected before the person says so', async () => {
    context = await browser.newContext({ locale: 'en-GB' });
    wallet = await injectWallet(context, { rpcUrl: stack.chain.rpcUrl });
    page = await context.newPage();
    await page.goto(stack.webUrl);
    await page.getByRole('button', { name: `Connect ${wallet.name}` }).waitFor();
    expect(wallet.asked).to.not.include('eth_requestAccounts');
  });

  it('pays by one permit over the exact amount and one transaction, and leaves no approval', async () => {
    await visit();
    const before = await balanceOf(stack.chain, SUPPLIER);
    await pay('40.25');
    await page.getByText('Your wallet asks twice').waitFor();
    await signButton(page).click();
    await page.locator('[data-stage=final]').waitFor();
    expect(await balanceOf(stack.chain, SUPPLIER)).to.equal(before + 40_250_000n);
    expect(await routerAllowance(stack.chain, wallet.address)).to.equal(0n);
    const signatures = wallet.asked.filter((method) => /^eth_(sign|send)/.test(method));
    expect(signatures).to.deep.equal(['eth_signTypedData_v4', 'eth_sendTransaction']);
  });

  it('approves the exact amount when the wallet cannot sign a permit, and leaves no approval either', async () => {
    await visit();
    wallet.behaviour = 'cannotSignTypedData';
    await pay('1.50');
    await signButton(page).click();
    await page.locator('[data-stage=final]').waitFor();
    expect(await balanceOf(stack.chain, wallet.address)).to.equal(98_500_000n);
    expect(await routerAllowance(stack.chain, wallet.address)).to.equal(0n);
  });

  it('says that a rejected signature sent nothing, and lets one try again', async () => {
    await visit();
    wallet.behaviour = 'rejects';
    await pay('5');
    await signButton(page).click();
    expect(await alertThatSays(page, 'You declined in your wallet')).to.include('No money was sent');
    expect(await balanceOf(stack.chain, wallet.address)).to.equal(100_000_000n);
    wallet.behaviour = 'agrees';
    await signButton(page).click();
    await page.locator('[data-stage=final]').waitFor();
  });

  it('says that a payment may have been sent when the wallet fails after it was asked, and where to look', async () => {
    await visit();
    wallet.behaviour = 'failsAfterSending';
    await pay('5');
    await signButton(page).click();
    const alert = await alertThatSays(page, 'may have been sent');
    expect(alert).to.include('“Connection lost”');
    expect(alert).to.not.match(/no(thing| money) was sent|try again/i);
    await page.getByRole('link', { name: 'Look at Activity' }).click();
    await page.locator('.activity-row').filter({ hasText: '5.00' }).waitFor();
    expect(await balanceOf(stack.chain, wallet.address)).to.equal(95_000_000n);
  });

  it('tells of the approval that remains when the payment after it is declined, and uses it up afterwards', async () => {
    await visit();
    wallet.behaviour = 'approvesOnly';
    await pay('1.50');
    await signButton(page).click();
    await alertThatSays(page, 'An approval of exactly 1.50 cUSD remains');
    expect(await alertThatSays(page, 'You declined in your wallet')).to.include('No money was sent');
    expect(await routerAllowance(stack.chain, wallet.address)).to.equal(1_500_000n);
    wallet.behaviour = 'cannotSignTypedData';
    await signButton(page).click();
    await page.locator('[data-stage=final]').waitFor();
    expect(await routerAllowance(stack.chain, wallet.address)).to.equal(0n);
    expect(wallet.asked.filter((method) => method === 'eth_sendTransaction')).to.have.length(3);
  });

  it('tells of a wrong network, and switches it', async () => {
    await visit(100_000_000n, { chainId: 1 });
    await alertThatSays(page, 'Your wallet is on another network');
    await pay('5');
    await page.getByTestId('preview-sentence').waitFor();
    expect(await signButton(page).isDisabled()).to.equal(true);
    await page.getByRole('button', { name: 'Switch network' }).click();
    await page.getByText('Your wallet is on another network').waitFor({ state: 'detached' });
    await signButton(page).click();
    await page.locator('[data-stage=final]').waitFor();
  });

  it('tells of a balance that is too low, also when it sank after the form was filled in', async () => {
    await visit(10_000_000n);
    await pay('10.01');
    await page.getByText('You have 10.00 cUSD').waitFor();
    await page.getByLabel('Amount').fill('9');
    await page.getByRole('button', { name: 'Review payment' }).click();
    await page.getByText('it will go through').waitFor();
    await administer(stack.chain, 'freeze', wallet.address);
    expect(await alertThatSays(page, 'Your account is frozen')).to.include('Contact the issuer');
    expect(await signButton(page).isDisabled()).to.equal(true);
  });

  it('tells of a frozen recipient before anything is signed', async () => {
    await visit();
    await pay('5', stack.chain.accounts[localAccounts.frozenSupplier]);
    expect(await alertThatSays(page, 'recipient’s account is frozen')).to.include('another address');
    expect(await signButton(page).isDisabled()).to.equal(true);
    expect(wallet.asked).to.not.include('eth_signTypedData_v4');
  });

  it('tells of a paused coin, and goes on by itself when it is no longer paused', async () => {
    await visit();
    await administer(stack.chain, 'pause');
    await pay('5');
    await alertThatSays(page, 'Payments are paused');
    await administer(stack.chain, 'unpause');
    await page.getByText('it will go through').waitFor();
  });

  it('tells of missing ETH for the network fee', async () => {
    await visit(100_000_000n, { fees: 0n });
    await pay('5');
    await alertThatSays(page, 'No ETH for the network fee');
  });

  it('tells that the network does not answer, and goes on when it does', async () => {
    await visit();
    await page.route(`${stack.chain.rpcUrl}/**`, (route) => route.abort());
    await alertThatSays(page, 'The network does not answer');
    await page.unroute(`${stack.chain.rpcUrl}/**`);
    await page.locator('footer').getByText('Block').waitFor();
  });

  it('tells that the sandbox does not answer', async () => {
    await visit();
    await page.route(`${stack.sandboxUrl}/**`, (route) => route.abort());
    await page.getByRole('button', { name: 'Get test money' }).click();
    await alertThatSays(page, 'The sandbox does not answer');
  });

  it('stays connected after a reload, and forgets the wallet when told to', async () => {
    await visit();
    await page.reload();
    await page.getByTestId('balance-cUSD').filter({ hasText: '100.00' }).waitFor();
    await page.locator('.account-button').click();
    await page.getByRole('button', { name: 'Disconnect' }).click();
    await page.getByRole('button', { name: `Connect ${wallet.name}` }).waitFor();
  });
});
