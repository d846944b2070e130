/**
 * Partners and their keys, for the operator of a settlement service:
 *
 *   node scripts/partner.ts create <name> <key id> <algorithm> <public key file>
 *   node scripts/partner.ts add-key <partner id> <key id> <algorithm> <public key file>
 *   node scripts/partner.ts revoke-key <key id>
 *   node scripts/partner.ts list
 *
 * Algorithms: ed25519, ecdsa-p256-sha256, rsa-pss-sha512. Only the public key (PEM) is given; the private one stays
 * with the partner. `DATABASE_URL` says which service.
 */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { ConfigError, databaseUrlVariable, loadConfig } from '../services/platform/config.ts';
import { type Database, openDatabase, reachDatabase } from '../services/platform/database.ts';
import type { SignatureAlgorithm } from '../services/platform/http/signedFetch.ts';
import { PublicKeyError } from '../services/settlement/domains/partners/publicKey.ts';
import {
  addPartnerKey,
  listPartners,
  PartnerError,
  registerPartner,
  revokePartnerKey,
} from '../services/settlement/domains/partners/service.ts';

/** What was typed is no command; the message is a sentence. */
class UsageError extends Error {}

const algorithms: readonly string[] = ['ed25519', 'ecdsa-p256-sha256', 'rsa-pss-sha512'];

const commands: Record<string, (database: Database, given: string[]) => Promise<string>> = {
  async create(database, [name, ...key]) {
    const partner = await registerPartner(database, {
      name: required(name, 'a name'),
      ...(await readKey(key)),
    });
    return `${partner.id}  ${partner.name}`;
  },
  async 'add-key'(database, [partnerId, ...key]) {
    const given = await readKey(key);
    await addPartnerKey(database, required(partnerId, 'a partner id'), given);
    return `${given.keyId} is a key of ${partnerId} now.`;
  },
  async 'revoke-key'(database, [keyId]) {
    await revokePartnerKey(database, required(keyId, 'a key id'));
    return `${keyId} is revoked: its signatures are refused from now on.`;
  },
  async list(database) {
    const lines = (await listPartners(database)).flatMap(({ id, name, keys }) => [
      `${id}  ${name}`,
      ...keys.map(
        (key) => `  ${key.keyId}  ${key.algorithm}${key.revokedAt ? `  revoked ${key.revokedAt}` : ''}`,
      ),
    ]);
    return lines.join('\n') || 'There are no partners yet.';
  },
};

async function readKey([keyId, algorithm, file]: string[]) {
  if (!algorithm || !algorithms.includes(algorithm)) {
    throw new UsageError(
      `The algorithm is ${algorithm ?? 'missing'}; expected one of ${algorithms.join(', ')}.`,
    );
  }
  return {
    keyId: required(keyId, 'a key id'),
    algorithm: algorithm as SignatureAlgorithm,
    publicKeyPem: await readFile(required(file, 'the file of the public key'), 'utf8').catch(
      (cause: Error) => {
        throw new UsageError(`The public key cannot be read: ${cause.message}.`);
      },
    ),
  };
}

function required(value: string | undefined, what: string): string {
  if (value) return value;
  throw new UsageError(`Give ${what}.`);
}

const [name = '', ...given] = process.argv.slice(2);
const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
try {
  if (!command) throw new UsageError(`Say what to do: ${Object.keys(commands).join(', ')}.`);
  const { DATABASE_URL } = loadConfig(z.object({ DATABASE_URL: databaseUrlVariable }));
  const database = openDatabase(DATABASE_URL, 'partner', 1);
  try {
    await reachDatabase(database);
    console.log(await command(database, given));
  } finally {
    await database.end();
  }
} catch (error) {
  const expected = [UsageError, PartnerError, PublicKeyError, ConfigError].some(
    (kind) => error instanceof kind,
  );
  console.error(expected ? (error as Error).message : error);
  process.exitCode = 1;
}
