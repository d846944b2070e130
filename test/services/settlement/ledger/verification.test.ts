import { expect } from 'chai';
import { toHex } from 'viem';
import { mnemonicToAccount } from 'viem/accounts';
import { runCommand } from '../../../../scripts/command.ts';
import { localAccounts } from '../../../../scripts/deploy/local.ts';
import { LedgerDiffers } from '../../../../scripts/verify-ledger/difference.ts';
import { verifyLedger } from '../../../../scripts/verify-ledger/verify.ts';
import { stablecoinAbi } from '../../../../services/core/abi/stablecoin.ts';
import { createChainClient } from '../../../../services/platform/chain.ts';
import { createLogger } from '../../../../services/platform/log.ts';
import { createSigner } from '../../../../services/platform/signer.ts';
import { anchorLedger } from '../../../../services/settlement/domains/ledger/anchoring.ts';
import { type Stage, startStage } from '../../../support/stage.ts';

const KEPT = [
  'accounts',
  'ledger_accounts',
  'ledger_postings',
  'ledger_entries',
  'ledger_seals',
  'ledger_head',
  'ledger_anchors',
];
const ZERO = `0x${'00'.repeat(32)}`;
/** What a clever owner of the database does after any change: number and seal everything anew. */
const SEAL_ANEW = `delete from settlement.ledger_seals;
  update settlement.ledger_head set number = 0, hash = '${ZERO}', booked_at = '-infinity';
  select settlement.seal_postings(array_agg(id)) from settlement.ledger_postings`;
const POSTING_3 = '(select posting_id from settlement.ledger_seals where number = 3)';
const DELETE_LAST = `create temp table last as select posting_id as id from settlement.ledger_seals order by number desc limit 1;
  update settlement.ledger_accounts a set balance = balance - e.amount from settlement.ledger_entries e
   where e.ledger_account_id = a.id and e.posting_id in (select id from last);
  delete from settlement.ledger_entries where posting_id in (select id from last);
  delete from settlement.ledger_seals where posting_id in (select id from last);
  delete from settlement.ledger_postings where id in (select id from last); drop table last`;

