import { constants, createHash, createPrivateKey, type KeyObject, randomUUID, sign } from 'node:crypto';
import { httpbis } from 'http-message-signatures';

/** The signature algorithms of RFC 9421, section 3.3, that Corridor accepts from partners. */
export type SignatureAlgorithm = 'ed25519' | 'ecdsa-p256-sha256' | 'rsa-pss-sha512';

/** A partner's signing key as its own client holds it. */
export interface SigningCredential {
  /** The id under which the partner's public key is registered. */
  keyId: string;
  /** PKCS #8 PEM. */
  privateKeyPem: string;
  algorithm: SignatureAlgorithm;
}

export interface SignedRequestOptions {
  body?: string | Uint8Array;
  /** Media type of the body; `application/json` when left out. */
  contentType?: string;
  /** Sent and signed on POST; repeat it to repeat a request safely. A fresh UUID when left out. */
  idempotencyKey?: string;
}

export interface SignedRequest {
  method: string;
  url: string;
  headers: Record<string, string>;
  body?: string | Uint8Array<ArrayBuffer>;
}

/**
 * Signs one request by HTTP Message Signatures (RFC 9421, label `sig1`) over `@method`, `@target-uri`,
 * the `content-digest` (RFC 9530, SHA-256) of a body and the `idempotency-key` of a POST.
 * Every call takes a fresh nonce and `created` = now (whole seconds), so a signed request is good for one use.
 */
export async function signRequest(
  credential: SigningCredential,
  method: string,
  url: string,
  options: SignedRequestOptions = {},
): Promise<SignedRequest> {
  const fields = ['@method', '@target-uri'];
  const headers: Record<string, string> = {};
  if (options.body !== undefined) {
    headers['content-type'] = options.contentType ?? 'application/json';
    headers['content-digest'] = `sha-256=:${createHash('sha256').update(options.body).digest('base64')}:`;
    fields.push('content-digest');
  }
  if (method === 'POST') {
    headers['idempotency-key'] = options.idempotencyKey ?? randomUUID();
    fields.push('idempotency-key');
  }
  const key = keyOf(credential);
  const signed = await httpbis.signMessage(
    {
      key: {
        id: credential.keyId,
        alg: credential.algorithm,
        sign: async (base) => signatureOver(base, key, credential.algorithm),
      },
      name: 'sig1',
      fields,
      params: ['created', 'keyid', 'alg', 'nonce'],
      paramValues: { nonce: randomUUID() },
    },
    // The URL is normalised as fetch sends it: what is signed must be what the receiver sees.
    { method, url: new URL(url).href, headers },
  );
  return {
    method,
    url,
    headers: Object.fromEntries(
      Object.entries(signed.headers).map(([name, value]) => [name.toLowerCase(), String(value)]),
    ),
    ...(options.body === undefined
      ? {}
      : { body: typeof options.body === 'string' ? options.body : Uint8Array.from(options.body) }),
  };
}

/** Signs as {@link signRequest} does and sends; the answer comes back whatever its status is. */
export async function signedFetch(
  credential: SigningCredential,
  method: string,
  url: string,
  options: SignedRequestOptions = {},
): Promise<Response> {
  const { url: target, ...request } = await signRequest(credential, method, url, options);
  return fetch(target, { ...request, redirect: 'error', signal: AbortSignal.timeout(30_000) });
}

/** Reading a key's text takes as long as signing. */
function keyOf(credential: SigningCredential): KeyObject {
  const key = keys.get(credential) ?? createPrivateKey(credential.privateKeyPem);
  keys.set(credential, key);
  return key;
}

const keys = new WeakMap<SigningCredential, KeyObject>();

/** RFC 9421, sections 3.3.1 (salt of 64 bytes), 3.3.4 (r and s side by side, not DER) and 3.3.6. */
function signatureOver(base: Buffer, key: KeyObject, algorithm: SignatureAlgorithm): Buffer {
  switch (algorithm) {
    case 'ed25519':
      return sign(null, base, key);
    case 'ecdsa-p256-sha256':
      return sign('sha256', base, { key, dsaEncoding: 'ieee-p1363' });
    case 'rsa-pss-sha512':
      return sign('sha512', base, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 64 });
  }
}
