/** Payments that are held for a person: what the chain says of their sequences, and the way on. */
import type { Address, PublicClient } from 'viem';
import { paymentRouterAbi } from '../../../core/abi/paymentRouter.ts';
import type { Deployment } from '../../../core/deployment.ts';
import type { ChainWitness } from '../../../platform/chainWitness.ts';
import { type Database, type Transaction, withTransaction } from '../../../platform/database.ts';
import type { voidHolds } from '../ledger/holds.ts';
import type { Lifecycle } from './lifecycle.ts';

/**
 * What a final block says of a held payment's sequence. `unused`: the chain could still settle it. `settled`: it did, as
 * instructed. `taken` by another payment, `cancelled` by the payer: it never will.
 */
export type SequenceFate = 'unused' | 'settled' | 'taken' | 'cancelled';

export interface HeldPayment {
  id: string;
  partnerId: string;
  currency: string;
  units: bigint;
  payer: Address;
  sequence: bigint;
  /** Why it was held, as its timeline has it. */
  reason: string | null;
  settlementBatchId: string;
  fate: SequenceFate;
  /** Of what the chain has under the sequence. */
  transactionHash: string | null;
}

export interface HeldParts {
  database: Database;
  chain: PublicClient;
  deployment: Deployment;
  witness: ChainWitness;
}

/** A held payment cannot be ended, or the chain cannot be asked; the message says what was found, expected and can be done. */
export class HeldRefused extends Error {
  override readonly name = 'HeldRefused';
  readonly code: 'not_held' | 'not_safe' | 'chain_doubtful';
  constructor(code: HeldRefused['code'], message: string) {
    super(message);
    this.code = code;
  }
}

interface Row extends Omit<HeldPayment, 'fate'> {
  /** What is indexed up to the final block is the payment; null when nothing is. */
  isOurs: boolean | null;
}

const HELD = `
  select p.id, p.partner_id as "partnerId", p.currency, p.units, a.payer, p.sequence,
         p.settlement_batch_id as "settlementBatchId", i.transaction_hash as "transactionHash",
         (i.outcome = 'settled' and i.token = a.token and i.recipient = p.recipient and i.amount = p.units) as "isOurs",
         (select t.detail->>'reason' from settlement.timeline t
           where t.payment_id = p.id and t.state = 'held' order by t.id desc limit 1) as reason
    from settlement.current_payments p
    join settlement.accounts a on a.id = p.account_id
    left join indexer.payments i on i.chain_id = a.chain_id and i.payer = a.payer and i.sequence = p.sequence
     and i.block_number <= $2
   where p.state = 'held' and a.chain_id = $1`;

/** Every held payment. @throws HeldRefused `chain_doubtful` */
export async function readHeld(parts: HeldParts): Promise<HeldPayment[]> {
  const { database, deployment } = parts;
  const finalNumber = await finalBlock(parts);
  const { rows } = await database.query<Row>(`${HELD} order by p.id`, [deployment.chainId, finalNumber]);
  return withFates(parts, finalNumber, rows);
}

/**
 * Ends a held payment that the chain can never settle: its money is free again, it is `returned`, and its partner is told; all
 * in one transaction.
 * @throws HeldRefused when it is not held, or the chain could still settle it, or did
 */
export async function failHeld(
  parts: HeldParts & { lifecycle: Lifecycle; ledger: { voidHolds: typeof voidHolds } },
  paymentId: string,
): Promise<HeldPayment> {
  const { database, deployment, lifecycle, ledger } = parts;
  const finalNumber = await finalBlock(parts);
  const { rows } = await database.query<Row>(`${HELD} and p.id = $3`, [
    deployment.chainId,
    finalNumber,
    paymentId,
  ]);
  const [payment] = await withFates(parts, finalNumber, rows);
  if (!payment)
    throw new HeldRefused('not_held', `The payment ${paymentId} is not held: there is nothing to end.`);
  refuseUnsafe(payment);
  // A final block stays, so what was found still holds; only that nobody ended the payment meanwhile is to be seen.
  await withTransaction(database, async (tx) => {
    await lifecycle.split(tx, [payment.settlementBatchId]);
    if (!(await markReturned(tx, lifecycle, payment)))
      throw new HeldRefused('not_held', `The payment ${paymentId} is not held any more: somebody ended it.`);
    await ledger.voidHolds(tx, [paymentId]);
  });
  return payment;
}

async function markReturned(
  tx: Transaction,
  lifecycle: Lifecycle,
  { id, fate, sequence, transactionHash }: HeldPayment,
): Promise<boolean> {
  const what = fate === 'cancelled' ? 'was cancelled by the payer' : 'was used for another payment';
  const moved = await lifecycle.transition(tx, 'returned', [
    {
      id,
      reason: {
        code: 'CUST',
        detail: `Its sequence ${sequence} ${what} on the chain; the money stayed there`,
      },
      detail: transactionHash ? { transactionHash } : {},
    },
  ]);
  return moved.length === 1;
}

function refuseUnsafe({ id, fate, payer, sequence, transactionHash }: HeldPayment): void {
  if (fate === 'unused')
    throw new HeldRefused(
      'not_safe',
      `The chain could still settle the payment ${id}: at the final block sequence ${sequence} of ${payer} is unused, expected used or cancelled. Let the payer call cancelSequences(${sequence}, 1) on the router, and come back when that is final.`,
    );
  if (fate === 'settled')
    throw new HeldRefused(
      'not_safe',
      `The chain has settled the payment ${id} as instructed, in transaction ${transactionHash}: it did not fail.`,
    );
}

/** The index's final block, if every node agrees that it is one. */
async function finalBlock({ database, deployment, witness }: HeldParts): Promise<bigint> {
  const { rows } = await database.query<{ number: bigint; hash: string }>(
    `select k.number, k.hash from indexer.cursors c
       join indexer.blocks k on k.chain_id = c.chain_id and k.number = c.final_number where c.chain_id = $1`,
    [deployment.chainId],
  );
  const [final] = rows;
  if (!final)
    throw new HeldRefused(
      'chain_doubtful',
      'Nothing of the chain is final in the index yet: let the indexer run.',
    );
  const doubt = await witness.doubtBlock(final);
  if (doubt) throw new HeldRefused('chain_doubtful', doubt.sentence);
  return final.number;
}

function withFates(
  { chain, deployment }: HeldParts,
  blockNumber: bigint,
  rows: readonly Row[],
): Promise<HeldPayment[]> {
  return Promise.all(
    rows.map(async ({ isOurs, ...payment }) => {
      const isUsed = await chain.readContract({
        address: deployment.paymentRouter,
        abi: paymentRouterAbi,
        functionName: 'isSequenceUsed',
        args: [payment.payer, payment.sequence],
        blockNumber,
      });
      const fate = !isUsed ? 'unused' : isOurs === null ? 'cancelled' : isOurs ? 'settled' : 'taken';
      return { ...payment, fate } as const;
    }),
  );
}
