/** Escrows as PostgreSQL keeps them. */
import type { Address, Hex } from 'viem';
import type { z } from 'zod';
import type { EscrowTerms } from '../../../core/evm/escrowTerms.ts';
import { isIdentifier } from '../../../core/identifier.ts';
import type { Queryable, Transaction } from '../../../platform/database.ts';
import type { Assessed } from './assessment.ts';
import { CREDITS_SHOWN, type Escrow, type EscrowStatus, type escrowQuery } from './schema.ts';

export interface EscrowRow {
  id: string;
  partner_id: string;
  chain_id: bigint;
  contract: Address;
  escrow_id: Hex;
  currency: string;
  units: bigint;
  terms: StoredTerms;
  coin_name: string;
  signer: Address | null;
  status: EscrowStatus;
  /** By what is final; token units. */
  authorized: bigint;
  capturable: bigint;
  captured: bigint;
  returned: bigint;
  refunded: bigint;
  ruling_deadline: bigint | null;
  rules:
    | {
        asked: { when: object; do: object };
        held_block: number | null;
        is_done: boolean;
        failure: 'amount_not_held' | null;
      }[]
    | null;
  releases:
    | { party: 'payer' | 'payee'; payee: string; payer: string; fee_bps: number; deadline: number }[]
    | null;
  credits:
    | {
        account: Address;
        units: string;
        /** The contract's event of whose money it is. */
        event: string;
        hash: Hex;
        /** Of its withdrawal; Unix seconds by the chain's clock. */
        withdrawn_s: number | null;
        withdrawn_hash: Hex | null;
      }[]
    | null;
  created_at: Date;
  updated_at: Date;
}

/** JSON has no numbers of 256 bits. */
type StoredTerms = Omit<EscrowTerms, 'amount' | 'salt' | 'milestones'> & {
  amount: string;
  salt: string;
  milestones: readonly string[];
};

/** The terms as they were agreed upon. */
export function termsOfRow({ terms }: Pick<EscrowRow, 'terms'>): EscrowTerms {
  const { amount, salt, milestones } = terms;
  return { ...terms, amount: BigInt(amount), salt: BigInt(salt), milestones: milestones.map(BigInt) };
}

/** What the chain did by the final blocks that were taken in. */
const STANDING = `
  left join settlement.escrow_cursors u on u.chain_id = s.chain_id
  left join lateral (
    select coalesce(sum(e.put_in), 0) as authorized,
           coalesce(sum(e.put_in - e.to_payee - e.to_payer), 0) as capturable,
           coalesce(sum(e.to_payee), 0) as captured, coalesce(sum(e.to_payer), 0) as returned,
           coalesce(sum(e.refunded), 0) as refunded
      from indexer.escrow_events e
     where e.chain_id = s.chain_id and e.escrow_id = s.escrow_id and e.contract = s.contract
       and e.block_number <= u.block_number
  ) t on true`;

const select = `
  select s.id, s.partner_id, s.chain_id, s.contract, s.escrow_id, s.currency, s.units, s.terms, s.coin_name, s.signer, s.status, s.ruling_deadline,
         s.created_at, s.updated_at, t.*,
         (select json_agg(json_build_object('asked', r.asked, 'held_block', r.held_block, 'is_done', r.is_done,
                                           'failure', r.failure)
                          order by r.position)
            from settlement.escrow_rules r where r.escrow_id = s.id) as rules,
         (select json_agg(json_build_object('party', e.party, 'payee', e.payee_units::text, 'payer', e.payer_units::text,
                                            'fee_bps', e.fee_bps, 'deadline', e.deadline) order by e.party)
            from settlement.escrow_releases e
           where e.escrow_id = s.id and s.status in ('authorized', 'disputed')
             and e.deadline >= (select b.timestamp_s from indexer.blocks b
                                 where b.chain_id = s.chain_id and b.number = u.block_number)) as releases,
         (select json_agg(json_build_object('account', c.account, 'units', c.amount::text, 'event', c.name,
                                            'hash', c.transaction_hash, 'withdrawn_s', k.timestamp_s,
                                            'withdrawn_hash', case when k.number is not null then c.withdrawn_transaction_hash end)
                          order by c.block_number, c.log_index)
            from (select * from indexer.escrow_credits c
                   where c.chain_id = s.chain_id and c.id = s.escrow_id and c.contract = s.contract
                     and c.block_number <= u.block_number
                   order by c.block_number desc, c.log_index desc limit ${CREDITS_SHOWN}) c
            left join indexer.blocks k
              on k.chain_id = c.chain_id and k.number = c.withdrawn_block and k.number <= u.block_number) as credits
    from settlement.escrows s ${STANDING}`;

/** The escrows of these ids, in the order of ids. */
export async function readEscrows(database: Queryable, ids: readonly string[]): Promise<EscrowRow[]> {
  const { rows } = await database.query<EscrowRow>(`${select} where s.id = any($1) order by s.id`, [ids]);
  return rows;
}

