/** Everything that the chain can tell of cover before it is sold, with no transaction of the database open. */
import type { Hex, PublicClient } from 'viem';
import { parametricCoverAbi } from '../../../core/abi/parametricCover.ts';
import type { Deployment } from '../../../core/deployment.ts';
import { type Premium, payoutOf, premiumOf } from '../../../core/insurance/premium.ts';
import {
  type CoverProduct,
  clusterOf,
  coverAmount,
  formatObservation,
  maxPayoutBpsOf,
  ratesOf,
  subjectForm,
  subjectWord,
} from '../../../core/insurance/product.ts';
import type { Fault } from '../../../platform/http/problem.ts';
import { timeText } from '../../http/fields.ts';
import { problemsOf } from '../../http/problems.ts';
import { coverView } from './coverView.ts';
import { insuranceProblems } from './errors.ts';
import type { CoverProducts } from './products.ts';
import type { CoverRequest } from './schema.ts';

const problem = problemsOf(insuranceProblems);

/** An order needs some time to be in a block before the sale closes. */
const LEAST_SALE_SECONDS = 60n;

export interface AssessmentParts {
  chain: PublicClient;
  deployment: Deployment;
  products: CoverProducts;
}

export interface AskedCover {
  /** Where a member of it stands in the request. */
  placeOf: (member: string) => string;
  cover: CoverRequest;
  /** The most that is paid for it; without it its price is no matter. */
  maxPremium?: bigint | undefined;
}

/** Cover that could be bought in the block after this one. */
export interface PricedCover extends Premium {
  product: CoverProduct;
  subject: string;
  subjectWord: Hex;
  windowStart: bigint;
  windowEnd: bigint;
  insured: bigint;
  isOpened: boolean;
}

export interface Moment {
  blockNumber: bigint;
  blockHash: Hex;
  /** The chain's clock, Unix seconds. */
  time: bigint;
}

export interface Assessment {
  moment: Moment;
  covers: PricedCover[];
  faults: Fault[];
}

/** When sale and cancellation end. */
export function saleClosesAt(product: CoverProduct, windowStart: bigint): bigint {
  return windowStart - BigInt(product.waitingPeriodSeconds);
}

/**
 * Looks at covers that are asked for together, at the chain's latest block: what is sold already counts, and what stands before in
 * the same request. A cover with a fault is not among `covers`.
 * @throws Problem `insurance_unavailable` when a product is not what the contract has
 */
