import { z } from 'zod';
import { parseEvmAddress } from '../../../core/evmAddress.ts';
import { electronicIban, type IbanFault, ibanFault } from '../../../core/iban.ts';
import { quoted } from '../../../core/inputError.ts';
import { isXmlText } from '../../../core/xmlText.ts';
import { rule } from '../../http/faults.ts';

const ibanFaults: Record<IbanFault, string> = {
  country: 'begins with a country that has no IBANs',
  structure: "has not the length and pattern of its country's IBANs",
  checksum: 'has check digits that do not fit (MOD 97-10)',
};

/** Accepts the printed form with spaces, gives the electronic form. */
const iban = z
  .string()
  .max(50)
  .meta({ description: 'IBAN (ISO 13616), with or without spaces.', example: 'DE89370400440532013000' })
  .transform((text, context) => {
    const electronic = electronicIban(text);
    const fault = ibanFault(electronic);
    if (fault === undefined) return electronic;
    context.addIssue(rule('iban_invalid', 'a valid IBAN', `${quoted(text)} ${ibanFaults[fault]}`));
    return z.NEVER;
  });

const wallet = z
  .string()
  .max(42)
  .meta({
    description: 'Wallet that receives the money, with its EIP-55 checksum or in lower case.',
    example: '0x70997970C51812dc3A010C7d01b50e0d17dc79C8',
  })
  .transform((text, context) => {
    const address = parseEvmAddress(text);
    if (address !== undefined && BigInt(address) !== 0n) return address;
    context.addIssue(
      /^0x[0-9a-fA-F]{40}$/.test(text) && address === undefined
        ? rule('wallet_checksum', 'a right EIP-55 checksum, or lower case')
        : rule('wallet_invalid', '0x and 40 hex digits that are not all zero'),
    );
    return z.NEVER;
  });

const name = z
  .string()
  .trim()
  .min(1)
  .max(140)
  .refine(isXmlText, rule('value_character', 'printable text without control characters'));

/** Body of POST /v1/beneficiaries. */
export const newBeneficiary = z.strictObject({ name, iban, wallet }).meta({ id: 'NewBeneficiary' });

export type NewBeneficiary = z.output<typeof newBeneficiary>;

export const beneficiary = z
  .strictObject({
    id: z.string().regex(/^ben_[0-9a-f]{32}$/),
    name: z.string(),
    iban: z.string(),
    wallet: z.string().meta({ description: 'With its EIP-55 checksum.' }),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'Beneficiary' });

export type Beneficiary = z.output<typeof beneficiary>;