/** One of a partner; undefined when there is none, or it is another partner's. */
export async function findEscrow(
  database: Queryable,
  partnerId: string,
  id: string,
): Promise<EscrowRow | undefined> {
  if (!isIdentifier(id)) return undefined;
  const { rows } = await database.query<EscrowRow>(`${select} where s.partner_id = $1 and s.id = $2`, [
    partnerId,
    id,
  ]);
  return rows[0];
}

/** Up to `limit` + 1 of a partner, newest first. */
export async function listEscrows(
  database: Queryable,
  partnerId: string,
  { limit, cursor, status, party }: z.output<typeof escrowQuery>,
): Promise<EscrowRow[]> {
  const { rows } = await database.query<EscrowRow>(
    `${select}
      where s.partner_id = $1 and ($2::text is null or s.id < $2) and ($3::text is null or s.status = $3)
        and ($4::text is null or $4 in (s.terms ->> 'payer', s.terms ->> 'payee', s.terms ->> 'arbiter'))
      order by s.id desc limit $5`,
    [partnerId, cursor, status, party?.toLowerCase(), limit + 1],
  );
  return rows;
}

export type EscrowEvent = NonNullable<Escrow['events']>[number];

/** The timeline of an escrow, oldest first. */
export async function readTimeline(database: Queryable, id: string): Promise<EscrowEvent[]> {
  const { rows } = await database.query<{ at: Date; state: string; detail: EscrowEvent['detail'] }>(
    'select at, state, detail from settlement.escrow_events where escrow_id = $1 order by id',
    [id],
  );
  return rows.map(({ at, ...event }) => ({ at: at.toISOString(), ...event }));
}

/** Writes an escrow. @returns its id; undefined when one of these terms is known */
export async function insertEscrow(
  tx: Transaction,
  partnerId: string,
  contract: { chainId: number; escrow: Address },
  { currency, terms, escrowId, coinName, signer }: Assessed,
): Promise<string | undefined> {
  const stored = JSON.stringify(terms, (_, part) => {
    if (typeof part === 'bigint') return String(part);
    return typeof part === 'string' ? part.toLowerCase() : part;
  });
  const { rows } = await tx.query<{ id: string }>(
    `insert into settlement.escrows
       (partner_id, chain_id, contract, escrow_id, currency, units, terms, coin_name, signer, authorization_expiry,
        capture_expiry, refund_expiry)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
     on conflict (chain_id, contract, escrow_id) do nothing returning id`,
    [
      partnerId,
      contract.chainId,
      contract.escrow.toLowerCase(),
      escrowId,
      currency,
      terms.amount,
      stored,
      coinName,
      signer?.toLowerCase(),
      terms.authorizationExpiry,
      terms.captureExpiry,
      terms.refundExpiry,
    ],
  );
  return rows[0]?.id;
}

/** Signers of ours whose lanes work, in the same order for every process. */
export async function readSigners(database: Queryable, chainId: number): Promise<Address[]> {
  const { rows } = await database.query<{ signer: Address }>(
    `select signer from settlement.lanes
      where chain_id = $1 and state in ('ready', 'not_operator') and lease_until > now() order by signer`,
    [chainId],
  );
  return rows.map(({ signer }) => signer);
}

/** Every signer that was ever ours on this chain, also those whose lanes have stopped. */
export async function readFormerSigners(database: Queryable, chainId: number): Promise<Address[]> {
  const { rows } = await database.query<{ signer: Address }>(
    'select signer from settlement.lanes where chain_id = $1 order by signer',
    [chainId],
  );
  return rows.map(({ signer }) => signer);
}

/** The first of these escrows that somebody has agreed upon by the API; undefined when nobody has any of them. */
export async function findAgreed(
  database: Queryable,
  chainId: number,
  contract: Address,
  escrowIds: readonly Hex[],
): Promise<Hex | undefined> {
  const { rows } = await database.query<{ id: Hex }>(
    `select escrow_id as id from settlement.escrows
      where chain_id = $1 and contract = $2 and escrow_id = any($3) order by escrow_id limit 1`,
    [chainId, contract.toLowerCase(), escrowIds],
  );
  return rows[0]?.id;
}

/** The first of these escrows of which the index has something, at whatever block; undefined when it has nothing of any. */
export async function findOnChain(
  database: Queryable,
  chainId: number,
  contract: Address,
  escrowIds: readonly Hex[],
): Promise<Hex | undefined> {
  const { rows } = await database.query<{ id: Hex }>(
    `select id from unnest($3::text[]) with ordinality as asked (id, place)
      where exists (select from indexer.escrow_events
                     where chain_id = $1 and contract = $2 and escrow_id = asked.id)
      order by place limit 1`,
    [chainId, contract.toLowerCase(), escrowIds],
  );
  return rows[0]?.id;
}
