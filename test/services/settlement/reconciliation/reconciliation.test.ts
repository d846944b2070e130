import { expect } from 'chai';
import { localAccounts } from '../../../../scripts/deploy/local.ts';
import { stablecoinAbi } from '../../../../services/core/abi/stablecoin.ts';
import { withTransaction } from '../../../../services/platform/database.ts';
import * as postings from '../../../../services/settlement/domains/ledger/postings.ts';
import { freshWallet, instruction, type Stage, startStage } from '../../../support/stage.ts';
import { tamper } from '../../../support/tampering.ts';

describe('reconciliation', () => {
  let stage: Stage;
  let usd: string;
  before(async () => {
    stage = await startStage();
    usd = await stage.openAccount('USD');
    await stage.openAccount('EUR');
    await stage.finalise();
  });
  after(() => stage?.stop());

  const openBreaks = async () => {
    const { rows } = await stage.database.query(
      'select kind, account_id, observed_units - expected_units as difference from settlement.breaks where closed_at is null order by kind, difference',
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
  it('finds no break where ledger, index and chain agree, once a final block', async () => {
    expect(await reconcileNext()).to.deep.equal([]);
    expect(await stage.reconcile(), 'the same block again').to.equal(undefined);
    const { rows } = await stage.database.query(
      'select accounts_checked, breaks from settlement.reconciliations order by id desc limit 1',
    );
    expect(rows).to.deep.equal([{ accounts_checked: 2, breaks: 0 }]);
  });

  type Found = [kind: string, difference: bigint][];
  const faults: [name: string, found: Found, damage: string, repair: string][] = [
    [
      'a balance that somebody changed',
      [['amount', 5n]],
      `update settlement.ledger_accounts set balance = balance - 5 where kind = 'chain' and account_id = $account`,
      `update settlement.ledger_accounts set balance = balance + 5 where kind = 'chain' and account_id = $account`,
    ],
    [
      'a transfer that was never posted',
      [['missing_inside', -1_000_000_000_000n]],
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
      [['missing_outside', 7n]],
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
      'an entry that somebody changed and no balance',
      [['amount', 5n]],
      `update settlement.ledger_entries e set amount = amount - 5 from settlement.ledger_accounts a
        where a.id = e.ledger_account_id and a.kind = 'chain' and a.account_id = $account`,
      `update settlement.ledger_entries e set amount = amount + 5 from settlement.ledger_accounts a
        where a.id = e.ledger_account_id and a.kind = 'chain' and a.account_id = $account`,
    ],
    [
      'an entry that no longer balances its posting',
      [['amount', -6n]],
      `update settlement.ledger_entries e set amount = amount - 6 from settlement.ledger_accounts a
        where a.id = e.ledger_account_id and a.kind = 'funds' and a.account_id = $account`,
      `update settlement.ledger_entries e set amount = amount + 6 from settlement.ledger_accounts a
        where a.id = e.ledger_account_id and a.kind = 'funds' and a.account_id = $account`,
    ],
    [
      "money moved between the partner's and what is left over",
      [['amount', -5n]],
      `update settlement.ledger_accounts set balance = balance + case kind when 'dust' then 5 else -5 end
        where kind <> 'chain' and account_id = $account`,
      `update settlement.ledger_accounts set balance = balance - case kind when 'dust' then 5 else -5 end
        where kind <> 'chain' and account_id = $account`,
    ],
    [
      'a posting that was given another event',
      [
        ['missing_inside', -1_000_000_000_000n],
        ['missing_outside', 1_000_000_000_000n],
      ],
      `update settlement.ledger_postings set log_index = log_index + 500 where account_id = $account`,
      `update settlement.ledger_postings set log_index = log_index - 500 where account_id = $account`,
    ],
    [
      'two postings that cancel each other out',
      [
        ['missing_outside', -7n],
        ['missing_outside', 7n],
      ],
      `insert into settlement.ledger_postings (id, kind, chain_id, block_number, block_hash, log_index, transaction_hash, account_id)
         select f.id, 'deposit', chain_id, 1, block_hash, log, transaction_hash, account_id
           from settlement.ledger_postings, (values ('pst_in', 997), ('pst_out', 998)) as f (id, log) where account_id = $account limit 2;
       insert into settlement.ledger_entries
         select p, id, case when (kind = 'funds') = (p = 'pst_in') then 7 else -7 end
           from settlement.ledger_accounts, unnest(array['pst_in', 'pst_out']) as p where account_id = $account and kind <> 'dust'`,
      `delete from settlement.ledger_entries where posting_id in ('pst_in', 'pst_out');
       delete from settlement.ledger_postings where id in ('pst_in', 'pst_out')`,
    ],
    [
      'a transfer of the index that somebody changed',
      [['index', 4n]],
      `update indexer.transfers set amount = amount + 4 where (token, recipient) = (select token, payer from settlement.accounts where id = $account)`,
      `update indexer.transfers set amount = amount - 4 where (token, recipient) = (select token, payer from settlement.accounts where id = $account)`,
    ],
    [
      'a transfer that is gone from the index',
      [['index', -1_000_000_000_000n]],
      `create table settlement.gone as select t.* from indexer.transfers t join settlement.accounts a on a.token = t.token and a.payer = t.recipient where a.id = $account;
       delete from indexer.transfers t using settlement.gone g where g.block_number = t.block_number and g.log_index = t.log_index`,
      'insert into indexer.transfers select * from settlement.gone',
    ],
    [
      'an index that is wrong',
      [['index', 3n]],
      `update indexer.balances set amount = amount + 3 where account = (select payer from settlement.accounts where id = $account)
         and token = (select token from settlement.accounts where id = $account)`,
      `update indexer.balances set amount = amount - 3 where account = (select payer from settlement.accounts where id = $account)
         and token = (select token from settlement.accounts where id = $account)`,
    ],
    [
      'reserved money that no payment holds',
      [['holds', 9n]],
      `update settlement.ledger_accounts set held = held + 9 where kind = 'funds' and account_id = $account`,
      `update settlement.ledger_accounts set held = held - 9 where kind = 'funds' and account_id = $account`,
    ],
  ];
  for (const [name, found, damage, repair] of faults)
    it(`finds ${name} at the next block, keeps it open while it lasts, and closes it when the books agree again`, async () => {
      const open = found.map(([kind, difference]) => ({ kind, account_id: usd, difference }));
      await tamper(stage.database, damage.replaceAll('$account', `'${usd}'`));
      expect(await reconcileNext()).to.deep.equal(open);
      const { rows: before } = await stage.database.query('select id from settlement.breaks order by id');
      expect(await reconcileNext()).to.deep.equal(open);
      const { rows: after } = await stage.database.query('select id from settlement.breaks order by id');
      expect(after, 'the same breaks').to.deep.equal(before);
      await tamper(stage.database, repair.replaceAll('$account', `'${usd}'`));
      expect(await reconcileNext()).to.deep.equal([]);
    });

  it('finds a transfer that neither index nor ledger has, because the chain is asked for the events of each block', async () => {
    const client = stage.chain.wallet(localAccounts.treasury);
    await client.writeContract({
      address: stage.chain.deployment.stablecoins.EUR.address,
      abi: stablecoinAbi,
      functionName: 'transfer',
      args: [freshWallet(), 25n],
    });
    await stage.mine();
    const ofIt = `where sender = '${stage.treasury}' and amount = 25`;
    await tamper(
      stage.database,
      `create table settlement.kept_25 as select * from indexer.transfers ${ofIt}`,
    );
    await tamper(stage.database, `delete from indexer.transfers ${ofIt}`);
    await stage.finalise();
    await stage.reconcile();
    const { rows: accounts } = await stage.database.query(
      `select id from settlement.accounts where currency = 'EUR'`,
    );
    const account = { account_id: accounts[0]?.id };
    const found = [
      { kind: 'index', ...account, difference: 25n },
      { kind: 'missing_inside', ...account, difference: 25n },
    ];
    expect(await openBreaks()).to.deep.equal(found);
    expect(await reconcileNext(), 'its block is old now').to.deep.equal(found);
    await tamper(stage.database, 'insert into indexer.transfers select * from settlement.kept_25');
    const [, missing] = found;
    expect(await reconcileNext()).to.deep.equal([missing]);
    const { rows: numbers } = await stage.database.query('select block_number from settlement.kept_25');
    const block = numbers[0]?.block_number;
    await withTransaction(stage.database, (tx) =>
      postings.postTransfers(tx, {
        chainId: stage.chainId,
        fromBlock: block,
        toBlock: block,
        accountId: account.account_id,
      }),
    );
    expect(await reconcileNext()).to.deep.equal([]);
  });

  it('is not disturbed by payments that are reserved or under way', async () => {
    await stage.accept(instruction(), instruction());
    await stage.batch();
    expect(await reconcileNext()).to.deep.equal([]);
  });

  it('finds a hold that somebody changed, and one whose payment has ended', async () => {
    const hold = `where payment_id = (select min(payment_id) from settlement.holds where state = 'pending')`;
    await tamper(stage.database, `update settlement.holds set amount = amount + 9 ${hold}`);
    expect(await reconcileNext()).to.deep.equal([{ kind: 'holds', account_id: usd, difference: -9n }]);
    await tamper(stage.database, `update settlement.holds set amount = amount - 9 ${hold}`);
    expect(await reconcileNext()).to.deep.equal([]);
    const payment = `where id = (select min(payment_id) from settlement.holds where state = 'pending')`;
    await tamper(stage.database, `update settlement.payments set state = 'posted' ${payment}`);
    expect(await reconcileNext()).to.deep.equal([
      { kind: 'holds', account_id: usd, difference: 10_000_000n },
    ]);
    await tamper(stage.database, `update settlement.payments set state = 'batched' ${payment}`);
    expect(await reconcileNext()).to.deep.equal([]);
  });
});
