/** Active ISO 4217 codes by their number of decimal digits; all others that are active have two. */
const digitsOtherThanTwo: Record<string, number> = {
  ...digits(0, 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'),
  ...digits(3, 'BHD IQD JOD KWD LYD OMR TND'),
  ...digits(4, 'CLF UYW'),
};

const twoDigits = new Set(
  (
    'AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW ' +
    'CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF ' +
    'IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK ' +
    'MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP ' +
    'SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD XCG YER ' +
    'ZAR ZMW ZWG'
  ).split(' '),
);

/**
 * Digits after the decimal point that ISO 4217 gives a currency (USD 2, JPY 0, KWD 3); undefined for a code that
 * names no active currency. Precious metals and test codes (XAU, XTS, XXX) have no digits and are not money here.
 */
export function currencyDigits(currency: string): number | undefined {
  return Object.hasOwn(digitsOtherThanTwo, currency)
    ? digitsOtherThanTwo[currency]
    : twoDigits.has(currency)
      ? 2
      : undefined;
}

/** The stablecoin that carries each currency: the corridors that exist. */
export const corridors = { USD: 'cUSD', EUR: 'cEUR', CNY: 'cCNH' } as const;

export type CorridorCurrency = keyof typeof corridors;

/** True for a currency that Corridor can carry; any other is refused with AM03. */
export function hasCorridor(currency: string): currency is CorridorCurrency {
  return Object.hasOwn(corridors, currency);
}

function digits(count: number, codes: string): Record<string, number> {
  return Object.fromEntries(codes.split(' ').map((code) => [code, count]));
}
