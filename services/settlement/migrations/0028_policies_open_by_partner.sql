-- How many orders of a partner are under way is asked with each of its orders.
create index policies_open_by_partner on settlement.policies (partner_id) where status in ('accepted', 'processing');