export async function assessCovers(
  { chain, deployment, products }: AssessmentParts,
  asked: readonly AskedCover[],
): Promise<Assessment> {
  const { number: blockNumber, hash: blockHash, timestamp: time } = await chain.getBlock();
  const faults: Fault[] = [];
  const covers: PricedCover[] = [];
  const view = coverView(chain, deployment, blockNumber);
  const requested = { risks: new Map<string, bigint>(), clusters: new Map<string, bigint>(), capital: 0n };

  for (const { placeOf, cover, maxPremium } of asked) {
    const before = faults.length;
    const { insured, windowStart, windowEnd, subject } = cover;
    const unless = (isFine: boolean, code: string, member: string, detail: string, expected: string) => {
      if (!isFine) faults.push({ code, pointer: placeOf(member), detail, expected });
    };
    const product = products.get(cover.product);
    unless(
      product !== undefined,
      'product_unknown',
      '/product',
      `There is no product ${cover.product}`,
      `one of ${[...products.keys()].join(', ') || 'those that are offered, which are none'}`,
    );
    if (!product) continue;
    const isSubject = subjectForm(product).test(subject);
    unless(
      isSubject,
      'subject_form',
      '/subject',
      `${subject} is no subject of ${product.id}`,
      `${product.words.en.subject}, such as ${product.subject.example}`,
    );
    checkWindow(product, cover, time, unless);
    if (isSubject && windowEnd <= time) {
      const observed = await view.observation(product, subjectWord(subject), windowStart, windowEnd);
      unless(
        observed === undefined,
        'event_known',
        '/windowStart',
        `What happened is known: ${formatObservation(product, observed ?? 0n)} ${product.words.en.unit}`,
        'a window of which nothing is known',
      );
    }
    if (faults.length > before) continue;

    const { isPaused: isProductPaused, isAsSaid } = await view.product(product);
    if (!isAsSaid)
      throw problem(
        'insurance_unavailable',
        `${product.id} is not product ${product.productNumber} on chain.`,
      );
    const word = subjectWord(subject);
    const [risk, sold, pool] = await Promise.all([
      view.risk(product, word, windowStart, windowEnd),
      view.cluster(product, subject, word, windowStart),
      view.pool(),
    ]);
    const later = 'one that is not paused: ask again later';
    unless(!isProductPaused, 'product_paused', '/product', `The sale of ${product.id} is stopped`, later);
    unless(!pool.isPaused, 'pool_paused', '', 'The pool sells no cover at the moment', later);

    const [riskKey, clusterKey] = [
      [product.id, subject, windowStart, windowEnd].join(),
      [product.id, clusterOf(product, subject), windowStart / 86_400n].join(),
    ];
    const ofRisk = risk.insured + (requested.risks.get(riskKey) ?? 0n) + insured;
    const ofCluster = sold + (requested.clusters.get(clusterKey) ?? 0n) + insured;
    const ofCapital = requested.capital + payoutOf(insured, maxPayoutBpsOf(product));
    const show = (units: bigint) => Object.values(coverAmount(units < 0n ? 0n : units)).join(' ');
    unless(
      ofRisk <= product.maxInsuredPerRisk,
      'risk_limit_exceeded',
      '/insured',
      `With it ${show(ofRisk)} would be insured on this risk`,
      `at most ${show(product.maxInsuredPerRisk)}: ${show(product.maxInsuredPerRisk - ofRisk + insured)} are left`,
    );
    unless(
      ofCluster <= product.maxInsuredPerCluster,
      'cluster_limit_exceeded',
      '/insured',
      `With it ${show(ofCluster)} would be insured on one day in its cluster`,
      `at most ${show(product.maxInsuredPerCluster)}: ${show(product.maxInsuredPerCluster - ofCluster + insured)} are left`,
    );
    unless(
      ofCapital <= pool.capacity,
      'capacity_exceeded',
      '/insured',
      `It could cost ${show(ofCapital)}, with what stands before it in the request`,
      `at most the pool's free capital, ${show(pool.capacity)}`,
    );
    const lockedSeconds = windowEnd + BigInt(product.graceSeconds) - time;
    const premium = premiumOf(ratesOf(product), insured, maxPayoutBpsOf(product), lockedSeconds);
    unless(
      maxPremium === undefined || premium.premium <= maxPremium,
      'premium_above_maximum',
      '',
      `The premium is ${show(premium.premium)}`,
      `at most the ${show(maxPremium ?? 0n)} that you pay: ask for a quote`,
    );
    if (faults.length > before) continue;

    requested.risks.set(riskKey, ofRisk - risk.insured);
    requested.clusters.set(clusterKey, ofCluster - sold);
    requested.capital = ofCapital;
    covers.push({
      ...premium,
      product,
      subject,
      subjectWord: word,
      windowStart,
      windowEnd,
      insured,
      isOpened: risk.isOpened,
    });
  }
  return { moment: { blockNumber, blockHash, time }, covers, faults };
}

/** The premium as the contract itself says it, in the state after a block. */
export async function priceByContract(
  chain: PublicClient,
  deployment: Deployment,
  { product, windowStart, windowEnd, insured }: PricedCover,
  blockNumber: bigint,
): Promise<Premium> {
  const [premium, expectedLoss, load, capitalCharge] = await chain.readContract({
    address: deployment.parametricCover,
    abi: parametricCoverAbi,
    functionName: 'quote',
    args: [BigInt(product.productNumber), windowStart, windowEnd, insured],
    blockNumber,
  });
  return { premium, expectedLoss, load, capitalCharge };
}

/** @throws Problem `cover_refused` when there are faults */
export function refuseFaults(faults: Fault[]): void {
  const [first] = faults;
  if (first) throw problem('cover_refused', `${first.detail}.`, faults);
}

type Unless = (isFine: boolean, code: string, member: string, detail: string, expected: string) => void;

function checkWindow(
  product: CoverProduct,
  { windowStart, windowEnd }: CoverRequest,
  time: bigint,
  unless: Unless,
): void {
  const closes = saleClosesAt(product, windowStart);
  const isPast = windowStart <= time;
  unless(
    !isPast,
    'window_past',
    '/windowStart',
    `The window begins at ${timeText(windowStart)}, and the chain's time is ${timeText(time)}`,
    'a window that has not begun',
  );
  unless(
    isPast || closes >= time + LEAST_SALE_SECONDS,
    'sale_closed',
    '/windowStart',
    `Its sale closes at ${timeText(closes)}, and the chain's time is ${timeText(time)}`,
    `a window that begins at least ${product.waitingPeriodSeconds} s after the purchase`,
  );
  const latest = time + BigInt(product.maxLeadSeconds);
  unless(
    windowStart <= latest,
    'window_too_far',
    '/windowStart',
    `The window begins at ${timeText(windowStart)}`,
    `at the latest ${timeText(latest)}`,
  );
  const length = windowEnd - windowStart;
  unless(
    length >= BigInt(product.minWindowSeconds) && length <= BigInt(product.maxWindowSeconds),
    'window_length',
    '/windowEnd',
    `The window is ${length} s long`,
    `${product.minWindowSeconds} to ${product.maxWindowSeconds} s`,
  );
}
