/** What the cover has at risk, and how each product has done, for the operator's dashboards. */
import { setTimeout as delay } from 'node:timers/promises';
import type { PublicClient } from 'viem';
import { coverPoolAbi } from '../../../core/abi/coverPool.ts';
import type { Deployment } from '../../../core/deployment.ts';
import { UNIT_DECIMALS } from '../../../core/money.ts';
import type { Database } from '../../../platform/database.ts';
import type { Logger } from '../../../platform/log.ts';
import { Gauge, type Registry } from '../../../platform/metrics.ts';
import { lossRatioBps, readExposure } from './pool.ts';
import type { CoverProducts } from './products.ts';

/** A scrape waits for new figures no longer: while the node does not answer, the others, such as `part_failing`, are wanted. */
const PATIENCE_MS = 5_000;
/** The sums go over all policies: however often somebody asks, they are made anew so seldom. */
const RENEW_MS = 15_000;

/** Registers `insurance_...`; amounts are in the pool's currency. While database or node are away the figures stay. */
export function registerInsuranceMetrics(
  registry: Registry,
  parts: {
    database: Database;
    chain: PublicClient;
    deployment: Deployment;
    products: CoverProducts;
    log: Logger;
  },
): void {
  const { database, chain, deployment, products, log } = parts;
  let renewedAt = Number.NEGATIVE_INFINITY;
  let renewal = Promise.resolve();
  /** For every gauge of a scrape the same. */
  const renewed = () => {
    if (performance.now() - renewedAt >= RENEW_MS) {
      renewedAt = performance.now();
      renewal = renew().catch((error: unknown) =>
        log.debug({ err: error }, 'the figures of the cover stay as they were'),
      );
    }
    return Promise.race([renewal, delay(PATIENCE_MS, undefined, { ref: false })]);
  };
  const gauge = (name: string, help: string, labelNames: string[] = ['product']) =>
    new Gauge({ name, help, labelNames, registers: [registry], collect: renewed });
  const byProduct = {
    openRisks: gauge('insurance_open_risks', 'Risks that are not settled'),
    insured: gauge('insurance_insured', 'Sums insured on risks that are not settled'),
    premiums: gauge('insurance_premiums', 'Premiums of all policies, less what went back'),
    payouts: gauge('insurance_payouts', 'What observed risks owed'),
    lossRatio: gauge('insurance_loss_ratio', 'Payouts over earned premiums'),
  };
  const ofPool = {
    totalAssets: gauge('insurance_pool_assets', "The pool's capital", []),
    lockedCapital: gauge('insurance_pool_locked', 'Capital that is locked for the largest payouts', []),
    capacity: gauge('insurance_pool_capacity', 'Capital that new cover can be sold against', []),
  };
  gauge('insurance_products', 'Products that are offered', []).set(products.size);
  const idOf = new Map([...products.values()].map(({ id, productNumber }) => [productNumber, id]));
  const coins = (units: bigint) => Number(units) / 10 ** UNIT_DECIMALS;

  const renew = async () => {
    for (const exposure of await readExposure(database, deployment.chainId, deployment.parametricCover)) {
      const product = idOf.get(exposure.productNumber) ?? String(exposure.productNumber);
      byProduct.openRisks.set({ product }, exposure.openRisks);
      byProduct.insured.set({ product }, coins(exposure.insured));
      byProduct.premiums.set({ product }, coins(exposure.premiums));
      byProduct.payouts.set({ product }, coins(exposure.payouts));
      const ratio = lossRatioBps(exposure);
      if (ratio !== undefined) byProduct.lossRatio.set({ product }, Number(ratio) / 10_000);
    }
    for (const [functionName, one] of Object.entries(ofPool))
      one.set(
        coins(
          await chain.readContract({
            address: deployment.coverPool,
            abi: coverPoolAbi,
            functionName: functionName as keyof typeof ofPool,
          }),
        ),
      );
  };
}
