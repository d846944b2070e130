-- The quote that a policy was ordered by; none was named when it was ordered by cover and maximum premium, or before this column.
alter table settlement.policies add quote_id text references settlement.insurance_quotes;
create index policies_by_quote on settlement.policies (quote_id) where quote_id is not null;
