/** Taking orders of cover in. */
import type { Deployment } from '../../../core/deployment.ts';
import { coverAmount } from '../../../core/insurance/product.ts';
import { oneRow, type Transaction } from '../../../platform/database.ts';
import { problemsOf } from '../../http/problems.ts';
import type { reserve } from '../ledger/holds.ts';
import { saleClosesAt } from './assessment.ts';
import { insuranceProblems } from './errors.ts';
import type { PolicyLifecycle } from './lifecycle.ts';
import type { Order } from './orders.ts';

const problem = problemsOf(insuranceProblems);

/** So far below the last number there is that orders never come to it. */
const HIGHEST_START = 2n ** 128n;

const RETRY_AFTER_SECONDS = 5;

export interface InsuranceParts {
  lifecycle: PolicyLifecycle;
  deployment: Deployment;
  reserve: typeof reserve;
  /** How many a partner may have under way: nobody pays us for the network's fee, and those of others wait behind them. */
  openLimit: number;
}

export type InsuranceService = ReturnType<typeof createInsuranceService>;

export function createInsuranceService({ lifecycle, deployment, reserve: hold, openLimit }: InsuranceParts) {
  const { chainId } = deployment;

  /**
   * Takes orders that the chain would fill, all or none, in the caller's transaction: each has its number, and its highest
   * premium is reserved. A keeper sends them.
   * @returns the policies' ids, in the order of the orders
   * @throws Problem `cover_refused` when the accounts have less than the premiums; `policies_open`
   */
  async function accept(
    tx: Transaction,
    partnerId: string,
    orders: readonly Order[],
    batchId?: string,
  ): Promise<string[]> {
    await requireRoom(tx, partnerId, orders.length);
    const ids: string[] = new Array(orders.length);
    // By wallet, in one order for everybody who takes orders at the same time.
    const byBuyer = Map.groupBy(orders.keys(), (index) => (orders[index] as Order).buyer.toLowerCase());
    for (const [buyer, indexes] of [...byBuyer].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const own = indexes.map((index) => orders[index] as Order);
      const first = await takeSequences(tx, buyer, own.length);
      const inserted = await insertPolicies(tx, partnerId, buyer, first, own, batchId);
      indexes.forEach((index, at) => {
        ids[index] = inserted[at] as string;
      });
    }
    const requests = orders.map(({ accountId, maxPremium }, index) => ({
      paymentId: ids[index] as string,
      accountId,
      units: maxPremium,
    }));
    const granted = await hold(tx, requests);
    const faults = orders.flatMap(({ pointer, maxPremium }, index) =>
      granted.has(ids[index] as string)
        ? []
        : [
            {
              code: 'funds_insufficient',
              pointer: `${pointer}/account`,
              detail: `The account has less than the ${Object.values(coverAmount(maxPremium)).join(' ')} of this premium available`,
              expected: 'an account with that much, which no other payment has reserved',
            },
          ],
    );
    if (faults[0]) throw problem('cover_refused', `${faults[0].detail}.`, faults);
    await lifecycle.begin(tx, ids);
    return ids;
  }

  async function requireRoom(tx: Transaction, partnerId: string, count: number): Promise<void> {
    await tx.query(`select pg_advisory_xact_lock(hashtextextended('policies of ' || $1, 0))`, [partnerId]);
    const { open } = oneRow(
      await tx.query<{ open: bigint }>(
        `select count(*) as open from settlement.policies
          where partner_id = $1 and status in ('accepted', 'processing')`,
        [partnerId],
      ),
    );
    if (Number(open) + count > openLimit)
      throw problem('policies_open', `${open} of at most ${openLimit} are under way.`, [], {
        'retry-after': String(RETRY_AFTER_SECONDS),
      });
  }

  /**
   * Numbers that neither we nor, as far as the index knows, anybody else has used for this buyer. Those that others used from
   * `HIGHEST_START` on, up to the last there is, are no beginning: one that is used twice is an order that fails, one that does not
   * exist would stop the keeper.
   */
  async function takeSequences(tx: Transaction, buyer: string, count: number): Promise<bigint> {
    await tx.query(
      'insert into settlement.cover_buyers (chain_id, buyer, next_sequence) values ($1, $2, 0) on conflict do nothing',
      [chainId, buyer],
    );
    const { next } = oneRow(
      await tx.query<{ next: bigint }>(
        `update settlement.cover_buyers b
            set next_sequence = greatest(b.next_sequence, used.next) + $3
           from (select coalesce(max((arguments ->> 'sequence')::numeric) + 1, 0) as next from indexer.other_events
                  where chain_id = $1 and contract = $4 and name = 'OrderFilled' and arguments ->> 'buyer' = $2
                    and (arguments ->> 'sequence')::numeric < $5) used
          where b.chain_id = $1 and b.buyer = $2
        returning b.next_sequence as next`,
        [chainId, buyer, count, deployment.parametricCover.toLowerCase(), HIGHEST_START],
      ),
    );
    return next - BigInt(count);
  }

  async function insertPolicies(
    tx: Transaction,
    partnerId: string,
    buyer: string,
    firstSequence: bigint,
    orders: readonly Order[],
    batchId: string | undefined,
  ): Promise<string[]> {
    const { rows } = await tx.query<{ id: string; sequence: bigint }>(
      `insert into settlement.policies
         (partner_id, chain_id, buyer, batch_id, sequence, account_id, product, product_number, subject, subject_word,
          window_start, window_end, sale_closes_at, decimals, ordered_units, max_premium_units, deadline, holder,
          is_transferable, reference, quote_id)
       select $1, $2, $3, $4, $5::numeric + position - 1, account_id, product, product_number, subject, subject_word,
              window_start, window_end, sale_closes_at, decimals, ordered_units, max_premium_units, deadline, holder,
              is_transferable, reference, quote_id
         from unnest($6::text[], $7::text[], $8::int[], $9::text[], $10::text[], $11::bigint[], $12::bigint[],
                     $13::bigint[], $14::int[], $15::numeric[], $16::numeric[], $17::bigint[], $18::text[], $19::boolean[],
                     $20::text[], $21::text[])
              with ordinality as ordered (account_id, product, product_number, subject, subject_word, window_start,
                window_end, sale_closes_at, decimals, ordered_units, max_premium_units, deadline, holder, is_transferable, reference, quote_id,
                position)
        order by position
       returning id, sequence`,
      [
        partnerId,
        chainId,
        buyer,
        batchId ?? null,
        firstSequence,
        orders.map(({ accountId }) => accountId),
        orders.map(({ product }) => product.id),
        orders.map(({ product }) => product.productNumber),
        orders.map(({ subject }) => subject),
        orders.map(({ subjectWord }) => subjectWord),
        orders.map(({ windowStart }) => windowStart),
        orders.map(({ windowEnd }) => windowEnd),
        orders.map(({ product, windowStart }) => saleClosesAt(product, windowStart)),
        orders.map(({ product }) => product.decimals),
        orders.map(({ insured }) => insured),
        orders.map(({ maxPremium }) => maxPremium),
        orders.map(({ deadline }) => deadline),
        orders.map(({ holder }) => holder.toLowerCase()),
        orders.map(({ isTransferable }) => isTransferable),
        orders.map(({ reference }) => reference ?? null),
        orders.map(({ quoteId }) => quoteId ?? null),
      ],
    );
    return rows.sort((a, b) => (a.sequence < b.sequence ? -1 : 1)).map(({ id }) => id);
  }

  return { accept };
}
