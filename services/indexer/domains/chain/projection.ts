/** What the chain says, block by block: headers, events, transfers, and every holder's balance at the head. */
import { zeroAddress } from 'viem';
import type { Transaction } from '../../../platform/database.ts';
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
  await tx.query(
    `insert into indexer.events (chain_id, block_number, log_index, transaction_hash, transaction_index, contract, name, arguments)
     select $1, * from unnest($2::bigint[], $3::int[], $4::text[], $5::int[], $6::text[], $7::text[], $8::jsonb[])`,
    [
      chainId,
      events.map((event) => event.blockNumber),
      events.map((event) => event.logIndex),
      events.map((event) => event.transactionHash),
      events.map((event) => event.transactionIndex),
      events.map((event) => event.contract),
      events.map((event) => event.name),
      events.map((event) =>
        JSON.stringify(event.arguments, (_, value) => (typeof value === 'bigint' ? String(value) : value)),
      ),
    ],
  );
  await addTransfers(
    tx,
    chainId,
    events.filter((event) => event.name === 'Transfer'),
  );
}

async function addTransfers(tx: Transaction, chainId: number, transfers: ContractEvent[]): Promise<void> {
  if (transfers.length === 0) return;
  await tx.query(
    `with added as (
       insert into indexer.transfers (chain_id, block_number, log_index, transaction_hash, token, sender, recipient, amount)
       select $1, * from unnest($2::bigint[], $3::int[], $4::text[], $5::text[], $6::text[], $7::text[], $8::numeric[])
       returning token, sender, recipient, amount)
     ${moveBalances('added', 1)}`,
    [
      chainId,
      transfers.map((event) => event.blockNumber),
      transfers.map((event) => event.logIndex),
      transfers.map((event) => event.transactionHash),
      transfers.map((event) => event.contract),
      transfers.map((event) => event.arguments.from),
      transfers.map((event) => event.arguments.to),
      transfers.map((event) => event.arguments.value),
    ],
  );
}

/** Takes every block above `number` back, with all that hangs on it. */
export async function undoBlocksAbove(tx: Transaction, chainId: number, number: bigint): Promise<void> {
  await tx.query(
    `with undone as (
       select token, sender, recipient, amount from indexer.transfers where chain_id = $1 and block_number > $2)
     ${moveBalances('undone', -1)}`,
    [chainId, number],
  );
  await tx.query('delete from indexer.blocks where chain_id = $1 and number > $2', [chainId, number]);
}

/**
 * Applies the transfers of a common table expression to the balances, forwards (1) or backwards (-1). An account
 * that holds nothing has no row; one that would hold less than nothing violates the table's check.
 */
function moveBalances(transfers: string, direction: 1 | -1): string {
  return `merge into indexer.balances b
    using (
      select token, account, ${direction} * sum(change) as change from (
        select token, recipient as account, amount as change from ${transfers}
        union all
        select token, sender, -amount from ${transfers}) moved
       where account <> '${zeroAddress}' group by token, account having sum(change) <> 0) c
    on b.chain_id = $1 and b.token = c.token and b.account = c.account
    when matched and b.amount + c.change = 0 then delete
    when matched then update set amount = b.amount + c.change
    when not matched then insert values ($1, c.token, c.account, c.change)`;
}
