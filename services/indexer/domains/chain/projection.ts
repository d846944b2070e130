/** What the chain says, block by block: headers, events, transfers, and every holder's balance at the head. */
import { zeroAddress } from 'viem';
import { copyRows, type Transaction } from '../../../platform/database.ts';
import type { Header } from '../../chainNode.ts';
import type { ContractEvent } from '../../contractEvents.ts';

/** Adds consecutive blocks on top of the head, with the events of our contracts in them. */
export async function addBlocks(
  tx: Transaction,
  chainId: number,
  headers: Header[],
  events: ContractEvent[],
): Promise<void> {
  await tx.query(
    `insert into indexer.blocks (chain_id, number, hash, parent_hash, timestamp_s)
     select $1, * from unnest($2::bigint[], $3::text[], $4::text[], $5::bigint[])`,
    [
      chainId,
      headers.map((header) => header.number),
      headers.map((header) => header.hash),
      headers.map((header) => header.parentHash),
      headers.map((header) => header.timestampS),
    ],
  );
  if (events.length === 0) return;
  const { transfers = [], others = [] } = Object.groupBy(events, ({ name }) =>
    name === 'Transfer' ? 'transfers' : 'others',
  );
  await copyRows(
    tx,
    'indexer.other_events (chain_id, block_number, log_index, transaction_hash, transaction_index, contract, name, arguments)',
    others,
    (event) =>
      `${chainId}\t${event.blockNumber}\t${event.logIndex}\t${event.transactionHash}\t${event.transactionIndex}\t${event.contract}\t${event.name}\t${json(event.arguments)}`,
  );
  await copyRows(
    tx,
    'indexer.transfers (chain_id, block_number, log_index, transaction_hash, transaction_index, token, sender, recipient, amount)',
    transfers,
    (event) =>
      `${chainId}\t${event.blockNumber}\t${event.logIndex}\t${event.transactionHash}\t${event.transactionIndex}\t${event.contract}\t${event.arguments.from}\t${event.arguments.to}\t${event.arguments.value}`,
  );
  const changes = changesOf(transfers);
  await tx.query(
    moveBalances('select * from unnest($2::text[], $3::text[], $4::numeric[]) as t (token, account, change)'),
    [
      chainId,
      changes.map(({ token }) => token),
      changes.map(({ account }) => account),
      changes.map(({ change }) => change),
    ],
  );
}

interface BalanceChange {
  token: string;
  account: string;
  change: bigint;
}

/** What transfers add up to, summed here: PostgreSQL takes longer to read them again than to write them. */
function changesOf(transfers: readonly ContractEvent[]): BalanceChange[] {
  const byHolder = new Map<string, BalanceChange>();
  const add = (token: string, account: string, amount: bigint) => {
    const holder = token + account;
    const known = byHolder.get(holder);
    if (known) known.change += amount;
    else byHolder.set(holder, { token, account, change: amount });
  };
  for (const { contract, arguments: values } of transfers) {
    add(contract, values.to as string, values.value as bigint);
    add(contract, values.from as string, -(values.value as bigint));
  }
  return [...byHolder.values()].filter(({ account, change }) => account !== zeroAddress && change !== 0n);
}

/** As COPY takes it: whole numbers as strings, backslashes doubled. */
function json(value: object): string {
  return JSON.stringify(value, (_, item) => (typeof item === 'bigint' ? String(item) : item)).replaceAll(
    '\\',
    '\\\\',
  );
}

/** Takes every block above `number` back, with all that hangs on it. */
export async function undoBlocksAbove(tx: Transaction, chainId: number, number: bigint): Promise<void> {
  await tx.query(
    `with undone as (
       delete from indexer.transfers where chain_id = $1 and block_number > $2
       returning token, sender, recipient, amount)
     ${moveBalances(`select token, account, sum(change) as change
       from (select token, sender as account, amount as change from undone
             union all
             select token, recipient, -amount from undone) moved
      where account <> '${zeroAddress}' group by token, account having sum(change) <> 0`)}`,
    [chainId, number],
  );
  await tx.query('delete from indexer.blocks where chain_id = $1 and number > $2', [chainId, number]);
}

/**
 * Applies changes, one a holder, to the balances. An account that holds nothing has no row; one that would hold less than
 * nothing violates the table's check.
 */
function moveBalances(changes: string): string {
  return `merge into indexer.balances b using (${changes}) c
    on b.chain_id = $1 and b.token = c.token and b.account = c.account
    when matched and b.amount + c.change = 0 then delete
    when matched then update set amount = b.amount + c.change
    when not matched then insert values ($1, c.token, c.account, c.change)`;
}
