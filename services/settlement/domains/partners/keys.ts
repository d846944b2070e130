import type { Database } from '../../../platform/database.ts';
import { gathered } from '../../../platform/gather.ts';
import type { PartnerKeys } from '../../http/authenticate.ts';

/** Of requests that come at once. */
const COMPANY_MS = 5;

/** What authentication asks: the key by its id, and whether a nonce is new. Requests that come at once ask together. */
export function partnerKeys(database: Database): PartnerKeys {
  return {
    find: gathered(async (keyIds) => {
      const { rows } = await database.query<KeyRow>(
        `select k.key_id, p.id, p.name, k.algorithm, k.public_key_pem, k.revoked_at is not null as revoked,
                floor(extract(epoch from clock_timestamp()))::bigint as now
           from settlement.partner_keys k join settlement.partners p on p.id = k.partner_id
          where k.key_id = any($1)`,
        [keyIds],
      );
      const found = new Map(rows.map((row) => [row.key_id, row]));
      return keyIds.map((keyId) => {
        const row = found.get(keyId);
        if (!row) return undefined;
        return {
          partner: { id: row.id, name: row.name, keyId },
          algorithm: row.algorithm,
          publicKeyPem: row.public_key_pem,
          revoked: row.revoked,
          nowSeconds: Number(row.now),
        };
      });
    }, COMPANY_MS),

    useNonce: gathered(async (uses) => {
      // In one order in every process, so that none waits for another that waits for it.
      const { rows } = await database.query<{ key_id: string; nonce: string }>(
        `insert into settlement.signature_nonces (key_id, nonce, expires_at)
         select key_id, nonce, to_timestamp(keep_until)
           from unnest($1::text[], $2::text[], $3::float8[]) as used (key_id, nonce, keep_until)
          order by key_id, nonce
         on conflict do nothing returning key_id, nonce`,
        [
          uses.map(({ keyId }) => keyId),
          uses.map(({ nonce }) => nonce),
          uses.map(({ keepUntilSeconds }) => keepUntilSeconds),
        ],
      );
      const nameOf = (keyId: string, nonce: string) => `${keyId.length} ${keyId}${nonce}`;
      const fresh = new Set(rows.map(({ key_id, nonce }) => nameOf(key_id, nonce)));
      return uses.map(({ keyId, nonce }) => fresh.delete(nameOf(keyId, nonce))); // the first of two that came at once
    }, COMPANY_MS),
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
  key_id: string;
  id: string;
  name: string;
  algorithm: 'ed25519' | 'ecdsa-p256-sha256' | 'rsa-pss-sha512';
  public_key_pem: string;
  revoked: boolean;
  now: bigint;
}
