/** Taking authorised payments in. */
import type { Deployment } from '../../../core/deployment.ts';
import { formatMoney } from '../../../core/money.ts';
import { oneRow, type Transaction } from '../../../platform/database.ts';
import { problemsOf } from '../../http/problems.ts';
import type { insertCall } from '../lanes/calls.ts';
import { type Assessed, MOST_GAS } from './assessment.ts';
import { authorizedPaymentProblems } from './errors.ts';
import type { AuthorizedPaymentLifecycle } from './lifecycle.ts';
import { insertAuthorizedPayment } from './store.ts';

const problem = problemsOf(authorizedPaymentProblems);

/** The kind of the calls that carry these payments. */
export const AUTHORIZED_PAYMENT = 'authorized_payment';

/**
 * Errors after which the contract will never take the call. A signature that is not good (any more) is none: a contract
 * account may accept it again. That a time is over is told by the call's own end.
 */
const hopelessErrors = ['AuthorizationAlreadyUsed'];

const RETRY_AFTER_SECONDS = 5;

export interface AuthorizedPaymentParts {
  lifecycle: AuthorizedPaymentLifecycle;
  deployment: Deployment;
  insertCall: typeof insertCall;
  /** How many a partner may have open at once: nobody pays us for the network's fee. */
  openLimit: number;
}

export type AuthorizedPaymentService = ReturnType<typeof createAuthorizedPaymentService>;

export function createAuthorizedPaymentService(parts: AuthorizedPaymentParts) {
  const { lifecycle, deployment, insertCall, openLimit } = parts;
  const { chainId, paymentRouter: router } = deployment;

  /**
   * Takes a payment that the chain would make, together with the call that makes it, in the caller's transaction.
   * @returns its id
   * @throws Problem `authorized_payments_open`, `authorization_taken`, or `authorization_refused` when what the payer has
   * does not pay for this and the payer's other open ones
   */
  async function accept(tx: Transaction, partnerId: string, assessed: Assessed): Promise<string> {
    const { token, payer, nonce } = assessed;
    await lock(tx, `partner ${partnerId}`);
    const open = await tx.query(
      `select from settlement.authorized_payments where partner_id = $1 and status in ('accepted', 'processing')
        limit $2`,
      [partnerId, openLimit],
    );
    if (open.rowCount === openLimit)
      throw problem('authorized_payments_open', `${openLimit} of at most ${openLimit} are open.`, [], {
        'retry-after': String(RETRY_AFTER_SECONDS),
      });
    const authorizer = [chainId, token.toLowerCase(), payer.toLowerCase()];
    await lock(tx, `payer ${authorizer.join(' ')}`);
    const taken = await tx.query(
      `select from settlement.authorized_payments where chain_id = $1 and token = $2 and payer = $3 and nonce = $4`,
      [...authorizer, nonce],
    );
    if (taken.rowCount !== 0)
      throw problem('authorization_taken', `The authorisation ${nonce} of ${payer} was handed in before.`);
    await requireCover(tx, authorizer, assessed);

    const callId = await insertCall(tx, {
      chainId,
      kind: AUTHORIZED_PAYMENT,
      to: router,
      data: assessed.data,
      notBefore: assessed.validAfter + 1n,
      notAfter: assessed.validBefore - 1n,
      mostGas: MOST_GAS,
      hopelessErrors,
    });
    const id = await insertAuthorizedPayment(tx, partnerId, callId, chainId, assessed);
    await lifecycle.begin(tx, id);
    return id;
  }

  return { accept };
}

/**
 * Several that share one balance would pass each for itself, and all but one cost a fee for nothing. What an open one took
 * in a block, by which the balance was read, is not in it any more.
 */
async function requireCover(
  tx: Transaction,
  authorizer: readonly unknown[],
  { amount, balance, blockNumber, currency }: Assessed,
): Promise<void> {
  const { units } = oneRow(
    await tx.query<{ units: bigint }>(
      `select coalesce(sum(p.units), 0) as units from settlement.authorized_payments p
        where p.chain_id = $1 and p.token = $2 and p.payer = $3 and p.status in ('accepted', 'processing')
          and not exists (select from indexer.authorizations a
                           where a.chain_id = p.chain_id and a.token = p.token and a.authorizer = p.payer
                             and a.nonce = p.nonce and a.block_number <= $4)`,
      [...authorizer, blockNumber],
    ),
  );
  if (units + amount <= balance) return;
  const show = (value: bigint) => `${formatMoney({ currency, units: value })} ${currency}`;
  const detail = `The payer has ${show(balance)}, of which ${show(units)} are for payments that are open`;
  const expected = 'at most what is left: wait until those have ended, or pay less';
  throw problem('authorization_refused', `${detail}.`, [
    { code: 'balance_insufficient', pointer: '/amount', detail, expected },
  ]);
}

/** Until the end of the transaction; the partner's before the payer's. */
async function lock(tx: Transaction, name: string): Promise<void> {
  await tx.query(`select pg_advisory_xact_lock(hashtextextended('authorized payments of ' || $1, 0))`, [
    name,
  ]);
}
