import type { Address } from 'viem';
import { corridors } from '../../../services/core/currency.ts';
import { useAppConfig } from './appConfig.ts';

/** A coin of the installation; `currency` is its ISO 4217 code, `symbol` its name on the chain. */
export interface Stablecoin {
  currency: string;
  symbol: string;
  address: Address;
  decimals: number;
}

/** The coins in the order that every list shows them. */
export function useStablecoins(): Stablecoin[] {
  const { stablecoins } = useAppConfig().deployment;
  return Object.keys(corridors).flatMap((currency) => {
    const coin = stablecoins[currency as keyof typeof stablecoins];
    return coin ? [{ currency, ...coin }] : [];
  });
}
