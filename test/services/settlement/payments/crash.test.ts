/**
 * A process that dies right before or right after each of its commits, one after the other: whatever step it dies in,
 * the next process carries every payment to its end once.
 */
import { expect } from 'chai';
import type { Address } from 'viem';
import { localAccounts } from '../../../../scripts/deploy/local.ts';
import type { Database } from '../../../../services/platform/database.ts';
import { createLane } from '../../../../services/settlement/domains/lanes/worker.ts';
import * as holds from '../../../../services/settlement/domains/ledger/holds.ts';
import * as postings from '../../../../services/settlement/domains/ledger/postings.ts';
import { batchDuePayments } from '../../../../services/settlement/domains/payments/batcher.ts';
import { followChain } from '../../../../services/settlement/domains/payments/follower.ts';
import { Died, mortal } from '../../../support/mortal.ts';
import { FINALITY_DEPTH, freshWallet, instruction, type Stage, startStage } from '../../../support/stage.ts';

const ledger = { ...holds, ...postings };
/** More than a process makes between acceptance and posting; the test says when it has seen them all. */
const MOST_COMMITS = 40;

describe('payments: a crash at any commit', () => {
  let stage: Stage;
  let usd: string;
  before(async () => {
    stage = await startStage();
    usd = await stage.openAccount('USD');
  });
  after(() => stage?.stop());

  /** Everything that a process does, from the batch to the posting, with the blocks that come meanwhile. */
  async function carry(database: Database): Promise<void> {
    const { lifecycle, chainId } = stage;
    const follow = () => followChain({ database, lifecycle, chainId, ledger });
    const lane = createLane({ ...stage.laneParts, database });
    await batchDuePayments({ database, lifecycle, chainId, limits: stage.limits(2), maxAgeMs: 0 });
    await batchDuePayments({ database, lifecycle, chainId, limits: stage.limits(2), maxAgeMs: 0 });
    await lane.round();
    await stage.mine();
    await follow();
    await lane.round();
    await stage.mine(FINALITY_DEPTH + 1);
    await follow();
  }

  for (const moment of ['before', 'after'] as const)
    it(`loses nothing and does nothing twice when it dies ${moment} a commit`, async () => {
      const frozen = stage.chain.accounts[localAccounts.frozenSupplier] as Address;
      let commit = 0;
      for (let hasDied = true; hasDied; ) {
        commit++;
        expect(commit).to.be.below(MOST_COMMITS);
        const wallets = [freshWallet(), freshWallet(), freshWallet()];
        const before = await stage.funds(usd);
        const ids = await stage.accept(
          ...wallets.map((to) => instruction({ to })),
          instruction({ to: frozen }),
        );
        const process = mortal(stage.database, commit, moment);
        await carry(process.database).catch((error: unknown) => {
          if (!(error instanceof Died)) throw error;
        });
        hasDied = process.hasDied();
        // The next process; the lease of the dead one runs out.
        await stage.database.query('update settlement.lanes set lease_until = now()');
        await carry(stage.database);
        await stage.database.query('update settlement.lanes set lease_until = now()');

        expect(await stage.states(ids), `commit ${commit}`).to.deep.equal([
          'posted',
          'posted',
          'posted',
          'returned',
        ]);
        for (const wallet of wallets) expect(await stage.balanceOf(wallet)).to.equal(10_000_000n);
        expect(await stage.funds(usd)).to.deep.equal({
          ...before,
          posted: (before?.posted ?? 0n) - 30_000_000n,
        });
        await expectToldOnce(ids);
        await stage.reconcile();
        const { rows: breaks } = await stage.database.query('select kind from settlement.breaks');
        expect(breaks).to.deep.equal([]);
      }
      expect(commit, 'commits that a process makes').to.be.greaterThan(8);
    });

  /** Each webhook once and in order, whatever died. */
  async function expectToldOnce(ids: string[]): Promise<void> {
    const { rows } = await stage.database.query(
      `select array_agg(m.type order by m.id) as types from settlement.webhook_messages m where payment_id = any($1)
        group by payment_id order by payment_id`,
      [ids],
    );
    const settled = ['payment.accepted', 'payment.processing', 'payment.settled'];
    const returned = ['payment.accepted', 'payment.processing', 'payment.returned'];
    expect(rows.map(({ types }) => types)).to.deep.equal([settled, settled, settled, returned]);
  }
});