describe('ledger: verification', () => {
  let stage: Stage;
  before(async () => {
    stage = await startStage();
    await stage.openAccount('USD');
    await stage.openAccount('EUR');
    for (const units of [1n, 2n, 3n, 4n]) await mint(units * 10_000n);
    await anchor();
    await mint(5_000n);
    for (const table of KEPT)
      await stage.database.query(`create table public.${table} as table settlement.${table}`);
  });
  after(() => stage?.stop());
  afterEach(() =>
    asOwner(
      KEPT.map(
        (table) =>
          `delete from settlement.${table}; insert into settlement.${table} select * from public.${table}`,
      ).join(';'),
    ),
  );

  async function mint(units: bigint) {
    await stage.chain.wallet(localAccounts.minter).writeContract({
      address: stage.chain.deployment.stablecoins.USD.address,
      abi: stablecoinAbi,
      functionName: 'mint',
      args: [stage.treasury, units],
    });
    await stage.finalise();
  }
  async function anchor() {
    const { database, chainId } = stage;
    const { client: chain, deployment } = stage.chain;
    const { privateKey } = mnemonicToAccount('test test test test test test test test test test test junk', {
      addressIndex: localAccounts.ledgerAnchorer,
    }).getHdKey();
    const signer = createSigner(toHex(privateKey as Uint8Array));
    const log = createLogger('test', 'fatal');
    const parts = {
      database,
      chain,
      chainId,
      contract: deployment.ledgerAnchor,
      signer,
      intervalSeconds: 0,
      log,
    };
    await anchorLedger(parts);
    await stage.finalise();
    await anchorLedger(parts);
  }
  /** With every trigger and foreign key off, as the owner of the database can. */
  async function asOwner(sql: string) {
    await stage.database.query(
      `set session_replication_role = replica; ${sql}; set session_replication_role = default`,
    );
  }
  const verify = (withChain: boolean) => {
    const chain = createChainClient(stage.chain.rpcUrl, { batch: true });
    const onChain = withChain ? { chain, deployment: stage.chain.deployment } : undefined;
    return verifyLedger({ database: stage.database, onChain });
  };
  const difference = (withChain: boolean) =>
    verify(withChain).then(
      () => undefined,
      (error: unknown) => {
        if (error instanceof LedgerDiffers) return error;
        throw error;
      },
    );

  it('finds nothing in a sound ledger, and says how far it is anchored', async () => {
    const progress: [bigint, bigint][] = [];
    const { rows } = await stage.database.query('select ledger_id, number, hash from settlement.ledger_head');
    const found = await verifyLedger({
      database: stage.database,
      onChain: { chain: stage.chain.client, deployment: stage.chain.deployment },
      onProgress: (done, all) => progress.push([done, all]),
    });
    expect(found).to.deep.equal({
      ledgerId: rows[0].ledger_id,
      postings: rows[0].number,
      head: rows[0].hash,
      accounts: 6,
      anchors: 1,
      lastAnchored: rows[0].number - 1n,
      otherLedgers: [],
    });
    expect(progress).to.deep.equal([[rows[0].number, rows[0].number]]);
  });

  for (const [what, tampering, where] of [
    [
      'an amount that was changed, with its counter-entry and the balances',
      `update settlement.ledger_entries set amount = amount * 2 where posting_id = ${POSTING_3};
       update settlement.ledger_accounts a set balance = balance + e.amount / 2 from settlement.ledger_entries e
        where e.ledger_account_id = a.id and e.posting_id = ${POSTING_3}`,
      /^Posting 3 /,
    ],
    [
      'an amount that was changed alone',
      `update settlement.ledger_entries set amount = 1 where posting_id = ${POSTING_3} and amount > 0;
       update settlement.ledger_accounts a set balance = (select coalesce(sum(amount), 0) from settlement.ledger_entries where ledger_account_id = a.id)`,
      /^All balances in USD/,
    ],
    [
      'a time of booking that was changed',
      `update settlement.ledger_postings set booked_at = booked_at - interval '1 day' where id = ${POSTING_3}`,
      /^Posting 3 /,
    ],
    [
      'an account that was given to another partner',
      `update settlement.accounts set partner_id = 'ptn_other'`,
      /^Posting 1 /,
    ],
    [
      'a posting that was deleted, with entries, seal and balances',
      `${DELETE_LAST.replace('order by number desc limit 1', 'where number = 3')}`,
      /^Posting 3 is missing/,
    ],
    ['the last posting, deleted alike', DELETE_LAST, /^The head of the ledger/],
    [
      'two postings in another order',
      `update settlement.ledger_seals set number = case number when 2 then -3 else -2 end where number in (2, 3);
       update settlement.ledger_seals set number = -number where number < 0`,
      /^Posting 2 /,
    ],
    [
      'a seal that was changed',
      `update settlement.ledger_seals set hash = '${ZERO}' where number = 3`,
      /^Posting 3 /,
    ],
    [
      'a head that was changed',
      `update settlement.ledger_head set hash = '${ZERO}'`,
      /^The head after posting/,
    ],
    [
      'a balance that was changed',
      `update settlement.ledger_accounts set balance = balance + 1 where kind = 'dust' and currency = 'EUR'`,
      /^The balance of dust/,
    ],
    [
      'a posting that was never sealed',
      `insert into settlement.ledger_postings (id, kind, chain_id, block_number, block_hash, log_index, transaction_hash, account_id)
       select 'pst_unsealed', kind, chain_id, 1, block_hash, 0, transaction_hash, account_id from settlement.ledger_postings limit 1`,
      /^Posting pst_unsealed/,
    ],
    [
      'entries whose posting is gone',
      `delete from settlement.ledger_postings where id = ${POSTING_3}`,
      /^An entry of/,
    ],
  ] as const)
    it(`finds ${what}, by the database alone`, async () => {
      await asOwner(tampering);
      expect((await difference(false))?.where).to.match(where);
    });

  for (const [what, tampering, where] of [
    [
      'postings that were rewritten, and everything sealed anew: by the anchor',
      `update settlement.ledger_postings set booked_at = booked_at - interval '1 day'; ${SEAL_ANEW}`,
      /^Posting \d+, anchored in block/,
    ],
    [
      'anchored postings that are gone, and everything sealed anew, as after the restore of an older backup: by the anchor',
      `${DELETE_LAST}; ${DELETE_LAST}; ${SEAL_ANEW}`,
      /^Posting \d+, anchored in block/,
    ],
    [
      'an amount that the event does not have, sealed anew after the anchor: by the event',
      `update settlement.ledger_entries set amount = amount * 2 where posting_id = (select posting_id from settlement.ledger_seals order by number desc limit 1);
       update settlement.ledger_accounts a set balance = (select coalesce(sum(amount), 0) from settlement.ledger_entries where ledger_account_id = a.id);
       ${SEAL_ANEW}`,
      /^The event of posting/,
    ],
    [
      'an event that the chain does not have: by its receipt',
      `update settlement.ledger_postings set transaction_hash = '${ZERO}' where id = (select posting_id from settlement.ledger_seals order by number desc limit 1);
       ${SEAL_ANEW}`,
      /^The event of posting/,
    ],
    [
      'an anchor that the chain does not have',
      `update settlement.ledger_anchors set number = number - 1`,
      /^The anchor of posting/,
    ],
  ] as const)
    it(`finds ${what}`, async () => {
      await asOwner(tampering);
      expect((await difference(true))?.where).to.match(where);
      expect(await difference(false), 'the database alone agrees with itself').to.equal(undefined);
    });

  it('tells of anchors under another id: a ledger that was given a new one shows', async () => {
    await asOwner(
      `update settlement.ledger_head set ledger_id = '${ZERO}'; delete from settlement.ledger_anchors`,
    );
    const { anchors, otherLedgers } = await verify(true);
    expect(anchors).to.equal(0);
    expect(otherLedgers?.map(({ number }) => number > 0n)).to.deep.equal([true]);
  });

  it('begins at nothing: an empty ledger is sound', async () => {
    await asOwner(
      `delete from settlement.ledger_entries; delete from settlement.ledger_postings; update settlement.ledger_accounts set balance = 0;
       delete from settlement.ledger_seals; delete from settlement.ledger_anchors;
       update settlement.ledger_head set number = 0, hash = '${ZERO}', booked_at = '-infinity'`,
    );
    expect((await verify(false)).postings).to.equal(0n);
  });

  describe('npm run verify:ledger', () => {
    const run = (...args: string[]) =>
      runCommand('node', ['scripts/verify-ledger.ts', '--database', stage.databaseUrl, ...args], {
        limitSeconds: 60,
        env: { DEPLOYMENT_FILE: stage.chain.deploymentFile },
      });

    it('prints the trial balance of a time, and JSON for programs', async () => {
      const { rows } = await stage.database.query(
        'select booked_at from settlement.ledger_postings order by booked_at limit 1',
      );
      const at = new Date(rows[0].booked_at.getTime() + 1).toISOString();
      const { code, output } = await run('--rpc', stage.chain.rpcUrl, '--at', at, '--json');
      const found = JSON.parse(output);
      expect([code, found.ok, found.trialBalance.lastPosting.number]).to.deep.equal([0, true, '1']);
      const plain = await run('--at', at);
      expect(plain.code).to.equal(0);
      expect(plain.output).to.include(found.head);
    });

    it('says where the ledger differs, what was expected and what was found; exit code 1', async () => {
      await asOwner(`update settlement.ledger_seals set hash = '${ZERO}' where number = 3`);
      const { code, output } = await run('--json');
      const { ok, difference: found } = JSON.parse(output);
      expect([code, ok]).to.deep.equal([1, false]);
      expect(found).to.have.all.keys('where', 'expected', 'found');
      expect((await run()).output).to.match(/not sound.*Posting 3 .*expected.*found/);
    });
  });
});
