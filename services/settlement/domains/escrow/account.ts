/** Escrows that are put in out of a partner's account: by its wallet's allowance, within the limit that the wallet gave our signers. */
import { type Address, encodeFunctionData, type Hex, isAddressEqual, type PublicClient } from 'viem';
import { escrowAbi } from '../../../core/abi/escrow.ts';
import { stablecoinAbi } from '../../../core/abi/stablecoin.ts';
import { formatMoney } from '../../../core/money.ts';
import type { Database, Queryable, Transaction } from '../../../platform/database.ts';
import type { Fault } from '../../../platform/http/problem.ts';
import type { postHolds, voidHolds } from '../ledger/holds.ts';
import { IS_REFUSED } from './givingWay.ts';
import { type EscrowRow, readSigners, termsOfRow } from './store.ts';

/** Where the fault is in the request. */
const WAY = '/way';

/** What escrow actions have reserved: an index has exactly these. By `like` a planner could take the key, with all that ever ended. */
const PENDING_HOLDS = `h.state = 'pending' and left(h.payment_id, 4) = 'esa_'`;

/** What a signer of ours may put into escrow of a payer's money after a block, in token units. */
interface SignerLimit {
  signer: Address;
  blockNumber: bigint;
  available: bigint;
}

/** A partner's account whose wallet is an escrow's payer, as a block left it. */
export interface PayingAccount {
  id: string;
  /** Of the wallet, in token units. */
  balance: bigint;
  /**
   * Of the signers that work; while the index lags, both at its head and at the chain's. At the chain's alone, what has used a limit up
   * would still count as under way; at the index's alone, a limit that was raised since would be too little.
   */
  limits: SignerLimit[];
}

/** The call that puts the whole amount in; any signer may make it that the payer let spend its money. */
export function authorizeForData(row: EscrowRow): Hex {
  const terms = termsOfRow(row);
  return encodeFunctionData({ abi: escrowAbi, functionName: 'authorizeFor', args: [terms, terms.amount] });
}

/** What stands between the account's wallet and the escrow after a block: whose wallet it is, freeze, allowance. */
export async function assessAccount(
  { database, chain }: { database: Database; chain: PublicClient },
  row: EscrowRow,
  blockNumber: bigint,
): Promise<{ account: PayingAccount | undefined; faults: Fault[] }> {
  const id = await findAccount(database, row);
  const { payer, token } = row.terms;
  const { contract, units } = row;
  if (!id)
    return {
      account: undefined,
      faults: [
        {
          code: 'account_unknown',
          pointer: WAY,
          detail: `The payer ${payer} is the wallet of no account of yours in ${row.currency}`,
          expected: 'terms whose payer is the wallet of one of GET /v1/accounts; another payer signs',
        },
      ],
    };
  const coin = { address: token, abi: stablecoinAbi, blockNumber } as const;
  const limitOf = async (signer: Address, at: bigint): Promise<SignerLimit> => {
    const [available] = await chain.readContract({
      address: contract,
      abi: escrowAbi,
      functionName: 'operatorAllowance',
      args: [payer, signer, token],
      blockNumber: at,
    });
    return { signer, blockNumber: at, available };
  };
  const signers = await readSigners(database, Number(row.chain_id));
  const indexed = await readIndexed(database, row);
  const blocks = indexed !== undefined && indexed < blockNumber ? [blockNumber, indexed] : [blockNumber];
  const [isFrozen, allowance, balance, ...limits] = await Promise.all([
    chain.readContract({ ...coin, functionName: 'isFrozen', args: [payer] }),
    chain.readContract({ ...coin, functionName: 'allowance', args: [payer, contract] }),
    chain.readContract({ ...coin, functionName: 'balanceOf', args: [payer] }),
    ...blocks.flatMap((at) => signers.map((signer) => limitOf(signer, at))),
  ]);
  const faults: Fault[] = [];
  if (isFrozen)
    faults.push({
      code: 'payer_frozen',
      pointer: WAY,
      detail: `${payer} is frozen`,
      expected: 'an account whose wallet can pay',
    });
  if (allowance < units)
    faults.push({
      code: 'escrow_not_approved',
      pointer: WAY,
      detail: `The escrow may take ${show(row, allowance)} from ${payer}`,
      expected: `at least ${show(row, units)}: let the wallet approve ${contract}`,
    });
  return { account: { id, balance, limits }, faults };
}

/**
 * The signer that carries the call, the one with the most left of its limit beside what is under way; or what is wrong when no limit
 * is enough.
 */
export async function findSpender(
  database: Queryable,
  row: EscrowRow,
  { id, limits }: PayingAccount,
): Promise<Address | Fault> {
  const underWay = await readUnderWay(database, row, id, [
    ...new Set(limits.map(({ blockNumber }) => blockNumber)),
  ]);
  const lefts = [...Map.groupBy(limits, ({ signer }) => signer)].map(([signer, own]) => {
    const best = own
      .map(({ blockNumber, available }) => available - (underWay.get(`${signer} ${blockNumber}`) ?? 0n))
      .reduce(larger);
    // Whatever the index has not seen yet: the contract will take no more than at the chain's head, which comes first.
    const [{ available } = { available: 0n }] = own;
    return { signer, left: best < available ? best : available };
  });
  const [most] = lefts.sort((a, b) => Number(b.left - a.left));
  const { contract, units } = row;
  if (most && most.left >= units) return most.signer;
  const left = most && most.left > 0n ? most.left : 0n;
  return {
    code: 'operator_limit_exceeded',
    pointer: WAY,
    detail: `${most?.signer} may put ${show(row, left)} of ${row.terms.payer} into escrow beside what is under way, and no other signer of ours more`,
    expected: `at least ${show(row, units)} for one of them: let the wallet call authorizeOperator of ${contract}, or wait until the limit has grown back`,
  };
}

