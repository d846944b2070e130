import { createHash, randomUUID } from 'node:crypto';
import { createSigner, httpbis } from 'http-message-signatures';
import type { SignedRequest, SigningCredential } from '../../services/platform/http/signedFetch.ts';

/** How a signature differs from a right one. */
export interface Deviation {
  body?: string;
  idempotencyKey?: string;
  label?: string;
  keyId?: string;
  algorithmParameter?: string;
  created?: number;
  expires?: number;
  /** Content-Digest field instead of the right one. */
  digest?: string;
  /** Components or parameters. */
  leaveOut?: string[];
  add?: string[];
  replace?: Record<string, string>;
}

/** Signs a request as a client with a fault would, every part of it as told. */
export async function signWith(
  credential: SigningCredential,
  method: string,
  url: string,
  deviation: Deviation = {},
): Promise<SignedRequest> {
  const { body, leaveOut = [], add = [], replace = {} } = deviation;
  const headers: Record<string, string> = { 'idempotency-key': deviation.idempotencyKey ?? randomUUID() };
  if (body !== undefined) {
    headers['content-type'] = 'application/json';
    headers['content-digest'] =
      deviation.digest ?? `sha-256=:${createHash('sha256').update(body).digest('base64')}:`;
  }
  const fields = ['@method', '@target-uri', 'content-digest', 'idempotency-key', ...add]
    .filter((name) => !leaveOut.includes(name))
    .map((name) => replace[name] ?? name);
  const key = createSigner(credential.privateKeyPem, credential.algorithm, credential.keyId);
  const signed = await httpbis.signMessage(
    {
      key,
      name: deviation.label ?? 'sig1',
      fields,
      params: ['created', ...(deviation.expires ? ['expires'] : []), 'keyid', 'alg', 'nonce'].filter(
        (name) => !leaveOut.includes(name),
      ),
      paramValues: {
        nonce: randomUUID(),
        keyid: deviation.keyId ?? credential.keyId,
        alg: deviation.algorithmParameter ?? credential.algorithm,
        created: deviation.created ? new Date(deviation.created * 1000) : new Date(),
        ...(deviation.expires && { expires: new Date(deviation.expires * 1000) }),
      },
    },
    { method, url, headers },
  );
  const entries = Object.entries(signed.headers).map(([name, value]) => [name.toLowerCase(), String(value)]);
  return { method, url, headers: Object.fromEntries(entries), ...(body !== undefined && { body }) };
}
