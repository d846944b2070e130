/**
 * The trade that `npm start` shows after the payment file. Its money lies in escrow, its cargo is insured against delay; the
 * cargo is late by the sandbox's tracking, the reporters say so on chain, and policy and escrow do by themselves what was agreed.
 * All of it by the same API as any other partner's.
 */
import { readFileSync } from 'node:fs';
import { decodeFunctionData, type PublicClient } from 'viem';
import { oracleHubAbi } from '../../services/core/abi/oracleHub.ts';
import { deploymentSchema } from '../../services/core/deployment.ts';
import { toBytes32 } from '../../services/core/oracleReport.ts';
import { createChainClient } from '../../services/platform/chain.ts';
import type { Escrow } from '../../services/settlement/domains/escrow/schema.ts';
import type { Policy, ProductView, Quote } from '../../services/settlement/domains/insurance/schema.ts';
import type { MainJobDone } from '../main-job.ts';
import { checkReconciliation } from './reconciliation.ts';
import { paint, say, step } from './terminal.ts';
import { until } from './until.ts';

const PRODUCT = 'cargo-delay';
/** Received four and a half days after the start of the sandbox: services/sandbox/data/sources/shipments.json. */
const SSCC = '095201234567894205';
const CURRENCY = 'USD';
const PRICE = { currency: CURRENCY, value: '24000.00' };
/** What the supplier gets for a cargo that is late by two days; the rest goes back to the payer. */
const PRICE_WHEN_LATE = '21600.00';
const LATE_MINUTES = 2 * 24 * 60;

const HOUR = 3_600;
const DAY = 24 * HOUR;
/** More than an order needs until it is in a block. */
const BUYING_SECONDS = 600;

export interface TradeJob extends MainJobDone {
  rpcUrl: string;
  deploymentFile: string;
  urls: { sandbox: string; web: string };
}

export interface CoveredTrade {
  feed: string;
  escrow: Escrow;
  policy: Policy;
}

/**
 * Agrees upon an escrow with a supplier of the payment file, has the payer pay into it, and insures the cargo.
 * @returns undefined where the cover is not offered, which it says
 */
export async function agreeOnTrade(job: TradeJob): Promise<CoveredTrade | undefined> {
  const { client, accounts, payments } = job;
  const { items } = await client.get<{ items: ProductView[] }>('/v1/insurance/products');
  const product = items.find(({ id }) => id === PRODUCT);
  if (!product) {
    say(`\nNo covered trade is shown: ${PRODUCT} is not among the products of INSURANCE_PRODUCTS_FILE.`);
    return undefined;
  }
  const account = accounts.find(({ currency }) => currency === CURRENCY);
  const supplier = payments.find(
    ({ status, amount, creditor }) =>
      status === 'settled' && amount.currency === CURRENCY && creditor.account.scheme === 'EVM',
  )?.creditor;
  if (!account || !supplier) throw new Error(`The file settled no payment in ${CURRENCY} to a wallet.`);

  const chain = createChainClient(job.rpcUrl);
  const { timestamp } = await chain.getBlock();
  const agreed = Math.ceil((Number(timestamp) + product.waitingPeriodSeconds + BUYING_SECONDS) / HOUR) * HOUR;
  const last = agreed + product.windowSeconds.minimum;
  const window = { windowStart: timeOf(agreed), windowEnd: timeOf(last) };
  say(`\n${paint.strong('A covered trade')}: cargo ${SSCC}, ${supplier.name}, due ${shownTime(agreed)}`);

  const observed = { type: 'observation', feed: product.feed, subject: SSCC, ...window };
  const escrow = await payIntoEscrow(job, chain, {
    amount: PRICE,
    payer: account.wallet,
    payee: supplier.account.identification,
    operator: 'corridor',
    authorizationExpiry: timeOf(agreed),
    captureExpiry: timeOf(last + 14 * DAY),
    refundExpiry: timeOf(last + 30 * DAY),
    releaseRules: [
      { when: { ...observed, atMost: String(LATE_MINUTES - 1) }, do: { capture: 'all' } },
      { when: { ...observed, atLeast: String(LATE_MINUTES) }, do: { capture: PRICE_WHEN_LATE, void: true } },
    ],
  });
  const cover = { product: PRODUCT, subject: SSCC, ...window, insured: PRICE };
  const quote = await client.post<Quote>('/v1/quotes/insurance', cover);
  const order = { account: account.id, holder: account.wallet, reference: escrow.bankReference };
  const { id } = await client.post<Policy>('/v1/policies', { quote: quote.id, ...order });

  await step('Escrow: the payer signs, money is held', async () => {
    const { balances } = await ended<Escrow>(client, `/v1/escrows/${escrow.id}`, 'authorized', [
      'created',
      'authorizing',
    ]);
    return `${balances.capturable} ${CURRENCY}; of these ${PRICE_WHEN_LATE} to the supplier if it is 2 days late`;
  });
  let policy!: Policy;
  await step('Cover: quoted, bought, in a final block', async () => {
    policy = await ended<Policy>(client, `/v1/policies/${id}`, 'issued', ['accepted', 'processing']);
    const tiers = quote.tiers.map((tier) => `${tier.payoutPercent} % from ${Number(tier.threshold) / 1_440}`);
    return `${policy.insured.value} ${CURRENCY} for ${policy.premium?.value}; pays ${tiers.join(', ')} days late`;
  });
  return { feed: product.feed, escrow, policy };
}

