/** Escrows that are put in out of a partner's account: by its wallet's allowance, within the limit that the wallet gave our signers. */
import { type Address, encodeFunctionData, type Hex, isAddressEqual, type PublicClient } from 'viem';
import { escrowAbi } from '../../../core/abi/escrow.ts';
import { stablecoinAbi } from '../../../core/abi/stablecoin.ts';
import { formatMoney } from '../../../core/money.ts';
import type { Database, Queryable, Transaction } from '../../../platform/database.ts';
import type { Fault } from '../../../platform/http/problem.ts';
import type { postHolds } from '../ledger/holds.ts';
import { type EscrowRow, termsOfRow } from './store.ts';

/** Where the fault is in the request. */
const WAY = '/way';

/** What an account needs for an escrow, and has not. */
interface AccountFinding {
  /** The partner's account whose wallet is the payer. */
  accountId: string | undefined;
  faults: Fault[];
}

/** The call that puts the whole amount in; any signer may make it that the payer let spend its money. */
export function authorizeForData(row: EscrowRow): Hex {
  const terms = termsOfRow(row);
  return encodeFunctionData({ abi: escrowAbi, functionName: 'authorizeFor', args: [terms, terms.amount] });
}

/** What stands between the account's wallet and the escrow after a block: whose wallet it is, freeze, allowance, limits. */
export async function assessAccount(
  { database, chain, signers }: { database: Database; chain: PublicClient; signers: readonly Address[] },
  row: EscrowRow,
  blockNumber: bigint,
): Promise<AccountFinding> {
  const accountId = await findAccount(database, row);
  const { payer, token } = row.terms;
  const { contract, units, currency } = row;
  const faults: Fault[] = [];
  const fault = (code: string, detail: string, expected: string) =>
    faults.push({ code, pointer: WAY, detail, expected });
  if (!accountId) {
    fault(
      'account_unknown',
      `The payer ${payer} is the wallet of no account of yours in ${currency}`,
      'terms whose payer is the wallet of one of GET /v1/accounts; another payer signs',
    );
    return { accountId, faults };
  }
  const coin = { address: token, abi: stablecoinAbi, blockNumber } as const;
  const [isFrozen, allowance, ...limits] = await Promise.all([
    chain.readContract({ ...coin, functionName: 'isFrozen', args: [payer] }),
    chain.readContract({ ...coin, functionName: 'allowance', args: [payer, contract] }),
    ...signers.map((signer) =>
      chain.readContract({
        address: contract,
        abi: escrowAbi,
        functionName: 'operatorAllowance',
        args: [payer, signer, token],
        blockNumber,
      }),
    ),
  ]);
  const show = (amount: bigint) => `${formatMoney({ currency, units: amount })} ${currency}`;
  if (isFrozen) fault('payer_frozen', `${payer} is frozen`, 'an account whose wallet can pay');
  if (allowance < units)
    fault(
      'escrow_not_approved',
      `The escrow may take ${show(allowance)} from ${payer}`,
      `at least ${show(units)}: let the wallet approve ${contract}`,
    );
  limits.forEach(([available], index) => {
    if (available < units)
      fault(
        'operator_limit_exceeded',
        `${signers[index]} may put ${show(available)} of ${payer} into escrow now`,
        `at least ${show(units)}: let the wallet call authorizeOperator of ${contract}`,
      );
  });
  return { accountId, faults };
}

/** Too little of the account's money is not reserved: told as payments tell it. */
export function tooLittleFault({ currency, units }: EscrowRow): Fault {
  return {
    code: 'AM04',
    pointer: WAY,
    detail: `The account has less than ${formatMoney({ currency, units })} ${currency} that is not reserved`,
    expected: 'an account with that much available, as GET /v1/accounts shows it',
  };
}

/**
 * Ends the holds of escrows whose money is in the contract by a posted block, whoever put it there: the wallet itself may have been
 * faster. Called in the transaction that posts the blocks, so that no amount counts twice, or not at all, between two commits.
 */
export async function postAuthorized(
  tx: Transaction,
  ledger: { postHolds: typeof postHolds },
  chainId: number,
  posted: bigint,
): Promise<void> {
  const { rows } = await tx.query<{ id: string }>(
    `select a.id
       from settlement.escrow_actions a
       join settlement.escrows s on s.id = a.escrow_id and s.chain_id = $1
      where a.state = 'open' and a.verb = 'authorize'
        and exists (select from settlement.holds h where h.payment_id = a.id and h.state = 'pending')
        and exists (select from indexer.escrow_events e
                     where e.chain_id = s.chain_id and e.contract = s.contract and e.escrow_id = s.escrow_id
                       and e.put_in > 0 and e.block_number <= $2)`,
    [chainId, posted],
  );
  await ledger.postHolds(
    tx,
    rows.map(({ id }) => id),
  );
}

/** Signers of ours whose lanes work: any of them may carry the call. */
export async function readSigners(database: Queryable, chainId: number): Promise<Address[]> {
  const { rows } = await database.query<{ signer: Address }>(
    `select signer from settlement.lanes where chain_id = $1 and lease_until > now() order by signer`,
    [chainId],
  );
  return rows.map(({ signer }) => signer);
}

async function findAccount(database: Queryable, row: EscrowRow): Promise<string | undefined> {
  const { rows } = await database.query<{ id: string; token: Address }>(
    'select id, token from settlement.accounts where partner_id = $1 and chain_id = $2 and currency = $3 and payer = $4',
    [row.partner_id, row.chain_id, row.currency, row.terms.payer],
  );
  return rows.find(({ token }) => isAddressEqual(token, row.terms.token))?.id;
}
