import { type Database, isUniqueViolation, oneRow, withTransaction } from '../../../platform/database.ts';
import type { SignatureAlgorithm } from '../../../platform/http/signedFetch.ts';
import { fitPublicKey } from './publicKey.ts';

/** A public key under which a partner's requests are verified. */
export interface PublicKeyGiven {
  /** The `keyid` of the signatures: unique over all partners, 1 to 100 of A-Z a-z 0-9 . _ : - */
  keyId: string;
  algorithm: SignatureAlgorithm;
  publicKeyPem: string;
}

/** A partner or key that cannot be registered or revoked; the message is a sentence for the operator. */
export class PartnerError extends Error {
  override readonly name = 'PartnerError';
  readonly code:
    | 'key_id_malformed'
    | 'key_id_taken'
    | 'key_not_found'
    | 'partner_not_found'
    | 'name_malformed';

  constructor(code: PartnerError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

/**
 * Registers a partner with its first key. Repeating it makes another partner, so the key id is refused then.
 * @returns the partner's id, `ptn_...`
 * @throws PartnerError, PublicKeyError
 */
export async function registerPartner(
  database: Database,
  given: { name: string } & PublicKeyGiven,
): Promise<{ id: string; name: string }> {
  const name = given.name.trim();
  if (name.length < 1 || name.length > 140) {
    throw new PartnerError('name_malformed', `The name has ${name.length} characters, expected 1 to 140.`);
  }
  return withTransaction(database, async (tx) => {
    const partner = oneRow(
      await tx.query<{ id: string }>('insert into settlement.partners (name) values ($1) returning id', [
        name,
      ]),
    );
    await insertKey(tx, partner.id, given);
    return { id: partner.id, name };
  });
}

/** Adds a key to a partner. To rotate, add the new one, let the partner switch, revoke the old one. */
export async function addPartnerKey(
  database: Database,
  partnerId: string,
  given: PublicKeyGiven,
): Promise<void> {
  const { rowCount } = await database.query('select from settlement.partners where id = $1', [partnerId]);
  if (rowCount === 0) throw new PartnerError('partner_not_found', `There is no partner ${partnerId}.`);
  await insertKey(database, partnerId, given);
}

/** Revokes a key: its signatures are refused from the next request on. A revoked key never comes back. */
export async function revokePartnerKey(database: Database, keyId: string): Promise<void> {
  const { rowCount } = await database.query(
    'update settlement.partner_keys set revoked_at = coalesce(revoked_at, now()) where key_id = $1',
    [keyId],
  );
  if (rowCount === 0) throw new PartnerError('key_not_found', `There is no key ${keyId}.`);
}

export interface PartnerListing {
  id: string;
  name: string;
  createdAt: Date;
  keys: { keyId: string; algorithm: SignatureAlgorithm; revokedAt: string | null }[];
}

/** Every partner with its keys, oldest first. */
export async function listPartners(database: Database): Promise<PartnerListing[]> {
  const { rows } = await database.query<PartnerListing>(
    `select p.id, p.name, p.created_at as "createdAt",
            json_agg(json_build_object('keyId', k.key_id, 'algorithm', k.algorithm, 'revokedAt', k.revoked_at)
                     order by k.created_at) as keys
       from settlement.partners p join settlement.partner_keys k on k.partner_id = p.id
      group by p.id order by p.id`,
  );
  return rows;
}

async function insertKey(
  queryable: Pick<Database, 'query'>,
  partnerId: string,
  { keyId, algorithm, publicKeyPem }: PublicKeyGiven,
): Promise<void> {
  if (!/^[\w.:-]{1,100}$/.test(keyId)) {
    throw new PartnerError('key_id_malformed', `The key id ${keyId} is not 1 to 100 of A-Z a-z 0-9 . _ : -`);
  }
  try {
    await queryable.query(
      'insert into settlement.partner_keys (key_id, partner_id, algorithm, public_key_pem) values ($1, $2, $3, $4)',
      [keyId, partnerId, algorithm, fitPublicKey(algorithm, publicKeyPem)],
    );
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    throw new PartnerError('key_id_taken', `The key id ${keyId} is taken. Choose another one.`);
  }
}