/** As {@link findSpender}, while nobody else takes of the same limit: the account's money is locked until the end. */
export async function takeSpender(
  tx: Transaction,
  row: EscrowRow,
  account: PayingAccount,
): Promise<Address | Fault> {
  await tx.query(
    `select from settlement.ledger_accounts where kind = 'funds' and account_id = $1 for no key update`,
    [account.id],
  );
  return findSpender(tx, row, account);
}

/**
 * What each signer is about to put into other escrows out of the account, in token units, by signer and block: what no block up to
 * that one has. What was refused takes nothing from others until a lane begins it again: it waits for the limit that it finds. `offset 0`:
 * each look-up by its key.
 */
async function readUnderWay(
  database: Queryable,
  row: EscrowRow,
  accountId: string,
  blockNumbers: readonly bigint[],
): Promise<Map<string, bigint>> {
  const { rows } = await database.query<{ signer: Address; number: bigint; units: bigint }>(
    `select c.signer, b.number, sum(h.amount) as units
       from settlement.ledger_accounts l
       join settlement.holds h on h.ledger_account_id = l.id and ${PENDING_HOLDS}
      cross join lateral (
        select escrow_id, call_id from settlement.escrow_actions
         where id = h.payment_id and state = 'open' offset 0) a
      cross join lateral (
        select chain_id, contract, escrow_id from settlement.escrows where id = a.escrow_id offset 0) s
      cross join lateral (
        select id, signer, state, failures, reverts_before from settlement.calls where id = a.call_id offset 0) c
      cross join unnest($4::bigint[]) as b (number)
      where l.account_id = $1 and l.kind = 'funds' and a.escrow_id <> $2 and s.contract = $3
        and (not (${IS_REFUSED})
             or exists (select from settlement.attempts t where t.call_id = c.id and t.state = 'prepared' offset 0))
        and not exists (select from indexer.escrow_events e
                         where e.chain_id = s.chain_id and e.contract = s.contract and e.escrow_id = s.escrow_id
                           and e.put_in > 0 and e.block_number <= b.number offset 0)
      group by c.signer, b.number`,
    [accountId, row.id, row.contract, blockNumbers],
  );
  return new Map(rows.map(({ signer, number, units }) => [`${signer} ${number}`, units]));
}

/** The last block that the index has; undefined before the first. */
async function readIndexed(database: Queryable, row: EscrowRow): Promise<bigint | undefined> {
  const { rows } = await database.query<{ number: bigint }>(
    'select head_number as number from indexer.cursors where chain_id = $1',
    [row.chain_id],
  );
  return rows[0]?.number;
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
 * Also those of actions that a process of a release without holds has ended. `offset 0`: each look-up by its key.
 */
export async function endEscrowHolds(
  tx: Transaction,
  ledger: { postHolds: typeof postHolds; voidHolds: typeof voidHolds },
  chainId: number,
  posted: bigint,
): Promise<void> {
  const { rows } = await tx.query<{ id: string; hasFailed: boolean }>(
    `select h.payment_id as id, a.state = 'failed' as "hasFailed"
       from settlement.holds h
      cross join lateral (
        select escrow_id, state from settlement.escrow_actions where id = h.payment_id offset 0) a
      cross join lateral (
        select chain_id, contract, escrow_id from settlement.escrows where id = a.escrow_id offset 0) s
      where ${PENDING_HOLDS} and s.chain_id = $1
        and (a.state <> 'open'
             or exists (select from indexer.escrow_events e
                         where e.chain_id = s.chain_id and e.contract = s.contract and e.escrow_id = s.escrow_id
                           and e.put_in > 0 and e.block_number <= $2 offset 0))`,
    [chainId, posted],
  );
  const idsOf = (hasFailed: boolean) => rows.flatMap((row) => (row.hasFailed === hasFailed ? row.id : []));
  await ledger.voidHolds(tx, idsOf(true));
  await ledger.postHolds(tx, idsOf(false));
}

async function findAccount(database: Queryable, row: EscrowRow): Promise<string | undefined> {
  const { rows } = await database.query<{ id: string; token: Address }>(
    'select id, token from settlement.accounts where partner_id = $1 and chain_id = $2 and currency = $3 and payer = $4',
    [row.partner_id, row.chain_id, row.currency, row.terms.payer],
  );
  return rows.find(({ token }) => isAddressEqual(token, row.terms.token))?.id;
}

const larger = (a: bigint, b: bigint) => (a > b ? a : b);

function show({ currency }: EscrowRow, units: bigint): string {
  return `${formatMoney({ currency, units })} ${currency}`;
}
