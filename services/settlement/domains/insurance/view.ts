import { payoutOf } from '../../../core/insurance/premium.ts';
import { type CoverProduct, coverAmount, formatObservation } from '../../../core/insurance/product.ts';
import { timeText } from '../../http/fields.ts';
import { tiersOf } from './quotes.ts';
import type { Claim, Policy, ProductView } from './schema.ts';
import type { PolicyEvent, PolicyRow } from './store.ts';

/** A policy as the API and the webhooks show it. */
export function toPolicy(row: PolicyRow, events?: PolicyEvent[]): Policy {
  const claim = toClaim(row);
  return {
    id: row.id,
    status: row.status,
    ...(row.reason_code && { reason: { code: row.reason_code, detail: row.reason_detail ?? '' } }),
    product: row.product,
    subject: row.subject,
    windowStart: timeText(row.window_start),
    windowEnd: timeText(row.window_end),
    insured: coverAmount(row.insured_units ?? row.ordered_units),
    account: row.account_id,
    buyer: row.buyer,
    holder: row.holder,
    transferable: row.is_transferable,
    ...(row.reference !== null && { reference: row.reference }),
    ...(row.batch_id && { batch: row.batch_id }),
    ...(row.quote_id && { quote: row.quote_id }),
    maxPremium: coverAmount(row.max_premium_units),
    ...(row.premium_units !== null && { premium: coverAmount(row.premium_units) }),
    ...(row.capital_charge_units !== null && { capitalCharge: coverAmount(row.capital_charge_units) }),
    ...(row.refund_units > 0n && { premiumRefunded: coverAmount(row.refund_units) }),
    ...(row.refund_credit_units !== null && { refundCredit: coverAmount(row.refund_credit_units) }),
    cancellableUntil: timeText(row.sale_closes_at),
    ...(row.policy_number !== null && { policyNumber: String(row.policy_number) }),
    ...(row.risk_number !== null && { riskNumber: String(row.risk_number) }),
    ...(row.issued_transaction && { transactionHash: row.issued_transaction }),
    ...(row.issued_block !== null && { blockNumber: Number(row.issued_block) }),
    ...(claim && { claim }),
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
    ...(events && { events }),
  };
}

/** What a policy is owed, or was paid; undefined when that is nothing. */
export function toClaim(row: PolicyRow): Claim | undefined {
  const { status, settled_at: settledAt, settled_transaction: settledTransaction } = row;
  if (status !== 'payable' && status !== 'paid' && status !== 'refunded') return undefined;
  if (settledAt === null || !settledTransaction) return undefined;
  return {
    policy: row.id,
    status,
    ...(row.observation !== null &&
      row.payout_bps !== null && {
        observation: formatObservation(row, row.observation),
        payoutPercent: formatObservation({ decimals: 2 }, BigInt(row.payout_bps)),
      }),
    amount: coverAmount(row.paid_units ?? owedTo(row)),
    ...(row.credit_units !== null && { credit: coverAmount(row.credit_units) }),
    settledAt: timeText(settledAt),
    settledTransactionHash: settledTransaction,
    ...(row.paid_at !== null && { paidAt: timeText(row.paid_at) }),
    ...(row.paid_transaction && { paidTransactionHash: row.paid_transaction }),
  };
}

/** The payout, or after silence what is left of the unearned premium. */
function owedTo(row: PolicyRow): bigint {
  if (row.payout_bps !== null) return payoutOf(row.insured_units ?? 0n, BigInt(row.payout_bps));
  return (row.premium_units ?? 0n) - (row.capital_charge_units ?? 0n) - row.refund_units;
}

/** A product as the API shows it. */
export function toProduct(product: CoverProduct): ProductView {
  return {
    id: product.id,
    productNumber: product.productNumber,
    feed: product.feed,
    operator: product.operator,
    tiers: tiersOf(product),
    subjectForm: product.subject.form,
    subjectExample: product.subject.example,
    waitingPeriodSeconds: product.waitingPeriodSeconds,
    windowSeconds: { minimum: product.minWindowSeconds, maximum: product.maxWindowSeconds },
    maxLeadSeconds: product.maxLeadSeconds,
    graceSeconds: product.graceSeconds,
    maxInsuredPerRisk: coverAmount(product.maxInsuredPerRisk),
    maxInsuredPerCluster: coverAmount(product.maxInsuredPerCluster),
    words: product.words,
  };
}
