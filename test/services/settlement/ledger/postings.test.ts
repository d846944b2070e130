import { expect } from 'chai';
import type { Address } from 'viem';
import { localAccounts } from '../../../../scripts/deploy/local.ts';
import { stablecoinAbi } from '../../../../services/core/abi/stablecoin.ts';
import { createLane } from '../../../../services/settlement/domains/lanes/worker.ts';
import { FINALITY_DEPTH, freshWallet, instruction, type Stage, startStage } from '../../../support/stage.ts';

const COIN = 1_000_000n;

describe('ledger: postings', () => {
  let stage: Stage;
  let usd: string;
  before(async () => {
    stage = await startStage();
    usd = await stage.openAccount('USD');
  });
  after(() => stage?.stop());

  const token = () =>
    ({ address: stage.chain.deployment.stablecoins.USD.address, abi: stablecoinAbi }) as const;
  const mint = (to: Address, units: bigint) =>
    stage.chain
      .wallet(localAccounts.minter)
      .writeContract({ ...token(), functionName: 'mint', args: [to, units] });
  const transfer = (from: number, to: Address, units: bigint) =>
    stage.chain.wallet(from).writeContract({ ...token(), functionName: 'transfer', args: [to, units] });
  /** The ledger accounts of an account, by kind. */
  const books = async (accountId: string): Promise<Record<string, bigint>> => {
    const { rows } = await stage.database.query(
      'select kind, balance from settlement.ledger_accounts where account_id = $1',
      [accountId],
    );
    return Object.fromEntries(rows.map(({ kind, balance }) => [kind, balance]));
  };
  const postingsOf = async (accountId: string) => {
    const { rows } = await stage.database.query(
      `select p.kind, e.amount from settlement.ledger_postings p
         left join (settlement.ledger_entries e join settlement.ledger_accounts l on l.id = e.ledger_account_id and l.kind = 'funds')
           on e.posting_id = p.id
        where p.account_id = $1 order by p.block_number, p.log_index`,
      [accountId],
    );
    return rows.map(({ kind, amount }) => `${kind} ${amount}`);
  };

  it('backfills an account with all that was final before it was opened, and nothing that was not', async () => {
    const index = 8;
    const wallet = stage.chain.accounts[index] as Address;
    await mint(wallet, 5n * COIN);
    await stage.mine(FINALITY_DEPTH + 1);
    await stage.follow();
    await mint(wallet, 7n * COIN);
    await stage.mine();
    await stage.follow();
    const id = await stage.openAccount('USD', wallet);
    expect(await postingsOf(id)).to.deep.equal([`deposit ${5n * COIN}`]);
    await stage.finalise();
    expect(await postingsOf(id)).to.deep.equal([`deposit ${5n * COIN}`, `deposit ${7n * COIN}`]);
    expect(await stage.openAccount('USD', wallet), 'opened again it is the same').to.equal(id);
  });

  it('waits for finality before it posts', async () => {
    const before = await books(usd);
    await mint(stage.treasury, COIN);
    await stage.mine(FINALITY_DEPTH);
    await stage.follow();
    expect(await books(usd)).to.deep.equal(before);
    await stage.mine();
    await stage.follow();
    expect(await books(usd)).to.deep.equal({
      ...before,
      funds: (before.funds ?? 0n) + COIN,
      chain: (before.chain ?? 0n) - COIN,
    });
  });

  it('rounds deposits down and withdrawals up to the minor unit; the rest waits as dust and is never lost', async () => {
    const index = 9;
    const wallet = stage.chain.accounts[index] as Address;
    const id = await stage.openAccount('USD', wallet);
    const steps: [act: () => Promise<unknown>, funds: bigint, dust: bigint][] = [
      [() => mint(wallet, 15_000n), 10_000n, 5_000n],
      [() => mint(wallet, 4_999n), 10_000n, 9_999n],
      [() => mint(wallet, 1n), 20_000n, 0n],
      [() => transfer(index, freshWallet(), 1n), 10_000n, 9_999n],
      [() => transfer(index, freshWallet(), 19_999n), 0n, 0n],
    ];
    for (const [act, funds, dust] of steps) {
      await act();
      await stage.finalise();
      expect(await books(id)).to.deep.equal({ funds, dust, chain: -(funds + dust) });
    }
  });

  it('posts several transfers of one block in their order, and one between two of our accounts to both', async () => {
    const [one, other] = [10, 11] as const;
    const [first, second] = [stage.chain.accounts[one] as Address, stage.chain.accounts[other] as Address];
    const ids = [await stage.openAccount('USD', first), await stage.openAccount('USD', second)] as const;
    await mint(first, 30n * COIN);
    await transfer(one, second, 10n * COIN);
    await transfer(one, first, 3n * COIN); // to itself: nothing moves
    await transfer(other, freshWallet(), 4n * COIN);
    await stage.finalise();
    expect(await postingsOf(ids[0])).to.deep.equal([`deposit ${30n * COIN}`, `withdrawal ${-10n * COIN}`]);
    expect(await postingsOf(ids[1])).to.deep.equal([`deposit ${10n * COIN}`, `withdrawal ${-4n * COIN}`]);
  });

  it('gives the money back of a payment whose recipient is frozen: returned, AC06; the rest of its batch settles', async () => {
    const before = await books(usd);
    const frozen = stage.chain.accounts[localAccounts.frozenSupplier] as Address;
    const wallet = freshWallet();
    const debtorAccount = { scheme: 'OTHER', identification: usd } as const;
    const ids = await stage.accept(
      instruction({ to: frozen, debtorAccount }),
      instruction({ to: wallet, debtorAccount }),
    );
    await stage.batch();
    const lane = createLane(stage.laneParts);
    await lane.round();
    await lane.release();
    await stage.finalise();
    expect(await stage.states(ids)).to.deep.equal(['returned', 'posted']);
    expect((await stage.payment(ids[0] as string)).reason_code).to.equal('AC06');
    expect(await stage.balanceOf(wallet)).to.equal(10n * COIN);
    expect((await books(usd)).funds).to.equal((before.funds ?? 0n) - 10n * COIN);
    expect((await stage.funds(usd))?.held).to.equal(0n);
    const { rows } = await stage.database.query(
      'select payment_id, state from settlement.holds where payment_id = any($1) order by payment_id',
      [ids],
    );
    expect(rows.map(({ state }) => state)).to.deep.equal(['voided', 'posted']);
    const { rows: told } = await stage.database.query(
      'select type from settlement.webhook_messages where payment_id = $1 order by id',
      [ids[0]],
    );
    expect(told.at(-1)).to.deep.equal({ type: 'payment.returned' });
  });

  it('keeps the books consistent when the partner moves reserved money away: the payment waits, nothing is overdrawn', async () => {
    const index = 12;
    const wallet = stage.chain.accounts[index] as Address;
    await mint(wallet, 10n * COIN);
    await stage.finalise();
    const id = await stage.openAccount('USD', wallet);
    const [payment] = (await stage.accept(
      instruction({ debtorAccount: { scheme: 'OTHER', identification: id } }),
    )) as [string];
    await transfer(index, freshWallet(), 10n * COIN);
    await stage.finalise();
    expect(await stage.funds(id)).to.deep.equal({ accountId: id, posted: 0n, held: 10n * COIN });
    await stage.batch();
    const lane = createLane(stage.laneParts);
    expect(await lane.round()).to.equal(0);
    await lane.release();
    expect(await stage.states([payment])).to.deep.equal(['batched']);
    await stage.reconcile();
    const { rows } = await stage.database.query('select kind from settlement.breaks');
    expect(rows).to.deep.equal([]);
  });
});
