import { createPublicKey, type KeyObject } from 'node:crypto';
import type { SignatureAlgorithm } from '../../../platform/http/signedFetch.ts';

const MIN_RSA_BITS = 2048;
/** Verifying with a larger key costs more time than a caller who is not yet known may take. */
const MAX_RSA_BITS = 4096;

/** A public key that cannot be registered; the message is a sentence for the operator. */
export class PublicKeyError extends Error {
  override readonly name = 'PublicKeyError';
  readonly code = 'public_key_unfit';
}

/**
 * Reads a PEM public key and checks that it fits the algorithm (RFC 9421, section 3.3): Ed25519, NIST P-256, or RSA
 * of 2048 to 4096 bits.
 * @returns the key as SubjectPublicKeyInfo PEM
 * @throws PublicKeyError also for a private key, which must never leave its owner
 */
export function fitPublicKey(algorithm: SignatureAlgorithm, pem: string): string {
  if (pem.includes('PRIVATE KEY')) {
    throw new PublicKeyError(
      'This is a private key. Count it as disclosed: make a new pair, and give only the public key.',
    );
  }
  const key = parse(pem);
  if (!fits(algorithm, key)) {
    throw new PublicKeyError(`The key is ${describe(key)}; ${algorithm} needs ${expected[algorithm]}.`);
  }
  return key.export({ type: 'spki', format: 'pem' }).toString();
}

const expected: Record<SignatureAlgorithm, string> = {
  ed25519: 'an Ed25519 key',
  'ecdsa-p256-sha256': 'an EC key on the curve P-256 (prime256v1)',
  'rsa-pss-sha512': `an RSA key of ${MIN_RSA_BITS} to ${MAX_RSA_BITS} bits`,
};

function parse(pem: string): KeyObject {
  try {
    return createPublicKey(pem);
  } catch (cause) {
    throw new PublicKeyError('This is not a PEM public key ("-----BEGIN PUBLIC KEY-----").', { cause });
  }
}

function fits(algorithm: SignatureAlgorithm, key: KeyObject): boolean {
  const { namedCurve, modulusLength = 0 } = key.asymmetricKeyDetails ?? {};
  switch (algorithm) {
    case 'ed25519':
      return key.asymmetricKeyType === 'ed25519';
    case 'ecdsa-p256-sha256':
      return key.asymmetricKeyType === 'ec' && namedCurve === 'prime256v1';
    case 'rsa-pss-sha512':
      return (
        key.asymmetricKeyType === 'rsa' && modulusLength >= MIN_RSA_BITS && modulusLength <= MAX_RSA_BITS
      );
  }
}

function describe(key: KeyObject): string {
  const { namedCurve, modulusLength } = key.asymmetricKeyDetails ?? {};
  return [key.asymmetricKeyType, namedCurve, modulusLength && `${modulusLength} bits`]
    .filter(Boolean)
    .join(' ');
}
