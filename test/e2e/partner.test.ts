import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import type { Browser, Page } from 'playwright-core';
import { localAccounts } from '../../scripts/deploy/local.ts';
import type { PartnerClient } from '../../scripts/start/partner-client.ts';
import { until } from '../support/until.ts';
import { launchBrowser } from './support/browser.ts';
import { addPartner, type Stack, startStack } from './support/stack.ts';

const SUPPLIER = '0x14dC79964da2C08b23698B3D3cc7Ca32193d9955';

describe('web app: the partner’s view', () => {
  let stack: Stack;
  let browser: Browser;
  let page: Page;
  let partner: PartnerClient;

  before(async () => {
    [stack, browser] = await Promise.all([startStack(), launchBrowser()]);
    const context = await browser.newContext({ locale: 'en-GB', acceptDownloads: true });
    page = await context.newPage();
  });
  after(async () => {
    await browser?.close();
    await stack?.stop();
  });

  const creditor = (name: string, address: string) => ({
    name,
    account: { scheme: 'EVM', identification: address },
  });
  const row = (name: string) => page.locator('.payments tbody tr').filter({ hasText: name });

  it('says what to do while there is no partner yet', async () => {
    await page.goto(`${stack.webUrl}/partner`);
    await page.getByText('The demo partner is not set up yet').waitFor();
  });

  it('shows the payments of a batch as they move on, each with its outcome', async () => {
    partner = await addPartner(stack);
    await until('the treasury is funded', async () => {
      const { items } = await partner.get<{ items: { balance: { available: { value: string } } }[] }>(
        '/v1/accounts',
      );
      return items.length === 3 && items.every(({ balance }) => balance.available.value !== '0.00');
    });
    const frozen = stack.chain.accounts[localAccounts.frozenSupplier] ?? '';
    await partner.post('/v1/payment-batches', {
      messageId: 'E2E-1',
      payments: [
        {
          endToEndId: 'E2E-SETTLED',
          amount: { currency: 'USD', value: '125.50' },
          creditor: creditor('Nordhafen Werkzeuge GmbH', SUPPLIER),
          remittanceInformation: 'Invoice 4711',
        },
        {
          endToEndId: 'E2E-FROZEN',
          amount: { currency: 'USD', value: '10.00' },
          creditor: creditor('Frozen Goods Ltd', frozen),
        },
        {
          endToEndId: 'E2E-CORRIDOR',
          amount: { currency: 'JPY', value: '1000' },
          creditor: creditor('Kobe Ship Parts', SUPPLIER),
        },
      ],
    });
    await row('Nordhafen').filter({ hasText: 'Settled' }).waitFor({ timeout: 60_000 });
    await row('Frozen Goods').filter({ hasText: 'AC06' }).waitFor();
    await row('Kobe').filter({ hasText: 'AM03' }).waitFor();
  });

  it('filters by status, and keeps the filter in the address', async () => {
    await page.getByRole('button', { name: 'Returned' }).click();
    await row('Nordhafen').waitFor({ state: 'detached' });
    expect(await row('Frozen Goods').count()).to.equal(1);
    expect(page.url()).to.include('status=returned');
    await page.getByRole('button', { name: 'All', exact: true }).click();
  });

  it('tells a payment’s whole way, from the request to the verified webhook', async () => {
    await row('Nordhafen').getByRole('link').click();
    const timeline = page.getByRole('list', { name: 'From request to webhook' });
    await timeline.getByText('Webhook payment.settled').waitFor();
    const words = await timeline.innerText();
    const moments = ['Received', 'Money reserved', 'Put into a batch', 'Signed', 'Sent to the network'];
    for (const moment of [...moments, 'In a block', 'Final', 'Posted in the ledger', 'signature verified']) {
      expect(words).to.include(moment);
    }
  });

  it('leads to the transaction on the chain', async () => {
    await page.getByRole('link', { name: 'See it on the chain' }).click();
    await page.locator('[data-stage=final]').waitFor();
    expect(await page.locator('main').innerText()).to.include(SUPPLIER);
    await page.goBack();
  });

  it('downloads the status report of the batch', async () => {
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download pain.002' }).click(),
    ]);
    const report = await readFile(await download.path(), 'utf8');
    expect(report).to.include('pain.002.001').and.to.include('E2E-FROZEN');
  });

  it('says why a payment was returned, in the words of its reason code', async () => {
    await page.goto(`${stack.webUrl}/partner?status=returned`);
    await row('Frozen Goods').getByRole('link').click();
    await page.getByText('AC06: The recipient account is frozen').waitFor();
  });

  it('shows accounts, books that agree with the chain, and the statement of a day', async () => {
    await page.goto(`${stack.webUrl}/partner/accounts`);
    await page.getByText('999,874.50').first().waitFor();
    await page.getByText('The books agree with the chain').waitFor({ timeout: 30_000 });
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download camt.053' }).first().click(),
    ]);
    expect(await readFile(await download.path(), 'utf8')).to.include('camt.053.001');
  });

  it('lists the webhooks that were verified', async () => {
    await page.goto(`${stack.webUrl}/partner/webhooks`);
    await page.getByText('payment.settled').first().waitFor();
    await page.getByText(', 0 refused').waitFor();
  });
});
