/** Orders before they are taken: the cover, the wallet that pays, the customer that is paid. */
import { type Address, isAddressEqual } from 'viem';
import { parametricCoverAbi } from '../../../core/abi/parametricCover.ts';
import { stablecoinAbi } from '../../../core/abi/stablecoin.ts';
import { isCorridorContract } from '../../../core/deployment.ts';
import { COVER_CURRENCY, coverAmount } from '../../../core/insurance/product.ts';
import type { Database } from '../../../platform/database.ts';
import type { Fault } from '../../../platform/http/problem.ts';
import { timeText } from '../../http/fields.ts';
import {
  type AskedCover,
  type AssessmentParts,
  assessCovers,
  type PricedCover,
  refuseFaults,
  saleClosesAt,
} from './assessment.ts';
import { forgottenFaults } from './forgottenOrders.ts';
import { type QuoteRow, readQuotes } from './quotes.ts';
import type { CoverRequest, PolicyRequest } from './schema.ts';

/** An order that is not in a block so long after it was taken is given up. */
const ORDER_SECONDS = 600n;

export interface OrderParts extends AssessmentParts {
  database: Database;
}

/** An order that the chain would fill now. */
export interface Order extends PricedCover {
  /** Where it stands in the request. */
  pointer: string;
  accountId: string;
  quoteId: string | undefined;
  buyer: Address;
  holder: Address;
  isTransferable: boolean;
  reference: string | undefined;
  maxPremium: bigint;
  deadline: bigint;
}

/**
 * Asks chain and database about orders, with no transaction open.
 * @param pointerOf Where the order of an index stands in the request.
 * @throws Problem `cover_refused` with every fault and its place; `insurance_unavailable`
 */
export async function assessOrders(
  parts: OrderParts,
  partnerId: string,
  requests: readonly PolicyRequest[],
  pointerOf: (index: number) => string,
): Promise<Order[]> {
  const { database, deployment } = parts;
  const quotes = await readQuotes(
    database,
    partnerId,
    requests.flatMap(({ quote }) => quote ?? []),
  );
  const buyers = await readBuyers(parts, partnerId, requests);
  const faults: Fault[] = [];
  const asked: (AskedCover & { request: PolicyRequest; pointer: string; quote: QuoteRow | undefined })[] = [];
  requests.forEach((request, index) => {
    const pointer = pointerOf(index);
    const fault = (code: string, member: string, detail: string, expected: string) =>
      faults.push({ code, pointer: pointer + member, detail, expected });
    if (!buyers.has(request.account))
      fault(
        'account_unknown',
        '/account',
        `${request.account} is no account of yours in ${COVER_CURRENCY}`,
        'one of GET /v1/accounts',
      );
    if (isCorridorContract(deployment, request.holder) || /^0x0{40}$/.test(request.holder))
      fault(
        'holder_invalid',
        '/holder',
        `${request.holder} can receive nothing`,
        "a customer's wallet, none of Corridor's contracts",
      );
    const quote = request.quote === undefined ? undefined : quotes.get(request.quote);
    if (request.quote !== undefined && !quote)
      fault('quote_unknown', '/quote', `There is no quote ${request.quote}`, 'one of yours');
    const cover = quote ? coverOf(quote) : request.cover;
    const maxPremium = quote?.max_premium_units ?? request.maxPremium;
    if (!cover || maxPremium === undefined) return;
    const placeOf = (member: string) =>
      pointer + (quote ? '/quote' : member ? `/cover${member}` : '/maxPremium');
    asked.push({ request, pointer, quote, cover, maxPremium, placeOf });
  });
  const assessment = await assessCovers(parts, asked);
  const { time } = assessment.moment;
  for (const { pointer, quote } of asked)
    if (quote && quote.valid_until < time)
      faults.push({
        code: 'quote_expired',
        pointer: `${pointer}/quote`,
        detail: `The quote was valid until ${timeText(quote.valid_until)}, and the chain's time is ${timeText(time)}`,
        expected: 'a new one: POST /v1/quotes/insurance',
      });
  faults.push(...assessment.faults);
  // Covers and what was asked are only in step when nothing is wrong.
  refuseFaults(faults);

  const orders = asked.map(({ request, pointer, quote, maxPremium }, index) => {
    const cover = assessment.covers[index] as PricedCover;
    const closes = saleClosesAt(cover.product, cover.windowStart);
    return {
      ...cover,
      pointer,
      accountId: request.account,
      quoteId: quote?.id,
      buyer: buyers.get(request.account) as Address,
      holder: request.holder,
      isTransferable: request.transferable,
      reference: request.reference,
      maxPremium: maxPremium as bigint,
      deadline: time + ORDER_SECONDS < closes ? time + ORDER_SECONDS : closes,
    };
  });
  refuseFaults(await forgottenFaults(parts, orders));
  refuseFaults(await walletFaults(parts, orders, assessment.moment.blockNumber));
  return orders;
}

