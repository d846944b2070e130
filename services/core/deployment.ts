import { z } from 'zod';
import { corridors } from './currency.ts';
import { parseEvmAddress } from './evmAddress.ts';

const address = z.string().transform((text, context) => {
  const parsed = parseEvmAddress(text);
  if (parsed !== undefined) return parsed;
  context.addIssue({ code: 'custom', message: `${text} is no address; expected 0x and 40 hex digits` });
  return z.NEVER;
});

const stablecoin = z.strictObject({ symbol: z.enum(corridors), address, decimals: z.literal(6) });

/**
 * Where Corridor lives on one chain: `services/core/deployments/<chainId>.json`, written by `scripts/deploy/deploy.ts`.
 * `startBlock` is the block from which on its events are to be read.
 */
export const deploymentSchema = z.strictObject({
  chainId: z.number().int().positive(),
  startBlock: z.number().int().nonnegative(),
  accessManager: address,
  paymentRouter: address,
  stablecoins: z.strictObject({ USD: stablecoin, EUR: stablecoin, CNY: stablecoin }),
});

export type Deployment = z.infer<typeof deploymentSchema>;

/** True for the address, in any case, of one of Corridor's own contracts: money paid there is lost, nobody can move it. */
export function isCorridorContract(
  { accessManager, paymentRouter, stablecoins }: Deployment,
  address: string,
): boolean {
  const contracts = [accessManager, paymentRouter, ...Object.values(stablecoins).map((coin) => coin.address)];
  return contracts.some((contract) => contract.toLowerCase() === address.toLowerCase());
}
