/** What the contracts say of products, risks, clusters and capital. */
import type { Address, Hex, PublicClient } from 'viem';
import { coverPoolAbi } from '../../../core/abi/coverPool.ts';
import { oracleHubAbi } from '../../../core/abi/oracleHub.ts';
import { parametricCoverAbi } from '../../../core/abi/parametricCover.ts';
import type { Deployment } from '../../../core/deployment.ts';
import { COVER_STEP } from '../../../core/insurance/premium.ts';
import { type CoverProduct, clusterOf, termsOf } from '../../../core/insurance/product.ts';
import { toBytes32 } from '../../../core/oracleReport.ts';

const DAY_SECONDS = 86_400n;

/** What the contracts say at one block; each question is asked once. */
export function coverView(chain: PublicClient, deployment: Deployment, blockNumber: bigint) {
  const cover = {
    address: deployment.parametricCover as Address,
    abi: parametricCoverAbi,
    blockNumber,
  } as const;
  const pool = { address: deployment.coverPool as Address, abi: coverPoolAbi, blockNumber } as const;
  const asked = new Map<string, Promise<unknown>>();
  const once = <Answer>(key: string, ask: () => Promise<Answer>): Promise<Answer> => {
    const known = asked.get(key) ?? ask();
    asked.set(key, known);
    return known as Promise<Answer>;
  };
  return {
    product: (product: CoverProduct) =>
      once(`product ${product.id}`, async () => {
        const [terms, tiers, isPaused] = await chain.readContract({
          ...cover,
          functionName: 'productOf',
          args: [BigInt(product.productNumber)],
        });
        const said = { ...termsOf(product), tiers: product.tiers };
        const found = {
          ...terms,
          tiers: tiers.map(({ threshold, payoutBps }) => ({
            threshold: BigInt(threshold),
            payoutBps: BigInt(payoutBps),
          })),
        };
        return { isPaused, isAsSaid: textOf(said) === textOf(found) };
      }),
    risk: (product: CoverProduct, subject: Hex, windowStart: bigint, windowEnd: bigint) =>
      once(`risk ${[product.id, subject, windowStart, windowEnd].join()}`, async () => {
        const args = [BigInt(product.productNumber), subject, windowStart, windowEnd] as const;
        const number = await chain.readContract({ ...cover, functionName: 'riskNumberOf', args });
        if (number === 0n) return { isOpened: false, insured: 0n };
        const risk = await chain.readContract({ ...cover, functionName: 'riskOf', args: [number] });
        return { isOpened: true, insured: risk.insuredSteps * COVER_STEP };
      }),
    /** What the oracle's reporters said of it; undefined while they have not. */
    observation: ({ feed }: CoverProduct, subject: Hex, windowStart: bigint, windowEnd: bigint) =>
      once(`observation ${[feed, subject, windowStart, windowEnd].join()}`, async () => {
        const [isThere, value] = await chain.readContract({
          address: deployment.oracleHub,
          abi: oracleHubAbi,
          functionName: 'tryReadObservation',
          args: [toBytes32(feed), subject, windowStart, windowEnd],
          blockNumber,
        });
        return isThere ? value : undefined;
      }),
    cluster: (product: CoverProduct, subject: string, word: Hex, windowStart: bigint) =>
      once(`cluster ${[product.id, clusterOf(product, subject), windowStart / DAY_SECONDS].join()}`, () =>
        chain.readContract({
          ...cover,
          functionName: 'clusterInsured',
          args: [BigInt(product.productNumber), word, windowStart],
        }),
      ),
    pool: () =>
      once('pool', async () => {
        const [capacity, isPaused] = await Promise.all([
          chain.readContract({ ...pool, functionName: 'capacity' }),
          chain.readContract({ ...pool, functionName: 'paused' }),
        ]);
        return { capacity, isPaused };
      }),
  };
}

/** Two that say the same are the same text. */
function textOf(terms: Record<string, unknown>): string {
  const byName = Object.entries(terms).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify(byName, (_, value) =>
    typeof value === 'bigint' || typeof value === 'number' ? `${value}` : value,
  );
}
