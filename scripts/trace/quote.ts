/** A quote that nothing was ordered by. */
import { COVER_CURRENCY } from '../../services/core/insurance/product.ts';
import { formatMoney } from '../../services/core/money.ts';
import type { Database } from '../../services/platform/database.ts';
import type { QuoteRow } from '../../services/settlement/domains/insurance/quotes.ts';
import { requestsOf, type Trace } from './read.ts';

/** What was quoted to whom; undefined when there is no such quote. */
export async function readQuoteTrace(database: Database, id: string): Promise<Trace | undefined> {
  const { rows } = await database.query<QuoteRow & { partner_id: string; partner: string }>(
    `select q.*, n.name as partner from settlement.insurance_quotes q
       join settlement.partners n on n.id = q.partner_id where q.id = $1`,
    [id],
  );
  const [quote] = rows;
  if (!quote) return undefined;
  const time = (seconds: bigint) => new Date(Number(seconds) * 1_000).toISOString();
  const money = (units: bigint) => `${formatMoney({ currency: COVER_CURRENCY, units })} ${COVER_CURRENCY}`;
  return {
    summary: [
      ['quote', id],
      ['partner', quote.partner],
      ['product', `${quote.product}, ${quote.subject}`],
      ['window', `${time(quote.window_start)} to ${time(quote.window_end)}`],
      ['insured', money(quote.insured_units)],
      ['premium', `${money(quote.premium_units)}, to an order at most ${money(quote.max_premium_units)}`],
      ['valid until', time(quote.valid_until)],
      ['created', quote.created_at.toISOString()],
      ['ordered', 'nothing by this quote'],
    ],
    moments: await requestsOf(database, quote.partner_id, [id]),
  };
}
