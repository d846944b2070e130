import { formatMoney, parseMoney } from '../../services/core/money.ts';
import type { Payment } from '../../services/settlement/domains/payments/schema.ts';
import { createBlock, paint, say } from './terminal.ts';

/**
 * Shows payments as they move on, and how many webhooks came: drawn again in place on a terminal, otherwise a line for
 * each change.
 */
export function showPayments(count: number): (payments: Payment[], webhooks: string) => void {
  const draw = createBlock(count + 2);
  const startedAt = performance.now();
  const shown = new Map<string, string>();
  let shownWebhooks = '';
  if (!draw) say(heading());
  return (payments, webhooks) => {
    if (draw) return draw([heading(), ...payments.map(row), paint.quiet(`Webhooks verified: ${webhooks}`)]);
    for (const payment of payments) {
      const phase = phaseOf(payment);
      if (shown.get(payment.id) === phase) continue;
      shown.set(payment.id, phase);
      say(`${row(payment)}  ${paint.quiet(`${((performance.now() - startedAt) / 1000).toFixed(1)} s`)}`);
    }
    if (webhooks === shownWebhooks) return;
    shownWebhooks = webhooks;
    say(paint.quiet(`Webhooks verified: ${webhooks}`));
  };
}

/** A table of outcomes, counted and added up by currency, and why each payment that did not settle did not. */
export function showOutcome(payments: Payment[]): void {
  const currencies = [...new Set(payments.map(({ amount }) => amount.currency))].sort().reverse();
  const line = (name: string, count: string, sums: string[]) =>
    `  ${name.padEnd(16)} ${count.padStart(8)}${sums.map((sum) => sum.padStart(18)).join('')}`;
  say(`\n${paint.strong('Outcome')}`);
  say(paint.quiet(line('', 'payments', currencies)));
  const outcomes = Object.groupBy(payments, ({ status, reason }) =>
    reason ? `${status} ${reason.code}` : status,
  );
  for (const [outcome, group = []] of Object.entries(outcomes))
    say(
      line(
        outcome,
        String(group.length),
        currencies.map((currency) => total(group, currency)),
      ),
    );
  say();
  for (const { endToEndId, reason, amount, creditor } of payments)
    if (reason)
      say(
        `  ${paint.warn(reason.code)} ${fitted(endToEndId, 16)} ${money(amount)}  ${fitted(creditor.name, 26)} ${reason.detail}`,
      );
}

function total(payments: Payment[], currency: string): string {
  const units = payments
    .filter(({ amount }) => amount.currency === currency)
    .reduce((sum, { amount }) => sum + parseMoney(currency, amount.value).units, 0n);
  return units === 0n ? '' : formatMoney({ currency, units });
}

function heading(): string {
  return paint.quiet(
    `${'EndToEndId'.padEnd(22)} ${'Amount'.padStart(16)}  ${'Creditor'.padEnd(26)} ${'Status'.padEnd(12)} Transaction`,
  );
}

function row(payment: Payment): string {
  const { endToEndId, amount, creditor, transactionHash, blockNumber, reason } = payment;
  const phase = phaseOf(payment);
  const color = { settled: paint.good, failed: paint.bad, returned: paint.warn }[phase] ?? paint.quiet;
  const where = transactionHash
    ? `${transactionHash.slice(0, 18)}…${blockNumber ? ` block ${blockNumber}` : ''}`
    : (reason?.code ?? '');
  return `${fitted(endToEndId, 22)} ${money(amount)}  ${fitted(creditor.name, 26)} ${color(phase.padEnd(12))} ${where}${transactionHash && reason ? ` ${reason.code}` : ''}`;
}

/** The three moments that matter to the payer: accepted, in a transaction, settled. */
function phaseOf({ status, transactionHash }: Payment): string {
  if (status === 'processing') return transactionHash ? 'transaction' : 'processing';
  return status;
}

function money({ value, currency }: Payment['amount']): string {
  return `${value} ${currency}`.padStart(16);
}

function fitted(text: string, width: number): string {
  return text.length > width ? `${text.slice(0, width - 1)}…` : text.padEnd(width);
}
