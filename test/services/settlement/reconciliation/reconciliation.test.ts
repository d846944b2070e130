import { expect } from 'chai';
import { instruction, type Stage, startStage } from '../../../support/stage.ts';

describe('reconciliation', () => {
  let stage: Stage;
  let usd: string;
  before(async () => {
    stage = await startStage();
    usd = await stage.openAccount('USD');
    await stage.openAccount('EUR');
    await stage.finalise();
  });
  after(() => stage.stop());

  const openBreaks = async () => {
    const { rows } = await stage.database.query(
      'select kind, account_id, observed_units - expected_units as difference from settlement.breaks where closed_at is null order by kind',
    );
    return rows;
  };
  /** Reconciles at a new final block. */
  const reconcileNext = async () => {
    await stage.mine();
    await stage.follow();
    await stage.reconcile();
    return openBreaks();
  };
  /** Changes the ledger as only somebody with the database's keys can. */
  const tamper = async (sql: string) => {
    const client = await stage.database.connect();
    try {
      await client.query(
        `set session_replication_role = replica; ${sql}; set session_replication_role = default`,
      );
    } finally {
      client.release();
    }
  };

  it('finds no break where ledger, index and chain agree, once a final block', async () => {
    expect(await reconcileNext()).to.deep.equal([]);
    expect(await stage.reconcile(), 'the same block again').to.equal(undefined);
    const { rows } = await stage.database.query(
      'select accounts_checked, breaks from settlement.reconciliations order by id desc limit 1',
    );
    expect(rows).to.deep.equal([{ accounts_checked: 2, breaks: 0 }]);
  });

  const faults: [name: string, kind: string, difference: bigint, damage: string, repair: string][] = [
    [
      'a balance that somebody changed',
      'amount',
      5n,
      `update settlement.ledger_accounts set balance = balance - 5 where kind = 'chain' and account_id = $account`,
      `update settlement.ledger_accounts set balance = balance + 5 where kind = 'chain' and account_id = $account`,
    ],
    [
      'a transfer that was never posted',
      'missing_inside',
      -1_000_000_000_000n,
      `create table settlement.kept as select p.*, e.ledger_account_id, e.amount from settlement.ledger_postings p
         join settlement.ledger_entries e on e.posting_id = p.id where account_id = $account;
       delete from settlement.ledger_entries where posting_id in (select id from settlement.kept);
       delete from settlement.ledger_postings where id in (select id from settlement.kept);
       update settlement.ledger_accounts a set balance = balance - k.amount from settlement.kept k where a.id = k.ledger_account_id`,
      `insert into settlement.ledger_postings
         select distinct id, kind, chain_id, block_number, block_hash, log_index, transaction_hash, account_id, payment_id, booked_at from settlement.kept;
       insert into settlement.ledger_entries select id, ledger_account_id, amount from settlement.kept;
       update settlement.ledger_accounts a set balance = balance + k.amount from settlement.kept k where a.id = k.ledger_account_id`,
    ],
    [
      'a posting without a transfer',
      'missing_outside',
      7n,
      `insert into settlement.ledger_postings (id, kind, chain_id, block_number, block_hash, log_index, transaction_hash, account_id)
         select 'pst_false', 'deposit', chain_id, 1, block_hash, 999, transaction_hash, account_id
           from settlement.ledger_postings where account_id = $account limit 1;
       insert into settlement.ledger_entries
         select 'pst_false', id, case kind when 'funds' then 7 else -7 end from settlement.ledger_accounts where account_id = $account and kind <> 'dust';
       update settlement.ledger_accounts set balance = balance + case kind when 'funds' then 7 else -7 end where account_id = $account and kind <> 'dust'`,
      `delete from settlement.ledger_entries where posting_id = 'pst_false'; delete from settlement.ledger_postings where id = 'pst_false';
       update settlement.ledger_accounts set balance = balance - case kind when 'funds' then 7 else -7 end where account_id = $account and kind <> 'dust'`,
    ],
    [
      'an index that is wrong',
      'index',
      3n,
      `update indexer.balances set amount = amount + 3 where account = (select payer from settlement.accounts where id = $account)
         and token = (select token from settlement.accounts where id = $account)`,
      `update indexer.balances set amount = amount - 3 where account = (select payer from settlement.accounts where id = $account)
         and token = (select token from settlement.accounts where id = $account)`,
    ],
    [
      'reserved money that no payment holds',
      'holds',
      9n,
      `update settlement.ledger_accounts set held = held + 9 where kind = 'funds' and account_id = $account`,
      `update settlement.ledger_accounts set held = held - 9 where kind = 'funds' and account_id = $account`,
    ],
  ];
  for (const [name, kind, difference, damage, repair] of faults)
    it(`finds ${name}, keeps one break open while it lasts, and closes it when the books agree again`, async () => {
      await tamper(damage.replaceAll('$account', `'${usd}'`));
      expect(await reconcileNext()).to.deep.equal([{ kind, account_id: usd, difference }]);
      expect(await reconcileNext()).to.deep.equal([{ kind, account_id: usd, difference }]);
      await tamper(repair.replaceAll('$account', `'${usd}'`));
      expect(await reconcileNext()).to.deep.equal([]);
    });

  it('is not disturbed by payments that are reserved or under way', async () => {
    await stage.accept(instruction(), instruction());
    await stage.batch();
    expect(await reconcileNext()).to.deep.equal([]);
  });
});