/** Follows a trade to its end, and holds the books against the chain. @throws when it does not end as was agreed. */
export async function followTrade(job: TradeJob, trade: CoveredTrade): Promise<void> {
  const { client, urls } = job;
  const chain = createChainClient(job.rpcUrl);
  say(`\n${paint.strong('How the covered trade ends')}`);
  await step('Oracle: the cargo was received, late', () => readObservation(job, chain, trade));

  await step('Policy: pays', async () => {
    const { claim } = await ended<Policy>(client, `/v1/policies/${trade.policy.id}`, 'paid', [
      'issued',
      'payable',
    ]);
    return `${claim?.amount.value} ${CURRENCY}, ${claim?.payoutPercent} % of the sum insured, to ${trade.policy.holder}`;
  });
  await step('Escrow: refunds the agreed part', async () => {
    const path = `/v1/escrows/${trade.escrow.id}`;
    const { balances } = await ended<Escrow>(client, path, 'voided', ['authorized']);
    if (balances.captured !== PRICE_WHEN_LATE)
      throw new Error(`The supplier got ${balances.captured} instead of ${PRICE_WHEN_LATE} ${CURRENCY}.`);
    return `${balances.returned} ${CURRENCY} to the payer, ${balances.captured} ${CURRENCY} to the supplier`;
  });
  await checkReconciliation(client, Number(await chain.getBlockNumber()));
  say(`  ${urls.web}/partner/policies/${trade.policy.id}`);
  say(`  ${urls.web}/escrows/${trade.escrow.id}`);
}

/** Agrees upon the terms, and hands in what the payer's wallet signs of them. */
async function payIntoEscrow(
  { client }: TradeJob,
  chain: PublicClient,
  terms: { payer: string } & Record<string, unknown>,
): Promise<Escrow> {
  const escrow = await client.post<Escrow>('/v1/escrows', terms);
  // The node of the local chain has the payer's wallet.
  const request = chain.request as (call: object) => Promise<unknown>;
  const typedData = JSON.stringify(escrow.authorization?.eip3009.typedData);
  const signature = await request({ method: 'eth_signTypedData_v4', params: [terms.payer, typedData] });
  await client.post(`/v1/escrows/${escrow.id}/actions`, { action: 'authorize', way: 'eip3009', signature });
  return escrow;
}

/** What the reporters have recorded, who of them signed it, and the tracking that it comes from. */
async function readObservation(
  { deploymentFile, urls }: TradeJob,
  chain: PublicClient,
  { feed, policy }: CoveredTrade,
): Promise<string> {
  const { oracleHub } = deploymentSchema.parse(JSON.parse(readFileSync(deploymentFile, 'utf8')));
  const hub = { address: oracleHub, abi: oracleHubAbi } as const;
  const { args, transactionHash, blockNumber } = await until('the report', async () => {
    const [event] = await chain.getContractEvents({
      ...hub,
      eventName: 'ObservationRecorded',
      args: { feed: toBytes32(feed), subject: toBytes32(SSCC) },
      fromBlock: BigInt(policy.blockNumber ?? 0),
      strict: true,
    });
    return event;
  });
  const { input } = await chain.getTransaction({ hash: transactionHash });
  const report = decodeFunctionData({ abi: oracleHubAbi, data: input });
  if (report.functionName !== 'reportObservations')
    throw new Error(`${transactionHash} is no report of observations.`);
  const [, signed] = report.args;
  const signers = signed.reporters.toString(2).replaceAll('0', '').length;
  const [, reporters] = await chain.readContract({ ...hub, functionName: 'reporterSet' });
  const received = await readReceipt(urls.sandbox);
  return `at ${received}, ${args.value} minutes; signed by ${signers} of ${reporters.length} reporters, block ${blockNumber}`;
}

/** When the cargo was received, by one of the providers' tracking (EPCIS). */
async function readReceipt(sandbox: string): Promise<string> {
  const answer = await fetch(`${sandbox}/sources/delta/shipments/${SSCC}/events`);
  const { epcisBody } = (await answer.json()) as {
    epcisBody: { eventList: { bizStep: string; eventTime: string }[] };
  };
  const received = epcisBody.eventList.find(({ bizStep }) => bizStep === 'receiving');
  if (!received) throw new Error(`The tracking of ${SSCC} has no receipt.`);
  return shownTime(Date.parse(received.eventTime) / 1_000);
}

/** Waits while something is on its way. @throws when it goes elsewhere than to `end`. */
async function ended<Thing extends { id: string; status: string }>(
  client: TradeJob['client'],
  path: string,
  end: Thing['status'],
  onTheWay: Thing['status'][],
): Promise<Thing> {
  const thing = await until(`${path} to be ${end}`, async () => {
    const found = await client.get<Thing>(path);
    return onTheWay.includes(found.status) ? undefined : found;
  });
  if (thing.status !== end) throw new Error(`${thing.id} is ${thing.status} instead of ${end}.`);
  return thing;
}

function timeOf(seconds: number): string {
  return new Date(seconds * 1_000).toISOString().replace('.000Z', 'Z');
}

/** Such as `2026-11-21 17:00 UTC`. */
function shownTime(seconds: number): string {
  return `${timeOf(seconds).slice(0, 16).replace('T', ' ')} UTC`;
}
