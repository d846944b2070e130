/** Taking escrows in. */
import type { Deployment } from '../../../core/deployment.ts';
import type { Transaction } from '../../../platform/database.ts';
import { chainUnavailable } from '../../http/chainAsked.ts';
import { problemsOf } from '../../http/problems.ts';
import type { Assessed } from './assessment.ts';
import { escrowProblems } from './errors.ts';
import { lockCursor } from './follower.ts';
import type { EscrowLifecycle } from './lifecycle.ts';
import { insertRules } from './rules.ts';
import { findAgreed, findOnChain, insertEscrow } from './store.ts';

const problem = problemsOf(escrowProblems);

const RETRY_AFTER_SECONDS = 5;
const retryLater = { 'retry-after': String(RETRY_AFTER_SECONDS) };

export interface EscrowServiceParts {
  lifecycle: EscrowLifecycle;
  deployment: Deployment;
  /** How many that have not ended a partner may have: nobody pays us for the network's fee. */
  openLimit: number;
}

export type EscrowService = ReturnType<typeof createEscrowService>;

export function createEscrowService({ lifecycle, deployment, openLimit }: EscrowServiceParts) {
  const { chainId, escrow } = deployment;

  /**
   * Writes an escrow whose terms the contract would take, in the caller's transaction.
   * @returns its id
   * @throws Problem `escrows_open`, `escrow_taken`, `chain_unavailable`
   */
  async function create(tx: Transaction, partnerId: string, assessed: Assessed): Promise<string> {
    await tx.query(`select pg_advisory_xact_lock(hashtextextended('escrows of ' || $1, 0))`, [partnerId]);
    const open = await tx.query(
      `select from settlement.escrows
        where partner_id = $1 and status in ('created', 'authorizing', 'authorized', 'disputed') limit $2`,
      [partnerId, openLimit],
    );
    if (open.rowCount === openLimit)
      throw problem('escrows_open', `${openLimit} of at most ${openLimit} are open.`, [], retryLater);
    const { escrowId, twinIds } = assessed;
    // Whatever the chain does from here on, the follower takes in; what it did before would be missed.
    if ((await lockCursor(tx, chainId, 'share')) === undefined)
      throw chainUnavailable('The ledger has no final block yet.');
    const ids = [escrowId, ...twinIds];
    const taken =
      (await findAgreed(tx, chainId, escrow, ids)) ?? (await findOnChain(tx, chainId, escrow, ids));
    const id = taken ? undefined : await insertEscrow(tx, partnerId, { chainId, escrow }, assessed);
    if (!id) throw problem('escrow_taken', `The escrow ${taken ?? escrowId} is known already.`);
    await insertRules(tx, id, assessed.rules);
    await lifecycle.begin(tx, id);
    return id;
  }

  return { create };
}
