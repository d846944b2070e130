/** Private keys in files that a password opens: Web3 Secret Storage, version 3. */
import { createDecipheriv, pbkdf2Sync, scryptSync, timingSafeEqual } from 'node:crypto';
import { type Hex, keccak256, toHex } from 'viem';
import { privateKeyToAddress } from 'viem/accounts';
import { z } from 'zod';
import { ConfigError } from './config.ts';

const SCRYPT_MEMORY_BYTES = 512 * 1024 * 1024;
const MOST_ITERATIONS = 10_000_000;

const bytes = z
  .string()
  .regex(/^([0-9a-fA-F]{2})+$/, 'must be hex digits')
  .transform((text) => Buffer.from(text, 'hex'));
const derivedLength = z.number().int().min(32).max(64);

const keystoreSchema = z.object({
  version: z.literal(3),
  address: z
    .string()
    .regex(/^(0x)?[0-9a-fA-F]{40}$/)
    .optional(),
  crypto: z.intersection(
    z.object({
      cipher: z.literal('aes-128-ctr'),
      cipherparams: z.object({ iv: bytes }),
      ciphertext: bytes,
      mac: bytes,
    }),
    z.discriminatedUnion('kdf', [
      z.object({
        kdf: z.literal('scrypt'),
        kdfparams: z.object({
          dklen: derivedLength,
          n: z.number().int().positive(),
          r: z.number().int().positive(),
          p: z.number().int().positive(),
          salt: bytes,
        }),
      }),
      z.object({
        kdf: z.literal('pbkdf2'),
        kdfparams: z.object({
          dklen: derivedLength,
          c: z.number().int().positive().max(MOST_ITERATIONS),
          prf: z.literal('hmac-sha256'),
          salt: bytes,
        }),
      }),
    ]),
  ),
});
type Keystore = z.output<typeof keystoreSchema>;

/**
 * Opens a key file as geth, web3signer and wallets write it.
 * @param text the file's JSON
 * @param place the file's name, for the sentence when something is wrong
 * @throws ConfigError when it is no such file, the password does not open it, or it holds another address than it says
 */
export function openKeystore(text: string, password: string, place: string): Hex {
  const keystore = parse(text, place);
  const { ciphertext, mac, cipherparams } = keystore.crypto;
  const derived = derive(keystore, password, place);
  const found = Buffer.from(keccak256(Buffer.concat([derived.subarray(16, 32), ciphertext]), 'bytes'));
  if (mac.length !== found.length || !timingSafeEqual(mac, found))
    throw new ConfigError(
      `The password does not open the key file ${place}. Correct the file of the password.`,
    );
  const decipher = createDecipheriv('aes-128-ctr', derived.subarray(0, 16), cipherparams.iv);
  const privateKey = toHex(Buffer.concat([decipher.update(ciphertext), decipher.final()]));
  const address = privateKeyToAddress(privateKey).toLowerCase();
  const said = keystore.address?.toLowerCase().replace(/^(0x)?/, '0x');
  if (said !== undefined && said !== address)
    throw new ConfigError(`The key file ${place} says that it is ${said}, and holds the key of ${address}.`);
  return privateKey;
}

function parse(text: string, place: string): Keystore {
  try {
    const file = JSON.parse(text);
    return keystoreSchema.parse({ crypto: file?.Crypto, ...file }); // some wallets write it with a capital
  } catch (error) {
    const why = error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message;
    throw new ConfigError(`The key file ${place} is no Web3 Secret Storage file of version 3: ${why}`);
  }
}

function derive({ crypto }: Keystore, password: string, place: string): Buffer {
  const secret = password.normalize('NFKC');
  try {
    if (crypto.kdf === 'pbkdf2') {
      const { salt, c, dklen } = crypto.kdfparams;
      return pbkdf2Sync(secret, salt, c, dklen, 'sha256');
    }
    const { salt, n, r, p, dklen } = crypto.kdfparams;
    return scryptSync(secret, salt, dklen, { N: n, r, p, maxmem: SCRYPT_MEMORY_BYTES });
  } catch (error) {
    throw new ConfigError(
      `The key file ${place} has parameters of ${crypto.kdf} that cannot be used: ${(error as Error).message}`,
    );
  }
}
