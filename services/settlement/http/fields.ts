/** Members of requests that several domains take: money, wallets, hashes, times of the chain, signatures. */
import type { Hex } from 'viem';
import { z } from 'zod';
import { type CorridorCurrency, corridors } from '../../core/currency.ts';
import { parseEvmAddress } from '../../core/evmAddress.ts';
import { AMOUNT_FORM, isAmount, moneyFaults, parseMoney } from '../../core/money.ts';
import { rule } from './faults.ts';

/** Of a signature; contract accounts (ERC-1271) may take several kilobytes. */
const MAX_SIGNATURE_BYTES = 4_096;

const currencies = Object.keys(corridors) as [CorridorCurrency, ...CorridorCurrency[]];

/** More than nothing of a currency that there is a coin of. */
export const amountField = z
  .strictObject({
    currency: z.enum(currencies),
    value: z.string().refine(isAmount, rule('amount_malformed', AMOUNT_FORM)).meta({ example: '125.50' }),
  })
  .superRefine(({ currency, value }, context) => {
    if (!isAmount(value)) return; // that was said
    const [fault] = moneyFaults(currency, value);
    if (fault) context.addIssue({ ...rule(fault.code, fault.expected, fault.detail), path: ['value'] });
    else if (parseMoney(currency, value).units === 0n)
      context.addIssue({ ...rule('amount_zero', 'more than nothing'), path: ['value'] });
  });

export const addressField = z.string().transform((text, context) => {
  const parsed = parseEvmAddress(text);
  if (parsed) return parsed;
  context.addIssue(
    /^0x[0-9a-fA-F]{40}$/.test(text)
      ? rule('wallet_checksum', 'a right EIP-55 checksum, or lower case')
      : rule('wallet_invalid', '0x and 40 hex digits'),
  );
  return z.NEVER;
});

export const bytes32Field = z
  .string()
  .regex(/^0x[0-9a-fA-F]{64}$/, '0x and 64 hex digits')
  .transform((text) => text.toLowerCase() as Hex);

export const signatureField = z
  .string()
  .regex(
    new RegExp(`^0x(?:[0-9a-fA-F]{2}){1,${MAX_SIGNATURE_BYTES}}$`),
    `1 to ${MAX_SIGNATURE_BYTES} bytes as 0x and hex digits`,
  )
  .transform((text) => text.toLowerCase() as Hex);

/** Such as 2026-11-21T17:00:00Z, on a day that there is; RFC 3339 has years of four digits only. */
function isSecond(text: string): boolean {
  const milliseconds = Date.parse(text);
  return (
    /^\d{4}-/.test(text) &&
    milliseconds >= 0 &&
    new Date(milliseconds).toISOString() === text.replace('Z', '.000Z')
  );
}

/** A whole second, as the chain counts them since 1970. */
export const secondField = z
  .string()
  .refine(isSecond, {
    ...rule('time_malformed', 'a time in UTC from 1970 on, in whole seconds, such as 2026-11-21T17:00:00Z'),
    abort: true,
  })
  .transform((text) => BigInt(Date.parse(text) / 1_000));

/** RFC 3339 of Unix seconds. */
export function timeText(seconds: bigint): string {
  return new Date(Number(seconds) * 1_000).toISOString();
}
