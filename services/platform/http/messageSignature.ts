/** HTTP Message Signatures (RFC 9421) of requests: reading the signature, and verifying it. */
import { constants, createPublicKey, type KeyObject, verify } from 'node:crypto';
import { httpbis } from 'http-message-signatures';
import { isInnerList, parseDictionary, serializeInnerList } from 'structured-headers';
import type { SignatureAlgorithm } from './signedFetch.ts';

export interface MessageSignature {
  /** Names of the covered components, such as `@method` and `content-digest`. */
  components: string[];
  /** Whole seconds since 1970. */
  created: number | undefined;
  expires: number | undefined;
  keyId: string | undefined;
  nonce: string | undefined;
  algorithm: string | undefined;
  /** Last line of the signature base: components and parameters as the signer wrote them. */
  signatureParams: string;
  bytes: Buffer;
}

/** The headers hold no signature that can be read; the message says why. */
export class SignatureFormatError extends Error {
  override readonly name = 'SignatureFormatError';
}

/**
 * Reads the signature with the given label. Undefined when the message has none of that label.
 * @throws SignatureFormatError for fields that are not structured fields, components twice or with parameters (none
 * is needed here, and each would need its own check of what it leaves out), parameters of a wrong type
 */
export function readMessageSignature(
  label: string,
  headers: { signature: string | undefined; signatureInput: string | undefined },
): MessageSignature | undefined {
  if (headers.signature === undefined || headers.signatureInput === undefined) return undefined;
  const input = dictionary('Signature-Input', headers.signatureInput).get(label);
  const signature = dictionary('Signature', headers.signature).get(label);
  if (!input || !signature) return undefined;
  if (!isInnerList(input)) throw new SignatureFormatError(`Signature-Input ${label} is not an inner list`);
  if (!(signature[0] instanceof ArrayBuffer)) {
    throw new SignatureFormatError(`Signature ${label} is not a byte sequence`);
  }
  const components = input[0].map(([name, parameters]) => {
    if (typeof name !== 'string' || !/^@?[a-z0-9-]+$/.test(name) || parameters.size > 0) {
      throw new SignatureFormatError(`the component ${String(name)} is not taken, or not with parameters`);
    }
    return name;
  });
  if (new Set(components).size < components.length) {
    throw new SignatureFormatError('a component is covered twice');
  }
  const parameters = input[1];
  return {
    components,
    created: seconds(parameters.get('created'), 'created'),
    expires: seconds(parameters.get('expires'), 'expires'),
    keyId: text(parameters.get('keyid'), 'keyid'),
    nonce: text(parameters.get('nonce'), 'nonce'),
    algorithm: text(parameters.get('alg'), 'alg'),
    signatureParams: serializeInnerList(input),
    bytes: Buffer.from(signature[0]),
  };
}

/**
 * True when the signature verifies over the request as received. Times, required components and the algorithm that
 * the message names are the caller's to check.
 * @param request `url` is the whole target URI as the client meant it
 * @throws SignatureFormatError when a covered component is not in the request
 */
export function verifyMessageSignature(
  signature: MessageSignature,
  request: { method: string; url: string; headers: Record<string, string | string[]> },
  key: { algorithm: SignatureAlgorithm; publicKeyPem: string },
): boolean {
  return verifies(signatureBase(signature, request), signature.bytes, key.algorithm, key.publicKeyPem);
}

function signatureBase(
  { components, signatureParams }: MessageSignature,
  request: { method: string; url: string; headers: Record<string, string | string[]> },
): Buffer {
  try {
    const lines = httpbis.createSignatureBase({ fields: components }, request);
    lines.push(['"@signature-params"', [signatureParams]]);
    return Buffer.from(httpbis.formatSignatureBase(lines));
  } catch (cause) {
    throw new SignatureFormatError((cause as Error).message, { cause });
  }
}

/** RFC 9421, sections 3.3.1 (salt of 64 bytes), 3.3.4 (r and s side by side, not DER) and 3.3.6. */
function verifies(base: Buffer, signature: Buffer, algorithm: SignatureAlgorithm, pem: string): boolean {
  const key = publicKeyOf(pem);
  switch (algorithm) {
    case 'ed25519':
      return verify(null, base, key, signature);
    case 'ecdsa-p256-sha256':
      return verify('sha256', base, { key, dsaEncoding: 'ieee-p1363' }, signature);
    case 'rsa-pss-sha512':
      return verify(
        'sha512',
        base,
        { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 64 },
        signature,
      );
  }
}

/** Reading a key's text takes a good part of the time that verifying takes. */
function publicKeyOf(pem: string): KeyObject {
  const key = publicKeys.get(pem) ?? createPublicKey(pem);
  if (publicKeys.size >= MOST_KEYS) publicKeys.clear();
  publicKeys.set(pem, key);
  return key;
}

const MOST_KEYS = 10_000;
const publicKeys = new Map<string, KeyObject>();

function dictionary(field: string, value: string) {
  try {
    return parseDictionary(value);
  } catch (cause) {
    throw new SignatureFormatError(`${field} is not a dictionary: ${(cause as Error).message}`, { cause });
  }
}

function seconds(value: unknown, name: string): number | undefined {
  if (value === undefined || Number.isSafeInteger(value)) return value as number | undefined;
  throw new SignatureFormatError(`the parameter ${name} is not a whole number of seconds`);
}

function text(value: unknown, name: string): string | undefined {
  if (value === undefined || typeof value === 'string') return value;
  throw new SignatureFormatError(`the parameter ${name} is not a string`);
}
