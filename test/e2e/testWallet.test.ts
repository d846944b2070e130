import { expect } from 'chai';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { launchBrowser } from './support/browser.ts';
import { balanceOf } from './support/money.ts';
import { fillPayment, signButton } from './support/payForm.ts';
import { type Stack, startStack } from './support/stack.ts';

const SUPPLIER = '0x9965507D1a55bcC2695C58ba16FB37d819B0A4dc';

describe('web app: a newcomer with the test wallet', () => {
  let stack: Stack;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  const faults: string[] = [];

  before(async () => {
    [stack, browser] = await Promise.all([startStack(), launchBrowser()]);
    context = await browser.newContext({ locale: 'en-GB', viewport: { width: 1280, height: 800 } });
    page = await context.newPage();
    page.on('pageerror', (error) => faults.push(error.message));
  });
  after(async () => {
    await browser?.close();
    await stack?.stop();
  });

  it('connects the test wallet, which says that it is for testing only', async () => {
    await page.goto(stack.webUrl);
    await page.getByText('For testing only').waitFor();
    await page.getByRole('button', { name: 'Use the test wallet' }).click();
    await page
      .getByTestId('balance-cUSD')
      .filter({ hasText: /^0\.00$/ })
      .waitFor();
  });

  it('gets test money of each coin', async () => {
    await page.getByRole('button', { name: 'Get test money' }).click();
    for (const symbol of ['cUSD', 'cEUR', 'cCNH']) {
      await page.getByTestId(`balance-${symbol}`).filter({ hasText: '1,000.00' }).waitFor();
    }
  });

  it('reads in one sentence what a payment will do before it is signed', async () => {
    await fillPayment(page, stack.webUrl, { recipient: SUPPLIER, amount: '125.50', reference: 'INV-7' });
    const sentence = await page.getByTestId('preview-sentence').innerText();
    expect(sentence).to.match(
      /^You pay 125\.50 cUSD to 0x9965…A4dc, reference INV-7\. Network fee about 0\.0\d+ ETH\. It takes effect once; it cannot be undone\.$/,
    );
    await page.getByText('it will go through').waitFor();
  });

  it('pays, and follows the payment until it is final', async () => {
    await signButton(page).click();
    await page.waitForURL(/\/payments\/0x[0-9a-f]{64}$/);
    await page.locator('[data-stage=final]').waitFor();
    expect(await balanceOf(stack.chain, SUPPLIER)).to.equal(125_500_000n);
    for (const words of ['125.50 cUSD', SUPPLIER, 'INV-7', 'Block hash']) {
      expect(await page.locator('main').innerText()).to.include(words);
    }
  });

  it('shows the same payment again from its link alone', async () => {
    await page.reload();
    await page.locator('[data-stage=final]').waitFor();
    expect(await page.locator('main').innerText()).to.include('INV-7');
  });

  it('finds the payment in the activity, linked to its page', async () => {
    const payment = page.url();
    await page.getByRole('link', { name: 'See all activity' }).click();
    const entry = page.locator('.activity-row').filter({ hasText: '−125.50 cUSD' });
    await entry.filter({ hasText: 'Final' }).waitFor();
    expect(await entry.innerText()).to.include('INV-7');
    await entry.click();
    expect(page.url()).to.equal(payment);
  });

  for (const [fault, recipient] of [
    ['nobody’s address', `0x${'0'.repeat(40)}`],
    ['capital letters', SUPPLIER.replace('dc', 'DC')],
    ['not an address', 'Ada'],
  ] as const) {
    it(`refuses a recipient: ${fault}`, async () => {
      await fillPayment(page, stack.webUrl, { recipient, amount: '1' });
      const input = page.getByLabel('Recipient');
      expect(await input.getAttribute('aria-invalid')).to.equal('true');
      expect(await signButton(page).count()).to.equal(0);
    });
  }

  it('refuses paying oneself, and a contract of Corridor', async () => {
    const own = await page.evaluate(() => document.querySelector('.account-button .mono')?.textContent ?? '');
    await page.locator('.account-button').click();
    const address = await page.locator('.account-panel .hex-full .mono').innerText();
    expect(address.startsWith(own.slice(0, 6))).to.equal(true);
    await fillPayment(page, stack.webUrl, { recipient: address.toLowerCase(), amount: '1' });
    await page.getByText('This is your own address').waitFor();
    await page.getByLabel('Recipient').fill(stack.chain.deployment.stablecoins.EUR.address);
    await page.getByText('a contract of Corridor').waitFor();
  });

  it('asks for an amount in the digits of its currency, and no more than there is', async () => {
    await fillPayment(page, stack.webUrl, { recipient: SUPPLIER, amount: '1.005' });
    await page.getByText('at most 2 digits after the point').waitFor();
    await page.getByLabel('Amount').fill('5000');
    await page.getByText('You have 874.50 cUSD').waitFor();
  });

  it('speaks Chinese when asked to, and remembers it', async () => {
    await page.getByLabel('Language').selectOption('zh');
    await page.getByRole('button', { name: '核对付款' }).waitFor();
    expect(await page.evaluate(() => document.documentElement.lang)).to.equal('zh-CN');
    await page.reload();
    await page.getByRole('button', { name: '核对付款' }).waitFor();
  });

  it('brings its own Chinese font: no character is left to the machine', async () => {
    await page.evaluate(() => document.fonts.ready);
    const loaded = await page.evaluate(
      () =>
        [...document.fonts].filter(
          ({ family, status }) => family.includes('Noto Sans SC') && status === 'loaded',
        ).length,
    );
    expect(loaded).to.be.greaterThan(2);
    await page.getByLabel('语言').selectOption('en');
  });

  it('never broke on the way', () => {
    expect(faults).to.deep.equal([]);
  });
});
