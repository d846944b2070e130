import { readFileSync } from 'node:fs';
import { oracleHubAbi } from '../../services/core/abi/oracleHub.ts';
import { deploymentSchema } from '../../services/core/deployment.ts';
import { toBytes32 } from '../../services/core/oracleReport.ts';
import { createChainClient } from '../../services/platform/chain.ts';
import { until } from './until.ts';

/** Waits until the reporters have said what backs each stablecoin, after now: before, none can be minted. */
export async function untilReservesAttested(local: {
  rpcUrl: string;
  deploymentFile: string;
}): Promise<void> {
  const chain = createChainClient(local.rpcUrl);
  const { oracleHub, stablecoins } = deploymentSchema.parse(
    JSON.parse(readFileSync(local.deploymentFile, 'utf8')),
  );
  const { timestamp } = await chain.getBlock();
  await until('the reserves to be attested', async () => {
    const prices = await Promise.all(
      Object.values(stablecoins).map(({ symbol }) =>
        chain.readContract({
          address: oracleHub,
          abi: oracleHubAbi,
          functionName: 'priceOf',
          args: [toBytes32(`${symbol}/reserve`)],
        }),
      ),
    );
    return prices.every(([, observedAt]) => observedAt >= timestamp) || undefined;
  });
}
