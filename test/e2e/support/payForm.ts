import type { Page } from 'playwright-core';

interface Order {
  recipient: string;
  amount: string;
  reference?: string;
}

/** Opens the form of a payment, fills it in (in English) and asks for the review. */
export async function fillPayment(page: Page, webUrl: string, order: Order): Promise<void> {
  await page.goto(`${webUrl}/pay`);
  await page.getByText('Available:').waitFor();
  await page.getByLabel('Recipient').fill(order.recipient);
  await page.getByLabel('Amount').fill(order.amount);
  await page.getByLabel('Reference').fill(order.reference ?? '');
  await page.getByRole('button', { name: 'Review payment' }).click();
}

export const signButton = (page: Page) => page.getByRole('button', { name: 'Sign and pay' });

/** The sentence of an alert in the page; waits until there is one that says `words`. */
export async function alertThatSays(page: Page, words: string | RegExp): Promise<string> {
  const alert = page.locator('[role=alert], .notice').filter({ hasText: words }).first();
  await alert.waitFor();
  return alert.innerText();
}
