/** What is wrong with one payment of a batch keeps none of the others: the batch is divided until it stands alone. */
import { expect } from 'chai';
import { type Address, createPublicClient, custom, type PublicClient } from 'viem';
import { localAccounts } from '../../../../scripts/deploy/local.ts';
import { paymentRouterAbi } from '../../../../services/core/abi/paymentRouter.ts';
import { stablecoinAbi } from '../../../../services/core/abi/stablecoin.ts';
import { withTransaction } from '../../../../services/platform/database.ts';
import { divideBatch } from '../../../../services/settlement/domains/lanes/division.ts';
import { createLane } from '../../../../services/settlement/domains/lanes/worker.ts';
import { attemptsOf, openPayer } from '../../../support/lanes.ts';
import { isSimulation } from '../../../support/simulations.ts';
import { freshWallet, instruction, type Stage, startStage } from '../../../support/stage.ts';

const COUNT = 20;
/** Each division looks at two halves. */
const LOOKS = 1 + 2 * Math.ceil(Math.log2(COUNT));
const PAYER = 7;

describe('lanes: isolation of what is wrong', () => {
  let stage: Stage;
  before(async () => {
    stage = await startStage();
    await stage.openAccount('USD');
  });
  after(() => stage?.stop());
  beforeEach(() => stage.database.query('update settlement.lanes set owner = null'));

  const accepted = (values: readonly string[], payer: Address = stage.treasury) =>
    stage.accept(
      ...values.map((value) =>
        instruction({ value, debtorAccount: { scheme: 'EVM', identification: payer }, to: freshWallet() }),
      ),
    );
  const tens = (count: number) => Array.from({ length: count }, () => '10.00');
  /** Nobody may be paid what goes to the router: the screening lets no such payment in. */
  const poison = (id: string) =>
    stage.database.query('update settlement.payments set recipient = $2 where id = $1', [
      id,
      stage.chain.deployment.paymentRouter.toLowerCase(),
    ]);
  const dueNow = () => stage.database.query('update settlement.settlement_batches set attempt_after = now()');
  const sequences = async (ids: readonly string[]) => {
    const rows = await Promise.all(ids.map((id) => stage.payment(id)));
    return rows.map(({ sequence }) => sequence as bigint);
  };
  const batches = async (ids: readonly string[]) =>
    (
      await stage.database.query<{ count: number; state: string; is_set_aside: boolean }>(
        `select payment_count as count, state, is_set_aside from settlement.settlement_batches
          where id in (select settlement_batch_id from settlement.payments where id = any($1)) order by first_sequence`,
        [ids],
      )
    ).rows;
  const timelineOf = async (id: string) =>
    (
      await stage.database.query<{ state: string }>(
        'select state from settlement.timeline where payment_id = $1 order by id, step',
        [id],
      )
    ).rows.map(({ state }) => state);
  const settledInOrder = async (ids: readonly string[]) => {
    const { rows } = await stage.database.query<{ id: string }>(
      `select p.id from settlement.payments p join settlement.accounts a on a.id = p.account_id
         join indexer.payments i on i.payer = a.payer and i.sequence = p.sequence
        where p.id = any($1) order by i.block_number, i.log_index`,
      [ids],
    );
    expect(rows.map(({ id }) => id)).to.deep.equal(ids);
  };

  it('divides a batch until the bad payment stands alone: the others go at once, in their order, under their sequences', async () => {
    const ids = await accepted(tens(COUNT));
    await stage.batch();
    const given = await sequences(ids);
    const bad = ids[12] as string;
    await poison(bad);
    const later = await accepted(tens(2));
    await stage.batch();
    let looks = 0;
    const chain = createPublicClient({
      transport: custom({
        request({ method, params }) {
          if (isSimulation({ method, params })) looks++;
          return stage.chain.request(method, params);
        },
      }),
    }) as PublicClient;
    const lane = createLane({ ...stage.laneParts, chain });
    await lane.round();
    expect(looks, 'the later batch, and two for each division').to.be.at.most(LOOKS + 1);
    const good = [...ids.filter((id) => id !== bad), ...later];
    expect(new Set(await stage.states(good))).to.deep.equal(new Set(['broadcast']));
    expect(await stage.states([bad])).to.deep.equal(['batched']);
    expect(await sequences(ids)).to.deep.equal(given);
    await stage.finalise();
    expect(new Set(await stage.states(good))).to.deep.equal(new Set(['posted']));
    await settledInOrder(good);
    const { rows: told } = await stage.database.query<{ types: string[] }>(
      `select array_agg(type order by id) as types from settlement.webhook_messages where payment_id = any($1) group by payment_id`,
      [good],
    );
    expect(new Set(told.map(({ types }) => types.join()))).to.deep.equal(
      new Set(['payment.accepted,payment.processing,payment.settled']),
    );
    expect(await timelineOf(good.at(-3) as string), 'whatever batch it came from').to.deep.equal(
      'received screened reserved batched signed broadcast included final posted'.split(' '),
    );
    const { rows: alone } = await stage.database.query(
      `select b.payment_count, b.is_set_aside, b.failures, t.detail->>'reason' as reason
         from settlement.payments p join settlement.settlement_batches b on b.id = p.settlement_batch_id
         join settlement.timeline t on t.payment_id = p.id and t.detail ? 'reason' where p.id = $1`,
      [bad],
    );
    expect(alone).to.have.length(1);
    expect(alone[0]).to.include({ payment_count: 1, is_set_aside: true, failures: 1 });
    expect(alone[0].reason).to.match(/^RecipientInvalid/);
    await lane.release();
  });

  it('goes on with the account while the bad payment waits, and carries it when it is right', async () => {
    const [bad] = (await accepted(tens(1))) as [string];
    await stage.batch();
    await poison(bad);
    const lane = createLane(stage.laneParts);
    expect(await lane.round()).to.equal(0);
    for (let round = 0; round < 2; round++) {
      const [id] = (await accepted(tens(1))) as [string];
      await stage.batch();
      await dueNow();
      expect(await lane.round(), 'the good one').to.equal(1);
      expect(await stage.states([id, bad])).to.deep.equal(['broadcast', 'batched']);
      await stage.mine();
    }
    await stage.database.query('update settlement.payments set recipient = $2 where id = $1', [
      bad,
      freshWallet(),
    ]);
    await dueNow();
    expect(await lane.round()).to.equal(1);
    await stage.finalise();
    expect(await stage.states([bad])).to.deep.equal(['posted']);
    await lane.release();
  });

  it('divides a batch whose transaction was included and reverted, and pays each once', async () => {
    const ids = await accepted(tens(5));
    await stage.batch();
    const mute = createPublicClient({
      transport: custom({
        request({ method, params }) {
          if (method === 'eth_sendRawTransaction') throw new Error('lost');
          return stage.chain.request(method, params);
        },
      }),
    }) as PublicClient;
    const losing = createLane({ ...stage.laneParts, chain: mute });
    await losing.round();
    await losing.release();
    const token = { address: stage.chain.deployment.stablecoins.USD.address, abi: stablecoinAbi } as const;
    const admin = stage.chain.wallet(localAccounts.admin);
    await admin.writeContract({ ...token, functionName: 'pause' });
    await stage.mine();
    const lane = createLane(stage.laneParts);
    await lane.round();
    await stage.mine();
    await lane.round();
    expect(await batches(ids)).to.deep.equal(
      [3, 2].map((count) => ({ count, state: 'batched', is_set_aside: false })),
    );
    expect((await attemptsOf(stage, ids[0])).map(({ state }) => state)).to.deep.equal(['reverted']);
    await admin.writeContract({ ...token, functionName: 'unpause' });
    await stage.mine();
    await dueNow();
    expect(await lane.round()).to.be.at.least(1);
    await lane.round();
    await stage.finalise();
    expect(new Set(await stage.states(ids))).to.deep.equal(new Set(['posted']));
    await settledInOrder(ids);
    expect((await timelineOf(ids[4] as string)).join(' '), 'what its first batch went through').to.match(
      /^received screened reserved batched signed broadcast batched .*signed broadcast included final posted$/,
    );
    await lane.release();
  });

  it('keeps a batch whole of which something is under way', async () => {
    const ids = await accepted(tens(4));
    await stage.batch();
    const { settlement_batch_id: batch } = await stage.payment(ids[0] as string);
    const divided = () => withTransaction(stage.database, (tx) => divideBatch(tx, batch, 2));
    const lane = createLane(stage.laneParts);
    await lane.round();
    expect(await divided(), 'broadcast').to.equal(undefined);
    await stage.database.query(`update settlement.settlement_batches set state = 'batched' where id = $1`, [
      batch,
    ]);
    expect(await divided(), 'an attempt has not ended').to.equal(undefined);
    await stage.database.query(`update settlement.settlement_batches set state = 'broadcast' where id = $1`, [
      batch,
    ]);
    await stage.finalise();
    expect(new Set(await stage.states(ids))).to.deep.equal(new Set(['posted']));
    await lane.release();
  });

  it('lets go what the limit allows, in order, and keeps nobody behind what the limit never allows', async () => {
    const payer = await openPayer(stage, PAYER, []);
    const limit = (units: bigint) =>
      stage.chain.wallet(PAYER).writeContract({
        address: stage.chain.deployment.paymentRouter,
        abi: paymentRouterAbi,
        functionName: 'authorizeOperator',
        args: [
          stage.laneParts.signer.address,
          stage.chain.deployment.stablecoins.USD.address,
          units,
          86_400 * 100,
        ],
      });
    await limit(100_000_000n);
    await stage.mine();
    const ids = await accepted(['60.00', '50.00', '5.00', '101.00', '5.00'], payer);
    await stage.batch();
    const lane = createLane(stage.laneParts);
    expect(await lane.round()).to.equal(1);
    await stage.mine();
    await stage.follow();
    await dueNow();
    expect(await lane.round(), 'the small one does not pass the one before it').to.equal(0);
    expect(await stage.states(ids)).to.deep.equal(['included', 'batched', 'batched', 'batched', 'batched']);
    await limit(100_000_000n); // it starts full
    await stage.mine();
    for (let round = 0; round < 2; round++) {
      await dueNow();
      await lane.round();
      await stage.mine();
      await stage.follow();
    }
    await stage.finalise();
    expect(await stage.states(ids)).to.deep.equal(['posted', 'posted', 'posted', 'batched', 'posted']);
    await settledInOrder(ids.filter((_, place) => place !== 3));
    expect((await batches([ids[3] as string]))[0]).to.include({ count: 1, is_set_aside: true });
    await lane.release();
  });
});
