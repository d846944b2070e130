import { createHash, timingSafeEqual } from 'node:crypto';
import { parseDictionary } from 'structured-headers';

const hashes: Record<string, string> = { 'sha-256': 'sha256', 'sha-512': 'sha512' };

export type DigestFinding = 'match' | 'mismatch' | 'malformed' | 'unsupported';

/**
 * Compares a body with its Content-Digest field (RFC 9530). Every sha-256 and sha-512 that the field gives must match;
 * with neither of the two it is `unsupported`.
 * @param body the raw bytes, as sent (content coding not removed)
 */
export function compareContentDigest(field: string, body: Buffer): DigestFinding {
  let findings: DigestFinding[];
  try {
    findings = [...parseDictionary(field)].flatMap(([algorithm, [value]]) => {
      const hash = hashes[algorithm];
      if (hash === undefined) return [];
      if (!(value instanceof ArrayBuffer)) return ['malformed' as const];
      const digest = createHash(hash).update(body).digest();
      const same = value.byteLength === digest.length && timingSafeEqual(digest, Buffer.from(value));
      return [same ? ('match' as const) : ('mismatch' as const)];
    });
  } catch {
    // The parser throws for whatever is not a dictionary of structured fields (RFC 9651); the finding says so.
    return 'malformed';
  }
  if (findings.length === 0) return 'unsupported';
  return findings.find((finding) => finding !== 'match') ?? 'match';
}
