import type { Problem } from '../../platform/http/problem.ts';
import { problemsOf } from './problems.ts';

const signAgain = 'Sign the request anew: fresh created, fresh nonce, the same Idempotency-Key.';

/** Why a request counts as nobody's. Each names the check that failed, and nothing else about keys or partners. */
export const authenticationProblems = {
  signature_missing: {
    status: 401,
    meaning: 'The request has no Signature and Signature-Input (RFC 9421) with the label sig1.',
    next: 'Sign the request; docs/api.md shows how, with examples.',
  },
  signature_malformed: {
    status: 401,
    meaning: 'The signature fields are not those of RFC 9421, or cover a component with parameters or twice.',
    next: 'Use a library for RFC 9421 and cover plain components only.',
  },
  component_missing: {
    status: 401,
    meaning: 'The signature leaves out a component that it must cover.',
    next: 'Cover @method and @target-uri, content-digest when there is a body, idempotency-key on POST.',
  },
  parameter_missing: {
    status: 401,
    meaning: 'The signature lacks one of the parameters created, keyid and nonce.',
    next: 'Give all three; the nonce is a fresh random value of at most 128 characters for each request.',
  },
  key_unknown: {
    status: 401,
    meaning: 'No key is registered under this keyid.',
    next: 'Check the keyid with the one that the operator registered.',
  },
  key_revoked: {
    status: 401,
    meaning: 'The signature is right, but its key was revoked.',
    next: 'Sign with your current key.',
  },
  algorithm_mismatch: {
    status: 401,
    meaning: 'The signature names another algorithm than the key is registered for.',
    next: 'Leave alg out or set it to the registered algorithm.',
  },
  signature_from_future: {
    status: 401,
    meaning: 'created lies more than 30 seconds in the future.',
    next: `Set the clock of the signing machine (NTP). ${signAgain}`,
  },
  signature_stale: {
    status: 401,
    meaning: 'created is older than 300 seconds, or expires is over.',
    next: signAgain,
  },
  signature_invalid: {
    status: 401,
    meaning: 'The signature does not verify over the request as it was received.',
    next: 'Check the key, and that method, target URI (scheme, host, port, path, query) and headers arrive as signed.',
  },
  signature_replayed: {
    status: 401,
    meaning: 'The nonce was used before: each signed request is good for one use.',
    next: signAgain,
  },
  content_digest_invalid: {
    status: 401,
    meaning: 'The Content-Digest (RFC 9530) does not fit the body, or has neither sha-256 nor sha-512.',
    next: 'Compute the digest over the very bytes that are sent.',
  },
} as const;

const problem = problemsOf(authenticationProblems);

/** RFC 9421, section 5.1: what a signature must have. RFC 9110 asks for a challenge on every 401. */
const headers = {
  'www-authenticate': 'Signature realm="corridor"',
  'accept-signature': 'sig1=("@method" "@target-uri" "content-digest" "idempotency-key");created;keyid;nonce',
};

/** The 401 for one of the reasons. */
export function unauthenticated(code: keyof typeof authenticationProblems, detail: string): Problem {
  return problem(code, detail, [], headers);
}
