-- Reserved for escrow actions that have not ended, among the holds of all payments: looked up by account, and one after the other.
create index holds_of_escrows on settlement.holds (ledger_account_id) where state = 'pending' and left(payment_id, 4) = 'esa_';
