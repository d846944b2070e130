import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { type Address, parseUnits } from 'viem';
import { localProductsFile } from '../../scripts/deploy/localProducts.ts';
import type { PartnerClient } from '../../scripts/start/partner-client.ts';
import { coverPoolAbi } from '../../services/core/abi/coverPool.ts';
import { observe } from '../support/observation.ts';
import { until } from '../support/until.ts';
import { launchBrowser } from './support/browser.ts';
import { type InjectedWallet, injectWallet } from './support/injectedWallet.ts';
import { administer, balanceOf, fund } from './support/money.ts';
import { addInsurance, addPartner, type Stack, startStack } from './support/stack.ts';

const HOLDER = '0x9965507D1a55bcC2695C58ba16FB37d819B0A4dc';
const DAY = 86_400;

describe('web app: insurance', () => {
  let stack: Stack;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let wallet: InjectedWallet;
  let partner: PartnerClient;
  const faults: string[] = [];

  before(async () => {
    [stack, browser] = await Promise.all([startStack(), launchBrowser()]);
    await addInsurance(stack);
    partner = await addPartner(stack, { INSURANCE_PRODUCTS_FILE: localProductsFile });
    context = await browser.newContext({ locale: 'en-GB', acceptDownloads: true });
    wallet = await injectWallet(context, { rpcUrl: stack.chain.rpcUrl });
    page = await context.newPage();
    page.on('pageerror', (error) => faults.push(error.message));
    await fund(stack.chain, wallet.address, 500_000_000n);
    await page.goto(`${stack.webUrl}/insurance`);
    await page.getByRole('button', { name: `Connect ${wallet.name}` }).click();
  });
  after(async () => {
    await browser?.close();
    await stack?.stop();
  });

  const form = (name: string) => page.getByRole('form', { name });
  const worth = () => page.getByTestId('underwriting-worth');

  it('says what an underwriter has, and what the pool has', async () => {
    await page.getByText('You have nothing in the pool').waitFor();
    await page.getByText('1,000,000.00 cUSD').first().waitFor();
  });

  it('says what is wrong with an amount before the wallet is asked', async () => {
    await form('Deposit').getByLabel('Amount to deposit').fill('500.01');
    await form('Deposit').getByRole('button', { name: 'Deposit' }).click();
    await form('Deposit').getByText('You have 500.00 cUSD').waitFor();
    expect(wallet.asked).to.not.include('eth_sendTransaction');
  });

  it('deposits, after exactly this amount was allowed', async () => {
    await form('Deposit').getByLabel('Amount to deposit').fill('400');
    await form('Deposit').getByRole('button', { name: 'Deposit' }).click();
    await page.getByText('Your money is in the pool.').waitFor();
    await worth().filter({ hasText: '400.00 cUSD' }).waitFor();
    expect(await balanceOf(stack.chain, wallet.address)).to.equal(100_000_000n);
  });

  it('stops when the wallet declines, and nothing is asked back', async () => {
    wallet.behaviour = 'rejects';
    await form('Ask for money back').getByLabel('Amount to ask for').fill('100');
    await form('Ask for money back').getByRole('button', { name: 'Ask for it' }).click();
    await page.getByText('You declined in your wallet').waitFor();
    wallet.behaviour = 'agrees';
  });

  it('asks for all of it back, leaves it in, and asks again', async () => {
    const request = form('Ask for money back');
    await request.getByRole('button', { name: 'All of it' }).click();
    await request.getByRole('button', { name: 'Ask for it' }).click();
    await page.getByText('Cooling down').waitFor();
    expect(await page.getByRole('button', { name: 'Take it out' }).isDisabled()).to.equal(true);
    await page.getByRole('button', { name: 'Leave it in' }).click();
    await page.getByText('Cooling down').waitFor({ state: 'detached' });
    await request.getByRole('button', { name: 'All of it' }).click();
    await request.getByRole('button', { name: 'Ask for it' }).click();
    await page.getByText('Cooling down').waitFor();
  });

  const time = (seconds: number) => new Date(seconds * 1_000).toISOString().replace('.000Z', 'Z');
  /** Ordered, three days ahead; it may not be issued yet. */
  const sell = async (holder: string) => {
    let account = '';
    await until('the treasury is funded', async () => {
      const { items } = await partner.get<{
        items: { id: string; currency: string; balance: { available: { value: string } } }[];
      }>('/v1/accounts');
      const funded = items.find(({ currency }) => currency === 'USD');
      account = funded?.id ?? '';
      return funded !== undefined && Number(funded.balance.available.value) > 0;
    });
    const { timestamp } = await stack.chain.client.getBlock();
    const start = Math.floor(Number(timestamp) / DAY + 3) * DAY + 36_000;
    const cover = {
      ...{ product: 'flight-delay', subject: 'FRA:LH400' },
      ...{ windowStart: time(start), windowEnd: time(start + 14_400) },
      insured: { currency: 'USD', value: '100.00' },
    };
    const maxPremium = { currency: 'USD', value: '20.00' };
    const order = { cover, maxPremium, account, holder, reference: 'Trip 4711' };
    const { id } = await partner.post<{ id: string }>('/v1/policies', order);
    return { id, ...cover };
  };
  const becomes = (id: string, status: string) =>
    until(
      `the policy is ${status}`,
      async () => (await partner.get<{ status: string }>(`/v1/policies/${id}`)).status === status,
      120_000,
    );

  it('shows a policy that a partner sold, with its cover note', async () => {
    await sell(HOLDER);
    await page.goto(`${stack.webUrl}/partner/policies`);
    const row = page.locator('.payments tbody tr').filter({ hasText: 'FRA:LH400' });
    await row.filter({ hasText: 'Issued' }).waitFor({ timeout: 60_000 });
    await row.getByRole('link').click();
    const timeline = page.getByRole('list', { name: 'From order to payout' });
    await timeline.getByText('Webhook policy.issued').waitFor();
    for (const words of ['Trip 4711', HOLDER, '100.00 USD'])
      expect(await page.locator('main').innerText()).to.include(words);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download cover note' }).click(),
    ]);
    expect((await readFile(await download.path(), 'latin1')).slice(0, 5)).to.equal('%PDF-');
  });

  it('leads from a webhook to the policy', async () => {
    await page.goto(`${stack.webUrl}/partner/webhooks`);
    await page.getByRole('link', { name: 'FRA:LH400' }).first().click();
    await page.waitForURL(/\/partner\/policies\/pol_/);
  });

  it('offers nobody but the holder to cancel it', async () => {
    await page.getByText(HOLDER).waitFor();
    await page.locator('.account-button').waitFor();
    expect(await page.getByText('Cancel this cover').count()).to.equal(0);
  });

  it('lets the holder cancel a part and then the rest, and the buyer gets the money', async () => {
    const { id } = await sell(wallet.address);
    await becomes(id, 'issued');
    const { buyer } = await partner.get<{ buyer: Address }>(`/v1/policies/${id}`);
    const before = await balanceOf(stack.chain, buyer);
    const refunded = async () => (await balanceOf(stack.chain, buyer)) - before;
    /** What the page says that comes back, in units of 10^-6. */
    const shown = async () => {
      const text = await cancellation.getByTestId('cancellation-refund').innerText();
      return parseUnits(text.replace(' cUSD', ''), 6);
    };
    const cancellation = form('Cancel this cover');
    const amount = cancellation.getByLabel('Sum insured to give up');
    const button = cancellation.getByRole('button', { name: 'Cancel cover' });
    await page.goto(`${stack.webUrl}/partner/policies/${id}`);
    await cancellation.getByText('Covered now: 100.00 cUSD').waitFor();
    expect(await amount.inputValue()).to.equal('100.00');
    const whole = await shown();
    await amount.fill('100.01');
    await button.click();
    await cancellation.getByText('The policy covers 100.00 cUSD').waitFor();

    await amount.fill('40');
    const part = await shown();
    expect(part).to.equal((whole * 40n) / 100n);
    await button.click();
    await cancellation.getByText('A part is cancelled.').waitFor();
    await cancellation.getByText('Covered now: 60.00 cUSD').waitFor();
    expect(await refunded()).to.equal(part);
    await page.getByText('Cancelled in part').waitFor();
    await page.getByText('60.00 USD').waitFor();

    expect(await amount.inputValue(), 'a second click gives up nothing that nobody asked for').to.equal('');
    await amount.fill('60');
    expect(await shown()).to.equal(whole - part);
    await button.click();
    await button.waitFor({ state: 'detached' });
    await page.getByText('The cover has been cancelled').waitFor();
    await becomes(id, 'cancelled');
    expect(await refunded()).to.equal(whole);
  });

  it('counts the policy in the exposure of its product', async () => {
    await page.goto(`${stack.webUrl}/insurance`);
    const row = page.locator('[data-product=flight-delay]');
    await row.filter({ hasText: '100.00' }).filter({ hasText: 'Flight delay' }).waitFor();
  });

  it('pays out once the cooldown is over', async () => {
    await page.getByText('Cooling down').waitFor();
    const cooldown = await stack.chain.client.readContract({
      address: stack.chain.deployment.coverPool,
      abi: coverPoolAbi,
      functionName: 'cooldownSeconds',
    });
    await stack.chain.request('evm_increaseTime', [Number(cooldown)]);
    await page.getByText('Ready to take').waitFor();
    await page.getByRole('button', { name: 'Take it out' }).click();
    await page.getByText('The money is in your wallet.').waitFor();
    await page.getByText('You have nothing in the pool').waitFor();
    const balance = await balanceOf(stack.chain, wallet.address);
    // The charge of the policy is for all capital; rounding is against who leaves.
    expect(balance >= 499_990_000n, String(balance)).to.equal(true);
  });

  it('fetches a payout that came while the holder was frozen', async () => {
    const policy = await sell(wallet.address);
    await becomes(policy.id, 'issued');
    await administer(stack.chain, 'freeze', wallet.address);
    await stack.chain.request('evm_increaseTime', [4 * DAY]);
    await stack.chain.request('evm_mine');
    await observe(stack.chain, policy, 'flight-delay-minutes', 130n);
    await becomes(policy.id, 'paid');
    await administer(stack.chain, 'unfreeze', wallet.address);
    await page.goto(`${stack.webUrl}/partner/policies/${policy.id}`);
    await page.getByText('Not received yet').waitFor();
    await page.getByText('It could be cancelled until').waitFor();
    expect(await page.getByRole('button', { name: 'Cancel cover' }).count()).to.equal(0);
    const before = await balanceOf(stack.chain, wallet.address);
    await page.goto(stack.webUrl);
    await page.getByTestId('credits').getByText('From the insurance pool').waitFor();
    await page.getByRole('button', { name: 'Fetch 50.00 cUSD' }).click();
    await page.getByText('The money is in your wallet.').waitFor();
    expect(await balanceOf(stack.chain, wallet.address)).to.equal(before + 50_000_000n);
    await page.goto(`${stack.webUrl}/insurance`);
  });

  it('says all of it in Chinese, too', async () => {
    await page.getByLabel('Language').selectOption({ label: '简体中文' });
    await page.getByRole('heading', { name: '风险敞口' }).waitFor();
    await page.getByText('航班延误').waitFor();
  });

  it('never broke on the way', () => {
    expect(faults).to.deep.equal([]);
  });
});
