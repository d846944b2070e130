/**
 * Takes pictures of every page, in both languages, on a desktop and on a phone, into .corridor/screenshots.
 *
 *   node test/e2e/screenshots.ts                                   a stack of its own, without payments of the partner
 *   node test/e2e/screenshots.ts --web-url http://127.0.0.1:5173   a running Corridor, without escrows of the wallet
 */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import { localProductsFile } from '../../scripts/deploy/localProducts.ts';
import { stopTestPostgres } from '../support/postgres.ts';
import { launchBrowser } from './support/browser.ts';
import { addInsurance, addPartner, type Stack, startStack } from './support/stack.ts';
import { tradePictures } from './support/tradePictures.ts';
import { makeTrades } from './support/trades.ts';

const folder = path.resolve(import.meta.dirname, '../../.corridor/screenshots');
const supplier = '0x9965507D1a55bcC2695C58ba16FB37d819B0A4dc';

interface Look {
  name: string;
  locale: string;
  width: number;
  colorScheme: 'light' | 'dark';
}

const looks: Look[] = [
  { name: 'desktop-en', locale: 'en-GB', width: 1280, colorScheme: 'light' },
  { name: 'desktop-zh', locale: 'zh-CN', width: 1280, colorScheme: 'light' },
  { name: 'phone-en', locale: 'en-GB', width: 390, colorScheme: 'light' },
  { name: 'phone-zh', locale: 'zh-CN', width: 390, colorScheme: 'light' },
  { name: 'desktop-en-dark', locale: 'en-GB', width: 1280, colorScheme: 'dark' },
  { name: 'phone-zh-dark', locale: 'zh-CN', width: 390, colorScheme: 'dark' },
];

const { values } = parseArgs({ options: { 'web-url': { type: 'string' } } });
const stack = values['web-url'] ? undefined : await startStack();
const webUrl = values['web-url'] ?? stack?.webUrl ?? '';
const browser = await launchBrowser();
try {
  await mkdir(folder, { recursive: true });
  const partner = stack && (await partnerOf(stack));
  for (const look of looks)
    await inLook(browser, look, (page, picture) => newUserPictures(page, look, picture));
  // Afterwards: it takes the chain's clock so far that the faucet's reserve is out of date.
  if (stack && partner) {
    const trades = await makeTrades(stack, partner);
    for (const look of looks)
      await inLook(browser, look, async (page, picture) => {
        // Who has a key is connected by it.
        await page.addInitScript((key) => localStorage.setItem('corridor.testWallet.key', key), trades.key);
        await tradePictures(page, webUrl, trades, picture);
      });
  }
} finally {
  await browser.close();
  await stack?.stop();
  await stopTestPostgres();
}

async function partnerOf(own: Stack) {
  await addInsurance(own);
  return addPartner(own, { INSURANCE_PRODUCTS_FILE: localProductsFile });
}

type Picture = (name: string) => Promise<void>;

/** A window of its own, and what takes pictures of it. */
async function inLook(
  chrome: Browser,
  look: Look,
  walk: (page: Page, picture: Picture) => Promise<void>,
): Promise<void> {
  const { width, locale, colorScheme } = look;
  const height = width < 500 ? 844 : 800;
  const context = await chrome.newContext({ viewport: { width, height }, locale, colorScheme });
  const page = await context.newPage();
  await walk(page, async (name) => {
    // As tall as the page, so that what is fixed to the bottom of the window is at its end.
    const pageHeight = await page.evaluate(() => document.documentElement.scrollHeight);
    await page.setViewportSize({ width, height: Math.max(height, pageHeight) });
    await page.evaluate(() => document.fonts.ready);
    await page.screenshot({ path: path.join(folder, `${look.name}-${name}.png`) });
    await page.setViewportSize({ width, height });
  });
  await context.close();
}

/** Walks through the app as a new user does. Elements are found by what they are, not by their words. */
async function newUserPictures(page: Page, look: Look, picture: Picture): Promise<void> {
  await page.goto(webUrl);
  await page.locator('.connect-test button').waitFor();
  await picture('1-connect');
  await page.locator('.connect-test button').click();
  await page.getByTestId('balance-cUSD').waitFor();
  await page.locator('.faucet button').click();
  await page.locator('.faucet .notice-good').waitFor();
  await page.locator('.activity-row time').nth(2).waitFor();
  await picture('2-wallet');

  await page.goto(`${webUrl}/pay`);
  await page.getByText('1,000.00').first().waitFor();
  await page.locator('input[placeholder="0x…"]').fill('0x9965507D1a55bcC2695C58ba16FB37d819B0A4dD');
  await page.locator('input[inputmode=decimal]').fill('5000');
  await page.locator('form button[type=submit]').click();
  await picture('3-pay-faults');
  await page.locator('input[placeholder="0x…"]').fill(supplier);
  await page.locator('input[inputmode=decimal]').fill('125.50');
  await page.locator('input[placeholder="INV-7"]').fill(look.locale === 'zh-CN' ? '发票 INV-7' : 'INV-7');
  await picture('3-pay');
  await page.locator('form button[type=submit]').click();
  await page.locator('.review .notice-good').waitFor();
  await picture('4-review');
  await page.locator('.review-actions .button-primary').click();
  await page.locator('[data-stage=signed], [data-stage=included]').waitFor();
  await picture('5-payment-under-way');
  await page.locator('[data-stage=final]').waitFor();
  await picture('6-payment-final');
  await page.locator('.payment-next .button-quiet').click();
  await page.locator('.activity-row time').nth(3).waitFor();
  await picture('7-activity');
  await page.locator('.account-button').click();
  await picture('8-account');
  await page.goto(`${webUrl}/insurance`);
  await page.locator('.insurance-columns').waitFor();
  await picture('9-insurance');
  await partnerPictures(page, picture);
}

async function partnerPictures(page: Page, picture: Picture) {
  await page.goto(`${webUrl}/partner`);
  await page.locator('.payments tbody tr, .empty').first().waitFor();
  await picture('10-partner');
  const rows = page.locator('.payments tbody tr');
  if ((await rows.count()) > 0) {
    await page.goto(`${webUrl}/partner?status=settled`);
    await rows.first().getByRole('link').click();
    await page.locator('.step').nth(3).waitFor();
    await picture('11-partner-payment');
    await page.goto(`${webUrl}/partner?status=returned`);
    await rows.first().getByRole('link').click();
    await page.locator('.step').nth(3).waitFor();
    await picture('12-partner-returned');
  }
  await page.goto(`${webUrl}/partner/accounts`);
  await page.locator('.account-list > li').first().waitFor();
  await picture('13-partner-accounts');
  await page.goto(`${webUrl}/partner/webhooks`);
  await page.locator('.webhook-list > li, .empty').first().waitFor();
  await picture('14-partner-webhooks');
  await page.goto(`${webUrl}/partner/policies`);
  await page.locator('.payments tbody tr, .empty').first().waitFor();
  await picture('15-partner-policies');
}
