import { expect } from 'chai';
import type { Browser, Page } from 'playwright-core';
import { launchBrowser } from './support/browser.ts';
import { fillPayment, signButton } from './support/payForm.ts';
import { type Stack, startStack } from './support/stack.ts';

const SUPPLIER = '0x9965507D1a55bcC2695C58ba16FB37d819B0A4dc';

describe('web app: a chain that changes its mind', () => {
  let stack: Stack;
  let browser: Browser;
  let page: Page;

  before(async () => {
    [stack, browser] = await Promise.all([startStack(), launchBrowser()]);
    page = await (await browser.newContext({ locale: 'en-GB' })).newPage();
    await page.goto(stack.webUrl);
    await page.getByRole('button', { name: 'Use the test wallet' }).click();
    await page.getByRole('button', { name: 'Get test money' }).click();
    await page.getByTestId('balance-cUSD').filter({ hasText: '1,000.00' }).waitFor();
  });
  after(async () => {
    await browser?.close();
    await stack?.stop();
  });

  const mine = (blocks: number) => stack.chain.request('hardhat_mine', [`0x${blocks.toString(16)}`]);

  it('takes a payment back to where it was when its block is replaced, and never calls it final', async () => {
    await stack.chain.request('evm_setIntervalMining', [0]);
    await fillPayment(page, stack.webUrl, { recipient: SUPPLIER, amount: '125.50' });
    await page.getByText('it will go through').waitFor();
    const snapshot = await stack.chain.request('evm_snapshot');
    await signButton(page).click();
    await page.locator('[data-stage=signed]').waitFor();

    await mine(2);
    await page.locator('[data-stage=included]').waitFor();
    await page.getByText('1 of 3 blocks stand on top of it').waitFor();

    await stack.chain.request('evm_revert', [snapshot]);
    await mine(6);
    await page.locator('[data-stage=signed], [data-stage=lost]').waitFor();
    expect(await page.locator('main').innerText()).to.not.include('Nothing can undo it any more');
  });
});
