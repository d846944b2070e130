/** The split that each party signed last, until the other has signed the same. */
import type { Hex } from 'viem';
import type { EscrowSplit } from '../../../core/evm/escrowTerms.ts';
import type { Queryable, Transaction } from '../../../platform/database.ts';

export type Party = 'payer' | 'payee';

export interface SignedSplit {
  party: Party;
  split: EscrowSplit;
  signature: Hex;
}

const SAME_SPLIT = 'payee_units = $2 and payer_units = $3 and fee_bps = $4 and deadline = $5';

/** Who has signed exactly this split, and how. */
export async function readSignatures(
  database: Queryable,
  escrowId: string,
  split: EscrowSplit,
): Promise<Partial<Record<Party, Hex>>> {
  const { rows } = await database.query<{ party: Party; signature: Hex }>(
    `select party, signature from settlement.escrow_releases where escrow_id = $1 and ${SAME_SPLIT}`,
    [escrowId, split.payeeAmount, split.payerAmount, split.feeBps, split.deadline],
  );
  return Object.fromEntries(rows.map(({ party, signature }) => [party, signature]));
}

/**
 * Keeps what a party signed, in place of what it signed before.
 * @returns false when the other party's signature of the same split came meanwhile: then both are to be called for.
 */
export async function keepSignature(
  tx: Transaction,
  escrowId: string,
  { party, split, signature }: SignedSplit,
): Promise<boolean> {
  await tx.query('select from settlement.escrows where id = $1 for update', [escrowId]);
  const others = await readSignatures(tx, escrowId, split);
  if (others[party === 'payer' ? 'payee' : 'payer']) return false;
  await tx.query(
    `insert into settlement.escrow_releases (escrow_id, party, payee_units, payer_units, fee_bps, deadline, signature)
     values ($1, $6, $2, $3, $4, $5, $7)
     on conflict (escrow_id, party) do update
        set payee_units = $2, payer_units = $3, fee_bps = $4, deadline = $5, signature = $7, signed_at = now(),
            is_reminded = false`,
    [escrowId, split.payeeAmount, split.payerAmount, split.feeBps, split.deadline, party, signature],
  );
  return true;
}
