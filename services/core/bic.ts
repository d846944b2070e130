import { isCountryCode } from './country.ts';

/**
 * True for a business identifier code of ISO 9362:2014: four letters or digits for the party, an ISO 3166 country,
 * two for the location, and three for the branch if any (`DEUTDEFF`, `DEUTDEFF500`). Upper case only.
 */
export function isBic(text: string): boolean {
  return /^[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}(?:[A-Z0-9]{3})?$/.test(text) && isCountryCode(text.slice(4, 6));
}
