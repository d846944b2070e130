/** Quotes: what cover costs by the contract's own word, at a block, for a while. */

import { type Premium, payoutOf } from '../../../core/insurance/premium.ts';
import type { CoverProduct } from '../../../core/insurance/product.ts';
import { COVER_CURRENCY, coverAmount, formatObservation } from '../../../core/insurance/product.ts';
import { minorUnit } from '../../../core/money.ts';
import { oneRow, type Queryable, type Transaction } from '../../../platform/database.ts';
import { timeText } from '../../http/fields.ts';
import { type Moment, type PricedCover, saleClosesAt } from './assessment.ts';
import type { Quote } from './schema.ts';

/** A premium only falls with time, so a quote could be good until the sale closes; but limits and capital are others' too. */
const VALID_SECONDS = 900n;

export interface QuoteRow {
  id: string;
  product: string;
  subject: string;
  window_start: bigint;
  window_end: bigint;
  insured_units: bigint;
  premium_units: bigint;
  expected_loss_units: bigint;
  load_units: bigint;
  capital_charge_units: bigint;
  max_premium_units: bigint;
  block_number: bigint;
  block_hash: string;
  valid_until: bigint;
  created_at: Date;
}

/** Writes down what was quoted. */
export async function insertQuote(
  tx: Transaction,
  partnerId: string,
  chainId: number,
  cover: PricedCover,
  { premium, expectedLoss, load, capitalCharge }: Premium,
  { blockNumber, blockHash, time }: Moment,
): Promise<QuoteRow> {
  const minor = minorUnit(COVER_CURRENCY);
  const closes = saleClosesAt(cover.product, cover.windowStart);
  const validUntil = time + VALID_SECONDS < closes ? time + VALID_SECONDS : closes;
  return oneRow(
    await tx.query<QuoteRow>(
      `insert into settlement.insurance_quotes
         (partner_id, chain_id, product, subject, window_start, window_end, insured_units, premium_units,
          expected_loss_units, load_units, capital_charge_units, max_premium_units, block_number, block_hash, valid_until)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) returning *`,
      [
        partnerId,
        chainId,
        cover.product.id,
        cover.subject,
        cover.windowStart,
        cover.windowEnd,
        cover.insured,
        premium,
        expectedLoss,
        load,
        capitalCharge,
        ((premium + minor - 1n) / minor) * minor,
        blockNumber,
        blockHash,
        validUntil,
      ],
    ),
  );
}

/** The quotes of these ids that a partner has. */
export async function readQuotes(
  database: Queryable,
  partnerId: string,
  ids: readonly string[],
): Promise<Map<string, QuoteRow>> {
  const { rows } = await database.query<QuoteRow>(
    'select * from settlement.insurance_quotes where partner_id = $1 and id = any($2)',
    [partnerId, ids],
  );
  return new Map(rows.map((row) => [row.id, row]));
}

export function toQuote(row: QuoteRow, product: CoverProduct): Quote {
  return {
    id: row.id,
    product: row.product,
    subject: row.subject,
    windowStart: timeText(row.window_start),
    windowEnd: timeText(row.window_end),
    insured: coverAmount(row.insured_units),
    premium: {
      total: coverAmount(row.premium_units),
      expectedLoss: coverAmount(row.expected_loss_units),
      load: coverAmount(row.load_units),
      capitalCharge: coverAmount(row.capital_charge_units),
    },
    maxPremium: coverAmount(row.max_premium_units),
    tiers: tiersOf(product).map((tier, index) => ({
      ...tier,
      payout: coverAmount(payoutOf(row.insured_units, product.tiers[index]?.payoutBps ?? 0n)),
    })),
    saleClosesAt: timeText(saleClosesAt(product, row.window_start)),
    settledAtLatest: timeText(row.window_end + BigInt(product.graceSeconds)),
    blockNumber: Number(row.block_number),
    blockHash: row.block_hash,
    validUntil: timeText(row.valid_until),
    createdAt: row.created_at.toISOString(),
  };
}

/** The tiers of a product as the API writes them. */
export function tiersOf(product: CoverProduct) {
  return product.tiers.map(({ threshold, payoutBps }) => ({
    threshold: formatObservation(product, threshold),
    payoutPercent: formatObservation({ decimals: 2 }, payoutBps),
  }));
}
