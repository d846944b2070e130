import type { Payment } from '../../services/settlement/domains/payments/schema.ts';
import { createBlock, paint, say } from './terminal.ts';

/** Shows payments as they move on: drawn again in place on a terminal, otherwise a line for each move. */
export function showPayments(count: number): (payments: Payment[]) => void {
  const draw = createBlock(count + 1);
  const startedAt = performance.now();
  const shown = new Map<string, string>();
  if (!draw) say(heading());
  return (payments) => {
    if (draw) return draw([heading(), ...payments.map(row)]);
    for (const payment of payments) {
      const phase = phaseOf(payment);
      if (shown.get(payment.id) === phase) continue;
      shown.set(payment.id, phase);
      say(`${row(payment)}  ${paint.quiet(`${((performance.now() - startedAt) / 1000).toFixed(1)} s`)}`);
    }
  };
}

/** The outcomes counted, and each payment that did not settle with its ISO reason code. */
export function showReasons(payments: Payment[]): void {
  const counts = Object.entries(Object.groupBy(payments, ({ status }) => status)).map(
    ([status, some]) => `${some?.length} ${status}`,
  );
  say(`\n${paint.strong('Outcome')}: ${counts.join(', ')} of ${payments.length} payments`);
  for (const { endToEndId, status, reason, amount, creditor } of payments) {
    if (!reason) continue;
    say(
      `  ${paint.warn(reason.code)}  ${status.padEnd(9)} ${endToEndId.padEnd(22)} ${money(amount)}  ${fitted(creditor.name, 26)} ${reason.detail}`,
    );
  }
}

function heading(): string {
  return paint.quiet(
    `${'EndToEndId'.padEnd(22)} ${'Amount'.padStart(16)}  ${'Creditor'.padEnd(26)} ${'Status'.padEnd(12)} Transaction`,
  );
}

function row(payment: Payment): string {
  const { endToEndId, amount, creditor, transactionHash, blockNumber, reason } = payment;
  const phase = phaseOf(payment);
  const color = { final: paint.good, failed: paint.bad, returned: paint.warn }[phase] ?? paint.quiet;
  const where = transactionHash
    ? `${transactionHash.slice(0, 18)}…${blockNumber ? ` block ${blockNumber}` : ''}`
    : (reason?.code ?? '');
  return `${fitted(endToEndId, 22)} ${money(amount)}  ${fitted(creditor.name, 26)} ${color(phase.padEnd(12))} ${where}${transactionHash && reason ? ` ${reason.code}` : ''}`;
}

/** The three moments that matter to the payer: accepted, in a transaction, final. */
function phaseOf({ status, transactionHash }: Payment): string {
  if (status === 'settled') return 'final';
  if (status === 'processing') return transactionHash ? 'transaction' : 'processing';
  return status;
}

function money({ value, currency }: Payment['amount']): string {
  return `${value} ${currency}`.padStart(16);
}

function fitted(text: string, width: number): string {
  return text.length > width ? `${text.slice(0, width - 1)}…` : text.padEnd(width);
}
