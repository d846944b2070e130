/** Authentication of partners: HTTP Message Signatures (RFC 9421) with Content-Digest (RFC 9530). */
import { type Request, type RequestHandler, raw } from 'express';
import { compareContentDigest } from '../../platform/http/contentDigest.ts';
import {
  type MessageSignature,
  readMessageSignature,
  SignatureFormatError,
  verifyMessageSignature,
} from '../../platform/http/messageSignature.ts';
import type { SignatureAlgorithm } from '../../platform/http/signedFetch.ts';
import { unauthenticated } from './authenticationProblems.ts';
import { type Partner, setPartner } from './partner.ts';
import { originOf } from './targetUri.ts';

export const MAX_BODY_BYTES = 10 * 1024 * 1024;
/** A signature is taken this long after its `created`, and this long before (clocks differ). */
export const MAX_AGE_SECONDS = 300;
export const MAX_FUTURE_SECONDS = 30;

const LABEL = 'sig1';

/** Where keys are looked up and nonces are used up; shared by every process of the service. */
export interface PartnerKeys {
  find(keyId: string): Promise<RegisteredKey | undefined>;
  /** False when the key's nonce was used before. */
  useNonce(use: NonceUse): Promise<boolean>;
}

export interface NonceUse {
  keyId: string;
  nonce: string;
  /** Kept at least until this second since 1970. */
  keepUntilSeconds: number;
}

export interface RegisteredKey {
  partner: Partner;
  algorithm: SignatureAlgorithm;
  publicKeyPem: string;
  revoked: boolean;
  /** The database's clock, whole seconds since 1970: one clock for all processes. */
  nowSeconds: number;
}

/**
 * The middlewares in front of every partner route. Signature first, then the body, then its digest: a stranger cannot
 * make the service read a body. Afterwards `partnerOf(request)` is set and `request.body` holds the raw bytes.
 * A request that passes has used up its nonce, whatever becomes of it: a repetition is signed anew.
 * @param origin the origin that partners call; without it the loopback address that the request came in by
 */
export function authenticate(keys: PartnerKeys, origin?: string): RequestHandler[] {
  const verifySignature: RequestHandler = async (request, _response, next) => {
    const signature = readSignature(request);
    requireComponents(request, signature);
    const { keyId, nonce, created } = requireParameters(signature);
    const key = await keys.find(keyId);
    if (!key) throw unauthenticated('key_unknown', `There is no key ${keyId}.`);
    requireTimes(signature, created, key.nowSeconds);
    if (signature.algorithm !== undefined && signature.algorithm !== key.algorithm) {
      throw unauthenticated(
        'algorithm_mismatch',
        `The signature names ${signature.algorithm}; the key ${keyId} is registered for ${key.algorithm}.`,
      );
    }
    verify(request, signature, key, origin);
    if (key.revoked) throw unauthenticated('key_revoked', `The key ${keyId} is revoked.`);
    pending.set(request, {
      signature,
      partner: key.partner,
      nonce,
      keepUntilSeconds: created + 2 * MAX_AGE_SECONDS,
    });
    next();
  };

  const verifyBody: RequestHandler = async (request, _response, next) => {
    const accepted = pending.get(request);
    if (!accepted) throw new Error('the signature was not verified first');
    request.body ??= Buffer.alloc(0);
    requireDigest(request, accepted.signature);
    const { partner, nonce, keepUntilSeconds } = accepted;
    if (!(await keys.useNonce({ keyId: partner.keyId, nonce, keepUntilSeconds }))) {
      throw unauthenticated(
        'signature_replayed',
        `The nonce ${nonce} was used before with key ${partner.keyId}.`,
      );
    }
    setPartner(request, partner);
    next();
  };

  return [verifySignature, raw({ type: () => true, limit: MAX_BODY_BYTES, inflate: false }), verifyBody];
}

interface Accepted {
  signature: MessageSignature;
  partner: Partner;
  nonce: string;
  keepUntilSeconds: number;
}

const pending = new WeakMap<Request, Accepted>();

function readSignature(request: Request): MessageSignature {
  const signature = orMalformed(() =>
    readMessageSignature(LABEL, {
      signature: request.get('signature'),
      signatureInput: request.get('signature-input'),
    }),
  );
  if (signature) return signature;
  throw unauthenticated('signature_missing', `The request has no signature with the label ${LABEL}.`);
}

function requireComponents(request: Request, { components }: MessageSignature): void {
  const required = ['@method', '@target-uri'];
  if (hasBody(request)) required.push('content-digest');
  if (request.method === 'POST') required.push('idempotency-key');
  const missing = required.filter((name) => !components.includes(name));
  if (missing.length === 0) return;
  throw unauthenticated('component_missing', `The signature does not cover ${missing.join(', ')}.`);
}

function requireParameters({ keyId, nonce, created }: MessageSignature) {
  if (keyId && nonce && created !== undefined && nonce.length <= 128) return { keyId, nonce, created };
  throw unauthenticated(
    'parameter_missing',
    'The signature needs the parameters created, keyid and nonce (at most 128 characters).',
  );
}

function requireTimes({ expires }: MessageSignature, created: number, now: number): void {
  const at = (seconds: number) => new Date(seconds * 1000).toISOString();
  if (created > now + MAX_FUTURE_SECONDS) {
    throw unauthenticated(
      'signature_from_future',
      `The signature says ${created}; here it is ${now} (${at(now)}).`,
    );
  }
  if (created < now - MAX_AGE_SECONDS || (expires !== undefined && expires < now)) {
    throw unauthenticated(
      'signature_stale',
      `The signature is of ${created}${expires === undefined ? '' : ` and expires ${expires}`}; here it is ${now} (${at(now)}).`,
    );
  }
}

function verify(request: Request, signature: MessageSignature, key: RegisteredKey, origin?: string): void {
  const url = originOf(request, origin) + request.originalUrl;
  const message = {
    method: request.method,
    url,
    headers: request.headersDistinct as Record<string, string[]>,
  };
  if (orMalformed(() => verifyMessageSignature(signature, message, key))) return;
  throw unauthenticated(
    'signature_invalid',
    `The signature does not verify with key ${key.partner.keyId} for ${request.method} ${url} as received here.`,
  );
}

function requireDigest(request: Request, { components }: MessageSignature): void {
  const body = request.body as Buffer;
  if (!components.includes('content-digest')) {
    if (body.length === 0) return;
    throw unauthenticated('component_missing', 'The signature does not cover content-digest.');
  }
  const finding = compareContentDigest(request.get('content-digest') ?? '', body);
  if (finding === 'match') return;
  throw unauthenticated('content_digest_invalid', `The Content-Digest is ${described[finding]}.`);
}

const described = {
  mismatch: 'not that of the body as received',
  malformed: 'not a dictionary of byte sequences',
  unsupported: 'without sha-256 and sha-512',
} as const;

function hasBody(request: Request): boolean {
  return request.headers['transfer-encoding'] !== undefined || Number(request.get('content-length') ?? 0) > 0;
}

function orMalformed<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof SignatureFormatError)) throw error;
    throw unauthenticated('signature_malformed', `The signature cannot be read: ${error.message}.`);
  }
}
