import { z } from 'zod';
import { parseEvmAddress } from '../../../core/evmAddress.ts';
import { electronicIban, type IbanFault, ibanFault } from '../../../core/iban.ts';

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
    context.addIssue({ code: 'custom', message: `The IBAN ${ibanFaults[fault]}.` });
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
    context.addIssue({
      code: 'custom',
      message:
        'This is no wallet address: expected 0x and 40 hex digits with a right EIP-55 checksum, not zero.',
    });
    return z.NEVER;
  });

/** Body of POST /v1/beneficiaries. */
export const newBeneficiary = z
  .strictObject({ name: z.string().trim().min(1).max(140), iban, wallet })
  .meta({ id: 'NewBeneficiary' });

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
