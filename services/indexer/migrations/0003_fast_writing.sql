-- A backfill writes tens of thousands of rows a second: what each row cost besides itself is taken away.

-- Checked for every value written; a regular expression takes longer than all the rest of a row. That it is hex in lower case is
-- the decoder's to see to.
alter domain indexer.evm_address drop constraint evm_address_check;
alter domain indexer.evm_address add check (octet_length(value) = 42);
alter domain indexer.hash32 drop constraint hash32_check;
alter domain indexer.hash32 add check (octet_length(value) = 66);

-- A transfer was stored twice. Now `events` is what both tables say.
alter table indexer.transfers add column transaction_index int;
update indexer.transfers t set transaction_index = e.transaction_index
  from indexer.events e
 where e.chain_id = t.chain_id and e.block_number = t.block_number and e.log_index = t.log_index;
alter table indexer.transfers alter column transaction_index set not null;
delete from indexer.events e using indexer.transfers t
 where e.chain_id = t.chain_id and e.block_number = t.block_number and e.log_index = t.log_index;

alter table indexer.events rename to other_events;
create view indexer.events as
  select chain_id, block_number, log_index, transaction_hash, transaction_index, contract, name, arguments
    from indexer.other_events
  union all
  select chain_id, block_number, log_index, transaction_hash, transaction_index, token::text, 'Transfer',
         jsonb_build_object('from', sender, 'to', recipient, 'value', amount::text)
    from indexer.transfers;

-- Transfers are undone by hand, together with the balances they moved: no look at their block for each row.
alter table indexer.transfers drop constraint transfers_chain_id_block_number_fkey;

-- Room in each page for a balance's next version, so that a change of it leaves the index alone.
alter table indexer.balances set (fillfactor = 50);
