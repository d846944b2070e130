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
  escrow: address,
  oracleHub: address,
  reserveMintGuard: address,
  coverPool: address,
  parametricCover: address,
  ledgerAnchor: address,
});

export type Deployment = z.infer<typeof deploymentSchema>;

/** Every contract of Corridor's: money that is simply sent there is lost, nobody can move it. */
export function corridorContracts({ chainId: _, startBlock: __, stablecoins, ...others }: Deployment) {
  return [...Object.values(others), ...Object.values(stablecoins).map((coin) => coin.address)];
}

/** True for the address, in any case, of one of Corridor's own contracts. */
export function isCorridorContract(deployment: Deployment, address: string): boolean {
  return corridorContracts(deployment).some((contract) => contract.toLowerCase() === address.toLowerCase());
}
