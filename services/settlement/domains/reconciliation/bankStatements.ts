/** The statements of the reserves' bank accounts, each stored once. */
import { createHash } from 'node:crypto';
import type { BankStatement } from '../../../core/iso20022/bankStatement.ts';
import { type Database, type Transaction, withTransaction } from '../../../platform/database.ts';

/** A statement that is not taken; `code` is stable, the message says what was found, what was expected and the way out. */
export class BankStatementRefused extends Error {
  override readonly name = 'BankStatementRefused';
  readonly code: 'currency_mismatch' | 'account_differs' | 'statement_reused';

  constructor(code: BankStatementRefused['code'], message: string) {
    super(message);
    this.code = code;
  }
}

/**
 * Stores the statements of a file, all or none. One that is there already changes nothing. They are reconciled at the next
 * final block.
 * @returns for each whether it is new.
 * @throws BankStatementRefused
 */
export async function storeBankStatements(
  database: Database,
  currency: string,
  statements: readonly BankStatement[],
): Promise<{ statementId: string; entries: number; isNew: boolean }[]> {
  return withTransaction(database, async (tx) => {
    await tx.query('select pg_advisory_xact_lock(hashtext($1))', [`bank statements ${currency}`]);
    const stored = [];
    for (const statement of statements) {
      const { statementId, entries } = statement;
      stored.push({ statementId, entries: entries.length, isNew: await store(tx, currency, statement) });
    }
    return stored;
  });
}

async function store(tx: Transaction, currency: string, statement: BankStatement): Promise<boolean> {
  const { statementId, account, entries } = statement;
  if (statement.currency !== currency)
    throw new BankStatementRefused(
      'currency_mismatch',
      `Statement ${statementId} is in ${statement.currency}, expected ${currency}. Hand it in with --currency ${statement.currency} if it is that reserve's.`,
    );
  const { rows: known } = await tx.query<{ account: string; statement_id: string; content_sha256: string }>(
    `select account, statement_id, content_sha256 from settlement.bank_statements
      where currency = $1 order by statement_id <> $2 limit 1`,
    [currency, statementId],
  );
  const [same] = known;
  if (same && same.account !== account)
    throw new BankStatementRefused(
      'account_differs',
      `Statement ${statementId} is of account ${account}, expected ${same.account}, whose statements are stored as the reserve of ${currency}. Hand in that account's.`,
    );
  const digest = contentOf(statement);
  if (same?.statement_id === statementId) {
    if (same.content_sha256 === digest) return false;
    throw new BankStatementRefused(
      'statement_reused',
      `Statement ${statementId} is stored already with another content, expected one content for each id. Ask the bank which is right.`,
    );
  }
  await tx.query(
    `with statement as (
       insert into settlement.bank_statements
         (currency, account, statement_id, sequence_number, opening_units, closing_units, first_date, last_date, content_sha256)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9) returning id
     )
     insert into settlement.bank_entries (bank_statement_id, currency, position, direction, units, booking_date, value_date,
                                          reference, end_to_end_id, transaction_hash, is_return)
     select s.id, $1, e.position, e.direction, e.units, e.booking_date, e.value_date, e.reference, e.end_to_end_id,
            e.transaction_hash, e.is_return
       from statement s,
            unnest($10::text[], $11::numeric[], $12::date[], $13::date[], $14::text[], $15::text[], $16::text[], $17::boolean[])
              with ordinality as e (direction, units, booking_date, value_date, reference, end_to_end_id, transaction_hash,
                                    is_return, position)
      order by e.position`,
    [
      currency,
      account,
      statementId,
      statement.sequenceNumber ?? null,
      statement.openingUnits,
      statement.closingUnits,
      statement.firstDate,
      statement.lastDate,
      digest,
      entries.map(({ direction }) => direction),
      entries.map(({ units }) => units),
      entries.map(({ bookingDate }) => bookingDate),
      entries.map(({ valueDate }) => valueDate),
      entries.map(({ reference }) => reference ?? null),
      entries.map(({ endToEndId }) => endToEndId ?? null),
      entries.map(({ transactionHash }) => transactionHash ?? null),
      entries.map(({ isReturn }) => isReturn),
    ],
  );
  return true;
}

/** The bank may send a statement again in a file of another id or time: what counts is the statement. */
function contentOf(statement: BankStatement): string {
  const text = JSON.stringify(statement, (_, part) => (typeof part === 'bigint' ? part.toString() : part));
  return createHash('sha256').update(text).digest('hex');
}
