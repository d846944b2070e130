-- What put money into an escrow before, or was to: what the next one of them replaces.
create index escrow_actions_putting_in on settlement.escrow_actions (escrow_id) where verb in ('authorize', 'charge');
