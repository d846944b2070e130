/** The camt.053 of an account and a day, from the ledger's postings. */
import type { StatementEntry } from '../../../core/iso20022/accountStatement.ts';
import { writeCamt053 } from '../../../core/iso20022/camt053.ts';
import { bankReference } from '../../../core/iso20022/reference.ts';
import { oneRow, type Queryable } from '../../../platform/database.ts';
import type { AccountRow } from './store.ts';

interface EntryRow {
  id: string;
  amount: bigint;
  transaction_hash: string;
  block_number: bigint;
  /** The other wallet of the transfer. */
  counterparty: string | null;
  payment_id: string | null;
  /** Ours and the contract's, where the transfer is an escrow's. */
  escrow: string | null;
  escrow_id: string | null;
  end_to_end_id: string | null;
  instruction_id: string | null;
  uetr: string | null;
  debtor_name: string | null;
  creditor_name: string | null;
  creditor_scheme: 'IBAN' | 'EVM' | null;
  creditor_identification: string | null;
  remittance_information: string | null;
}

/**
 * Writes the statement (camt.053.001.08) of a UTC day: balances before and after, and an entry for everything that
 * became final and was posted on that day. Of a day that is over it is always the same but for its message id and
 * time, and for the references of a payment that we got to know later than its transfer; of today it goes as far as now.
 * @param date `YYYY-MM-DD`
 */
export async function statementOf(database: Queryable, account: AccountRow, date: string): Promise<string> {
  const { opening } = oneRow(
    await database.query<{ opening: bigint }>(
      `select coalesce(sum(e.amount), 0) as opening
         from settlement.ledger_entries e
         join settlement.ledger_accounts l on l.id = e.ledger_account_id and l.kind = 'funds'
         join settlement.ledger_postings p on p.id = e.posting_id
        where l.account_id = $1 and p.booked_at < $2::date::timestamp at time zone 'utc'`,
      [account.id, date],
    ),
  );
  const { rows } = await database.query<EntryRow>(
    `select p.id, e.amount, p.transaction_hash, p.block_number,
            case when t.sender = a.payer then t.recipient else t.sender end as counterparty,
            w.id as escrow, x.escrow_id, y.id as payment_id, y.end_to_end_id, y.instruction_id, y.uetr, y.debtor_name, y.creditor_name,
            y.creditor_scheme, y.creditor_identification, y.remittance_information
       from settlement.ledger_postings p
       join settlement.accounts a on a.id = p.account_id
       join settlement.ledger_entries e on e.posting_id = p.id
       join settlement.ledger_accounts l on l.id = e.ledger_account_id and l.kind = 'funds'
       left join indexer.payments i on i.chain_id = p.chain_id and i.block_number = p.block_number
        and i.log_index = p.log_index and i.payer = a.payer
       left join settlement.current_payments y on y.account_id = p.account_id and y.sequence = i.sequence and y.state = 'posted'
       left join indexer.transfers t on t.chain_id = p.chain_id and t.block_number = p.block_number
        and t.log_index = p.log_index
       left join lateral (
         select e.contract, e.escrow_id from indexer.escrow_events e
          where e.chain_id = p.chain_id and e.transaction_hash = p.transaction_hash and e.block_number = p.block_number
            and e.log_index < p.log_index and e.contract in (t.sender, t.recipient)
          order by e.log_index desc limit 1
       ) x on true
       left join settlement.escrows w on w.chain_id = p.chain_id and w.contract = x.contract and w.escrow_id = x.escrow_id
      where p.account_id = $1
        and p.booked_at >= $2::date::timestamp at time zone 'utc'
        and p.booked_at < ($2::date + 1)::timestamp at time zone 'utc'
      order by p.block_number, p.log_index`,
    [account.id, date],
  );
  const money = (units: bigint) => ({ currency: account.currency, units });
  const closing = rows.reduce((sum, row) => sum + row.amount, opening);
  return writeCamt053({
    messageId: crypto.randomUUID().replaceAll('-', ''),
    createdAt: new Date().toISOString(),
    statementId: `${date.replaceAll('-', '')}-${bankReference(account.id).slice(-26)}`,
    date,
    account: { id: account.id, currency: account.currency, ownerName: account.partner_name },
    openingBalance: money(opening),
    closingBalance: money(closing),
    entries: rows.map((row) => statementEntry(row, account, date)),
  });
}

function statementEntry(row: EntryRow, account: AccountRow, date: string): StatementEntry {
  const isCredit = row.amount > 0n;
  const wallet = { scheme: 'EVM' as const, identification: account.payer };
  const other = row.counterparty && { scheme: 'EVM' as const, identification: row.counterparty };
  const creditor = row.creditor_scheme &&
    row.creditor_identification && {
      scheme: row.creditor_scheme,
      identification: row.creditor_identification,
    };
  const creditorAccount = isCredit ? wallet : creditor || other;
  const debtorAccount = isCredit ? other : wallet;
  return {
    reference: bankReference(row.id),
    direction: isCredit ? 'credit' : 'debit',
    amount: { currency: account.currency, units: isCredit ? row.amount : -row.amount },
    bookingDate: date,
    valueDate: date,
    kind: isCredit ? 'funding' : 'payment',
    ...(row.end_to_end_id && { endToEndId: row.end_to_end_id }),
    ...(row.escrow && { endToEndId: bankReference(row.escrow) }),
    ...(row.escrow_id && { remittanceInformation: `Escrow ${row.escrow_id}` }),
    ...(row.instruction_id && { instructionId: row.instruction_id }),
    ...(row.uetr && { uetr: row.uetr }),
    ...(row.payment_id && { paymentId: row.payment_id }),
    ...(row.debtor_name && { debtorName: row.debtor_name }),
    ...(row.creditor_name && { creditorName: row.creditor_name }),
    ...(debtorAccount && { debtorAccount }),
    ...(creditorAccount && { creditorAccount }),
    ...(row.remittance_information && { remittanceInformation: row.remittance_information }),
    transactionHash: row.transaction_hash,
    blockNumber: row.block_number,
  };
}