function coverOf(quote: QuoteRow): CoverRequest {
  return {
    product: quote.product,
    subject: quote.subject,
    windowStart: quote.window_start,
    windowEnd: quote.window_end,
    insured: quote.insured_units,
  };
}

/** The wallets of the accounts that the orders name, of those that the partner has. */
async function readBuyers(
  { database, deployment }: OrderParts,
  partnerId: string,
  requests: readonly PolicyRequest[],
): Promise<Map<string, Address>> {
  const { rows } = await database.query<{ id: string; payer: Address }>(
    `select id, payer from settlement.accounts
      where partner_id = $1 and id = any($2) and chain_id = $3 and currency = $4`,
    [partnerId, [...new Set(requests.map(({ account }) => account))], deployment.chainId, COVER_CURRENCY],
  );
  return new Map(rows.map(({ id, payer }) => [id, payer]));
}

/** What stands between the wallets and the purchases: allowances, limits, freezes. */
async function walletFaults(
  { chain, database, deployment }: OrderParts,
  orders: readonly Order[],
  blockNumber: bigint,
): Promise<Fault[]> {
  const coin = {
    address: deployment.stablecoins[COVER_CURRENCY].address,
    abi: stablecoinAbi,
    blockNumber,
  } as const;
  const signers = await readSigners(database, deployment.chainId);
  const faults: Fault[] = [];
  const byBuyer = Map.groupBy(orders, ({ buyer }) => buyer);
  for (const [buyer, own] of byBuyer) {
    const sum = own.reduce((total, { maxPremium }) => total + maxPremium, 0n);
    const [allowance, isFrozen, ...limits] = await Promise.all([
      chain.readContract({ ...coin, functionName: 'allowance', args: [buyer, deployment.coverPool] }),
      chain.readContract({ ...coin, functionName: 'isFrozen', args: [buyer] }),
      ...signers.map((signer) =>
        chain.readContract({
          address: deployment.parametricCover,
          abi: parametricCoverAbi,
          functionName: 'operatorAllowance',
          args: [buyer, signer],
          blockNumber,
        }),
      ),
    ]);
    const pointer = `${own[0]?.pointer}/account`;
    const fault = (code: string, detail: string, expected: string) =>
      faults.push({ code, pointer, detail, expected });
    const show = (units: bigint) => Object.values(coverAmount(units)).join(' ');
    if (isFrozen) fault('buyer_frozen', `${buyer} is frozen`, 'an account whose wallet can pay');
    if (allowance < sum)
      fault(
        'pool_not_approved',
        `The pool may take ${show(allowance)} from ${buyer}`,
        `at least ${show(sum)}: let the wallet approve ${deployment.coverPool}`,
      );
    limits.forEach(([available], index) => {
      if (available < sum)
        fault(
          'operator_limit_exceeded',
          `${signers[index]} may spend ${show(available)} of ${buyer} on premiums now`,
          `at least ${show(sum)}: let the wallet call authorizeOperator of ${deployment.parametricCover}`,
        );
    });
  }
  const holders = [...new Set(orders.map(({ holder }) => holder))];
  const frozen = await Promise.all(
    holders.map((holder) => chain.readContract({ ...coin, functionName: 'isFrozen', args: [holder] })),
  );
  for (const { holder, pointer } of orders)
    if (holders.some((one, index) => frozen[index] && isAddressEqual(one, holder)))
      faults.push({
        code: 'holder_frozen',
        pointer: `${pointer}/holder`,
        detail: `${holder} is frozen`,
        expected: 'a wallet that can receive: the issuer of the coin can say why it is frozen',
      });
  return faults;
}

/** Whoever's lane may carry an order. */
async function readSigners(database: Database, chainId: number): Promise<Address[]> {
  const { rows } = await database.query<{ signer: Address }>(
    `select signer from settlement.lanes where chain_id = $1 and lease_until > now() order by signer`,
    [chainId],
  );
  return rows.map(({ signer }) => signer);
}
