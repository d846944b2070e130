import { expect } from 'chai';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { launchBrowser } from './support/browser.ts';
import { type InjectedWallet, injectWallet } from './support/injectedWallet.ts';
import { balanceOf, fund } from './support/money.ts';
import { fillPayment, signButton } from './support/payForm.ts';
import { addPartner, type Stack, startStack } from './support/stack.ts';

const SUPPLIER = '0x9965507D1a55bcC2695C58ba16FB37d819B0A4dc';

describe('web app: a wallet without ETH', () => {
  let stack: Stack;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let wallet: InjectedWallet;
  const faults: string[] = [];

  before(async () => {
    [stack, browser] = await Promise.all([startStack(), launchBrowser()]);
    await addPartner(stack);
    context = await browser.newContext({ locale: 'en-GB', viewport: { width: 1280, height: 800 } });
    wallet = await injectWallet(context, { rpcUrl: stack.chain.rpcUrl });
    page = await context.newPage();
    page.on('pageerror', (error) => faults.push(error.message));
    await fund(stack.chain, wallet.address, 50_000_000n, 0n);
    await page.goto(stack.webUrl);
    await page.getByRole('button', { name: `Connect ${wallet.name}` }).click();
    await page.getByTestId('balance-cUSD').filter({ hasText: '50.00' }).waitFor();
  });
  after(async () => {
    await browser?.close();
    await stack?.stop();
  });

  it('is told that it cannot pay the network fee itself', async () => {
    await fillPayment(page, stack.webUrl, { recipient: SUPPLIER, amount: '12.50', reference: 'INV-8' });
    await page.getByText('No ETH for the network fee').waitFor();
    expect(await signButton(page).isDisabled()).to.equal(true);
  });

  it('reads what is signed when Corridor pays the fee', async () => {
    await page.getByRole('button', { name: 'Change' }).click();
    await page.getByLabel('Corridor pays the network fee').check();
    await page.getByRole('button', { name: 'Review payment' }).click();
    const sentence = await page.getByTestId('preview-sentence').innerText();
    expect(sentence).to.equal(
      'You pay 12.50 cUSD to 0x9965…A4dc, reference INV-8. Corridor pays the network fee. It takes effect once; it cannot be undone.',
    );
    await page.getByText('lets Corridor’s payment contract take exactly this amount').waitFor();
  });

  it('declines in the wallet, and nothing is handed in', async () => {
    wallet.behaviour = 'rejects';
    await signButton(page).click();
    await page.getByText('You declined in your wallet').waitFor();
    expect(await page.getByRole('button', { name: 'Change' }).isDisabled()).to.equal(false);
    wallet.behaviour = 'agrees';
  });

  it('keeps its one signature when the answer to it is lost, so that nobody pays twice', async () => {
    wallet.asked.length = 0;
    await page.route('**/partner/authorized-payments', async (route) => {
      await route.fetch();
      await route.abort();
    });
    await signButton(page).click();
    await page.getByText('so you cannot pay twice').waitFor();
    expect(await page.getByRole('button', { name: 'Change' }).isDisabled()).to.equal(true);
    await page.unroute('**/partner/authorized-payments');
  });

  it('pays by one signature and no transaction of its own, and sees the payment become final', async () => {
    await signButton(page).click();
    await page.waitForURL(/\/payments\/0x[0-9a-f]{64}$/, { timeout: 60_000 });
    await page.locator('[data-stage=final]').waitFor();
    for (const words of ['12.50 cUSD', SUPPLIER, 'INV-8']) {
      expect(await page.locator('main').innerText()).to.include(words);
    }
    expect(await balanceOf(stack.chain, SUPPLIER)).to.equal(12_500_000n);
    expect(await balanceOf(stack.chain, wallet.address)).to.equal(37_500_000n);
    expect(await stack.chain.client.getBalance({ address: wallet.address })).to.equal(0n);
    const signatures = wallet.asked.filter((method) => /sign|send/i.test(method));
    expect(signatures).to.deep.equal(['eth_signTypedData_v4']);
  });

  it('never broke on the way', () => {
    expect(faults).to.deep.equal([]);
  });
});
