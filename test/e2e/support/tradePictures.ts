import type { Page } from 'playwright-core';
import type { Trades } from './trades.ts';

/** Every page of escrow and insurance, as a party sees it. Elements are found by what they are, not by their words. */
export async function tradePictures(
  page: Page,
  webUrl: string,
  { escrows }: Trades,
  picture: (name: string) => Promise<void>,
): Promise<void> {
  await page.goto(webUrl);
  await page.getByTestId('credits').waitFor();
  await page.locator('.activity-row time').nth(3).waitFor();
  await picture('20-credits');
  await page.goto(`${webUrl}/escrows`);
  await page.locator('.escrows-row').nth(4).waitFor();
  await picture('21-escrows');
  for (const [index, name] of (['open', 'held', 'captured', 'disputed', 'locked'] as const).entries()) {
    await page.goto(`${webUrl}/escrows/${escrows[name]}`);
    await page.locator('.escrow-verb, .step').first().waitFor();
    await page.locator('.account-button').waitFor();
    await picture(`${22 + index}-escrow-${name}`);
  }
  await page.goto(`${webUrl}/escrows/${escrows.open}`);
  await page.locator('.escrow-verb summary').click();
  await picture('27-escrow-open-other-way');

  await page.goto(`${webUrl}/insurance`);
  await page.getByTestId('underwriting-takeable').waitFor();
  await page.locator('.exposures tbody tr').first().waitFor();
  await picture('30-underwriter');
  await page.goto(`${webUrl}/partner/policies`);
  await page.locator('.payments tbody tr').nth(2).waitFor();
  await picture('31-policies');
  const rows = page.locator('.payments tbody tr');
  for (const [name, status] of [
    ['32-policy-open', 'issued'],
    ['33-policy-paid', 'paid'],
  ] as const) {
    await page.goto(`${webUrl}/partner/policies?status=${status}`);
    await rows.first().getByRole('link').click();
    await page.locator('.step').nth(3).waitFor();
    // How it is cancelled, or why it can not be.
    await page.locator('.partner-column .card').nth(1).waitFor();
    await picture(name);
  }
}
