import type { Database } from '../../../platform/database.ts';
import type { PartnerKeys } from '../../http/authenticate.ts';

/** What authentication asks: the key by its id, and whether a nonce is new. */
export function partnerKeys(database: Database): PartnerKeys {
  return {
    async find(keyId) {
      const { rows } = await database.query<KeyRow>(
        `select p.id, p.name, k.algorithm, k.public_key_pem, k.revoked_at is not null as revoked,
                floor(extract(epoch from clock_timestamp()))::bigint as now
           from settlement.partner_keys k join settlement.partners p on p.id = k.partner_id
          where k.key_id = $1`,
        [keyId],
      );
      const [row] = rows;
      if (!row) return undefined;
      return {
        partner: { id: row.id, name: row.name, keyId },
        algorithm: row.algorithm,
        publicKeyPem: row.public_key_pem,
        revoked: row.revoked,
        nowSeconds: Number(row.now),
      };
    },

    async useNonce(keyId, nonce, keepUntilSeconds) {
      const { rowCount } = await database.query(
        `insert into settlement.signature_nonces (key_id, nonce, expires_at) values ($1, $2, to_timestamp($3))
         on conflict do nothing`,
        [keyId, nonce, keepUntilSeconds],
      );
      return rowCount === 1;
    },
  };
}

/** Forgets nonces whose signatures are stale by now. @returns true when there may be more */
export async function forgetStaleNonces(database: Database): Promise<boolean> {
  const limit = 10_000;
  const { rowCount } = await database.query(
    `delete from settlement.signature_nonces where (key_id, nonce) in (
       select key_id, nonce from settlement.signature_nonces where expires_at < now() limit $1)`,
    [limit],
  );
  return rowCount === limit;
}

interface KeyRow {
  id: string;
  name: string;
  algorithm: 'ed25519' | 'ecdsa-p256-sha256' | 'rsa-pss-sha512';
  public_key_pem: string;
  revoked: boolean;
  now: bigint;
}
