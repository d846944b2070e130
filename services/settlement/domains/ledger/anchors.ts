/** The ledger's heads on their way to the chain, as the database keeps them. */
import type { Hex } from 'viem';
import { oneRow, type Queryable } from '../../../platform/database.ts';
import type { Fees } from '../../../platform/signer.ts';
import type { AnchorEvent } from './anchorEvents.ts';

export interface LedgerHead {
  ledgerId: Hex;
  number: bigint;
  head: Hex;
}

export interface SignedAnchor extends Fees {
  nonce: number;
  gas: bigint;
  raw: Hex;
  signedAtBlock: bigint;
}

/** A head whose event is not final yet. There is one at most. */
export interface OpenAnchor extends LedgerHead, SignedAnchor {
  /** Its event is in no block before. */
  sinceBlock: bigint;
}

/** The head, if it has grown since it was anchored last and that is `intervalSeconds` ago; else undefined. */
export async function readDueHead(
  database: Queryable,
  intervalSeconds: number,
): Promise<LedgerHead | undefined> {
  const { rows } = await database.query<{ ledger_id: Hex; number: bigint; hash: Hex }>(
    `select ledger_id, number, hash from settlement.ledger_head h
      where number > 0 and not exists (
              select from settlement.ledger_anchors a
               where a.ledger_id = h.ledger_id and (a.number >= h.number or a.created_at > now() - $1 * interval '1 second'))`,
    [intervalSeconds],
  );
  return rows[0] && { ledgerId: rows[0].ledger_id, number: rows[0].number, head: rows[0].hash };
}

/** The seal of a posting; undefined when there are not so many. */
export async function readSeal(database: Queryable, number: bigint): Promise<Hex | undefined> {
  if (number >= 2n ** 63n) return undefined; // the contract counts further than a bigint column
  const { rows } = await database.query<{ hash: Hex }>(
    'select hash from settlement.ledger_seals where number = $1',
    [number],
  );
  return rows[0]?.hash;
}

export async function readOpenAnchor(database: Queryable): Promise<OpenAnchor | undefined> {
  const { rows } = await database.query<{
    ledger_id: Hex;
    number: bigint;
    head: Hex;
    since_block: bigint;
    nonce: bigint;
    raw_transaction: Hex;
    gas: bigint;
    max_fee_per_gas: bigint;
    max_priority_fee_per_gas: bigint;
    signed_at_block: bigint;
  }>('select * from settlement.ledger_anchors where block_number is null');
  const [row] = rows;
  return (
    row && {
      ledgerId: row.ledger_id,
      number: row.number,
      head: row.head,
      sinceBlock: row.since_block,
      nonce: Number(row.nonce),
      raw: row.raw_transaction,
      gas: row.gas,
      maxFeePerGas: row.max_fee_per_gas,
      maxPriorityFeePerGas: row.max_priority_fee_per_gas,
      signedAtBlock: row.signed_at_block,
    }
  );
}

/** Stores the signed bytes of a head. @returns false when another process has been first. */
export async function storeAnchor(
  database: Queryable,
  { ledgerId, number, head }: LedgerHead,
  signed: SignedAnchor,
): Promise<boolean> {
  const { rowCount } = await database.query(
    `insert into settlement.ledger_anchors
       (ledger_id, number, head, nonce, raw_transaction, gas, max_fee_per_gas, max_priority_fee_per_gas, signed_at_block,
        since_block)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9) on conflict do nothing`,
    [ledgerId, number, head, ...columns(signed)],
  );
  return rowCount === 1;
}

/** Stores other bytes in place of those that were read. @returns false when another process has been first. */
export async function storeAgain(
  database: Queryable,
  { ledgerId, number, raw }: OpenAnchor,
  signed: SignedAnchor,
): Promise<boolean> {
  const { rowCount } = await database.query(
    `update settlement.ledger_anchors
        set nonce = $4, raw_transaction = $5, gas = $6, max_fee_per_gas = $7, max_priority_fee_per_gas = $8, signed_at_block = $9
      where ledger_id = $1 and number = $2 and raw_transaction = $3 and block_number is null`,
    [ledgerId, number, raw, ...columns(signed)],
  );
  return rowCount === 1;
}

function columns(signed: SignedAnchor) {
  const { nonce, raw, gas, maxFeePerGas, maxPriorityFeePerGas, signedAtBlock } = signed;
  return [nonce, raw, gas, maxFeePerGas, maxPriorityFeePerGas, signedAtBlock];
}

/** Notes where a head's final event is, if the index has that very block. */
export async function closeAnchor(database: Queryable, chainId: number, event: AnchorEvent): Promise<void> {
  await database.query(
    `update settlement.ledger_anchors a set block_number = b.number, block_hash = b.hash, transaction_hash = $5
       from indexer.blocks b
      where b.chain_id = $1 and b.hash = $2 and a.ledger_id = $3 and a.number = $4 and a.block_number is null`,
    [chainId, event.blockHash, event.ledgerId, event.number, event.transactionHash],
  );
}

/** How many postings no final anchor covers, and how old the oldest of them is. */
export async function readUnanchored(database: Queryable): Promise<{ postings: number; seconds: number }> {
  return oneRow(
    await database.query<{ postings: number; seconds: number }>(
      `with anchored as (
         select coalesce(max(a.number), 0) as number from settlement.ledger_head h
           join settlement.ledger_anchors a on a.ledger_id = h.ledger_id and a.block_number is not null
       )
       select (h.number - n.number)::float8 as postings,
              coalesce(extract(epoch from now() - p.booked_at), 0)::float8 as seconds
         from settlement.ledger_head h cross join anchored n
         left join settlement.ledger_seals s on s.number = n.number + 1
         left join settlement.ledger_postings p on p.id = s.posting_id`,
    ),
  );
}
