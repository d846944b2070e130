import { COVER_CURRENCY } from '../../../services/core/insurance/product.ts';
import { useFormat } from './format.ts';
import { type Stablecoin, useStablecoins } from './stablecoins.ts';

/** What the pool holds, premiums are paid in, and policies pay. */
export function useCoverCoin(): Stablecoin {
  const coin = useStablecoins().find(({ currency }) => currency === COVER_CURRENCY);
  if (!coin) throw new Error(`This installation has no ${COVER_CURRENCY} coin`);
  return coin;
}

/** Token units of a cent. */
const CENT = 10_000n;

/** Without parts of a cent: nobody is promised more than there is. */
export function wholeCents(units: bigint): bigint {
  return units - (units % CENT);
}

/** Says an amount of the cover's coin, in whole cents. */
export function useCoverMoney(): (units: bigint) => string {
  const format = useFormat();
  const { decimals, symbol } = useCoverCoin();
  return (units) => `${format.amount(wholeCents(units), decimals)} ${symbol}`;
}
