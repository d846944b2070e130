import { expect } from 'chai';
import { type Address, type Hex, maxUint256, pad, toHex } from 'viem';
import { localAccounts } from '../../../../scripts/deploy/local.ts';
import { paymentRouterAbi } from '../../../../services/core/abi/paymentRouter.ts';
import { stablecoinAbi } from '../../../../services/core/abi/stablecoin.ts';
import { openAccount } from '../../../../services/settlement/domains/accounts/service.ts';
import * as postings from '../../../../services/settlement/domains/ledger/postings.ts';
import { freshWallet, type Stage, startStage } from '../../../support/stage.ts';
import { until } from '../../../support/until.ts';

describe('settlement: opening an account', () => {
  let stage: Stage;
  before(async () => {
    stage = await startStage();
  });
  after(() => stage?.stop());

  it('posts what is final already, also when the chain is followed for the first time meanwhile', async () => {
    await stage.database.query('delete from settlement.posted_blocks'); // as before the very first round
    const halfOpen = Promise.withResolvers<void>();
    const goOn = Promise.withResolvers<void>();
    const { chain, database, partnerId, treasury } = stage;
    const ledger = {
      ...postings,
      openLedgerAccounts: async (...parameters: Parameters<typeof postings.openLedgerAccounts>) => {
        halfOpen.resolve();
        await goOn.promise;
        await postings.openLedgerAccounts(...parameters);
      },
    };
    const opening = openAccount(
      { database, chain: chain.client, deployment: chain.deployment, ledger },
      { partnerId, currency: 'USD', payer: treasury },
    );
    await halfOpen.promise;
    const following = stage.follow();
    await until('the follower to have gone through, or to wait for the opening', async () => {
      const { rows } = await database.query(
        `select (select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock') as waiting,
                (select count(*) from settlement.posted_blocks) as through`,
      );
      return rows[0].waiting > 0n || rows[0].through > 0n;
    });
    goOn.resolve();
    const accountId = await opening;
    await following;

    expect((await stage.funds(accountId))?.posted).to.equal(await stage.balanceOf(treasury));
    expect((await stage.funds(accountId))?.posted).to.be.greaterThan(0n);
  });

  it('opens the account of a payer that has used the last sequence there is', async () => {
    const { chain } = stage;
    const [index, { address }] = [6, chain.deployment.stablecoins.CNY];
    const payer = chain.accounts[index] as Address;
    const wallet = chain.wallet(index);
    const router = { address: chain.deployment.paymentRouter, abi: paymentRouterAbi } as const;
    await chain
      .wallet(localAccounts.minter)
      .writeContract({ address, abi: stablecoinAbi, functionName: 'mint', args: [payer, 1_000_000n] });
    await wallet.writeContract({
      address,
      abi: stablecoinAbi,
      functionName: 'approve',
      args: [router.address, maxUint256],
    });
    await wallet.writeContract({
      ...router,
      functionName: 'authorizeOperator',
      args: [payer, address, 1_000_000n, 86_400],
    });
    await stage.mine();
    const packed: Hex = `${freshWallet()}${pad(toHex(10_000n), { size: 12 }).slice(2)}`;
    for (const sequence of [maxUint256, 4n])
      await wallet.writeContract({
        ...router,
        functionName: 'settleBatch',
        args: [payer, address, sequence, [packed]],
      });
    await stage.finalise();
    await stage.openAccount('CNY', payer);
    const { rows } = await stage.database.query(
      'select next_sequence from settlement.payers where payer = $1',
      [payer.toLowerCase()],
    );
    expect(rows).to.deep.equal([{ next_sequence: 5n }]);
  });

  it('gives the account there is when it is opened again', async () => {
    const first = await stage.openAccount('EUR');
    expect(await stage.openAccount('EUR')).to.equal(first);
  });
});
