-- Whether the partner was told that the signature's deadline comes; one that takes its place has a deadline of its own.
alter table settlement.escrow_releases add column is_reminded boolean not null default false;
create index escrow_releases_to_remind on settlement.escrow_releases (deadline) where not is_reminded;
