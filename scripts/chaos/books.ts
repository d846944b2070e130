/** What the ledger says: its sums agree with themselves, with the wallets on the chain, and with its own reconciliation. */
import { setTimeout as delay } from 'node:timers/promises';
import { type Address, getAddress } from 'viem';
import { stablecoinAbi } from '../../services/core/abi/stablecoin.ts';
import type { Known, Remains, Violation } from './invariants.ts';
import type { Partner } from './partner.ts';

/** The ledger follows the final block; so long it may take to be there. */
const FOLLOW_LIMIT_MS = 60_000;
const LOOK_MS = 100;

export async function booksViolations({ world }: Remains, known: readonly Known[]): Promise<Violation[]> {
  const { chain, database } = world;
  const head = await chain.head();
  const isPosted = await soon(async () => {
    const { rows } = await database.query('select from settlement.posted_blocks where block_number >= $1', [
      head,
    ]);
    return rows.length > 0;
  });
  if (!isPosted) return [{ kind: 'stuck', what: `The ledger has not come to block ${head}` }];

  const { rows: accounts } = await database.query<{
    id: string;
    token: Address;
    payer: Address;
    chain: bigint;
    funds: bigint;
    held: bigint;
    pending: bigint;
    entries: bigint;
    balances: bigint;
  }>(
    `select a.id, a.token, a.payer, -c.balance as chain, f.balance as funds, f.held,
            coalesce((select sum(amount) from settlement.holds h where h.ledger_account_id = f.id and h.state = 'pending'), 0) as pending,
            coalesce((select sum(e.amount) from settlement.ledger_entries e join settlement.ledger_accounts l on l.id = e.ledger_account_id
                       where l.account_id = a.id), 0) as entries,
            coalesce((select sum(abs(l.balance - coalesce((select sum(e.amount) from settlement.ledger_entries e
                                                            where e.ledger_account_id = l.id), 0)))
                        from settlement.ledger_accounts l where l.account_id = a.id), 0) as balances
       from settlement.accounts a
       join settlement.ledger_accounts c on c.account_id = a.id and c.kind = 'chain'
       join settlement.ledger_accounts f on f.account_id = a.id and f.kind = 'funds'`,
  );
  const violations: Violation[] = [];
  for (const account of accounts) {
    const balance = await chain.client.readContract({
      address: account.token,
      abi: stablecoinAbi,
      functionName: 'balanceOf',
      args: [getAddress(account.payer)],
    });
    const unbalanced = (what: string) =>
      violations.push({ kind: 'unbalanced', what: `${account.id}: ${what}` });
    if (account.chain !== balance) unbalanced(`the ledger has ${account.chain}, the wallet ${balance}`);
    if (account.funds > balance || balance - account.funds >= 10_000n)
      unbalanced(`the partner's funds are ${account.funds}, the wallet holds ${balance}`);
    if (account.entries !== 0n) unbalanced(`entries sum to ${account.entries}`);
    if (account.balances !== 0n) unbalanced('balances are not the sums of their entries');
    if (account.held !== account.pending)
      unbalanced(`held ${account.held}, pending holds ${account.pending}`);
    if (account.held !== 0n) unbalanced(`${account.held} are still held`);
  }
  const disagreements = known.map(({ partner }) => reconciliationViolations(partner, head));
  return [...violations, ...(await Promise.all(disagreements)).flat()];
}

interface Reconciliation {
  latest: { blockNumber: number } | null;
  breaks: { kind: string; accountId: string }[];
}

/** The services' own comparison at a block after the run finds nothing. */
async function reconciliationViolations(partner: Partner, head: bigint): Promise<Violation[]> {
  let found: Reconciliation = { latest: null, breaks: [] };
  const isCompared = await soon(async () => {
    found = await partner.get<Reconciliation>('/v1/reconciliation');
    return BigInt(found.latest?.blockNumber ?? 0) >= head;
  });
  if (!isCompared) return [{ kind: 'stuck', what: `No reconciliation has come to block ${head}` }];
  return found.breaks.map(({ kind, accountId }) => ({
    kind: 'unbalanced',
    what: `Open break ${kind} of ${accountId}`,
  }));
}

async function soon(look: () => Promise<boolean>): Promise<boolean> {
  const endsAt = performance.now() + FOLLOW_LIMIT_MS;
  while (performance.now() < endsAt) {
    if (await look()) return true;
    await delay(LOOK_MS);
  }
  return false;
}
