-- A handful among millions of events, which keepers ask for round by round.
create index other_events_products on indexer.other_events (chain_id, contract) where name = 'ProductCreated';
