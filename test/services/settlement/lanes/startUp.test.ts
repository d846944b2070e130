/** What a lane looks at before it takes work: the chain's nonces, money, permission, and whether the node makes sense. */
import { expect } from 'chai';
import { type Address, createPublicClient, custom, type PublicClient, toHex } from 'viem';
import { localAccounts } from '../../../../scripts/deploy/local.ts';
import { createChainWitness } from '../../../../services/platform/chainWitness.ts';
import type { LaneState } from '../../../../services/settlement/domains/lanes/laneState.ts';
import type { LaneParts } from '../../../../services/settlement/domains/lanes/parts.ts';
import { createLane } from '../../../../services/settlement/domains/lanes/worker.ts';
import { attemptsOf, authorise, batched, keepLeases, localSigner } from '../../../support/lanes.ts';
import { freshWallet, type Stage, startStage } from '../../../support/stage.ts';

const STRANGER = 16;

describe('lanes: before any work is accepted', () => {
  let stage: Stage;
  let states: LaneState[];
  let foreign: number;
  before(async () => {
    stage = await startStage();
    await stage.openAccount('USD');
  });
  after(() => stage?.stop());
  beforeEach(async () => {
    await stage.database.query('update settlement.lanes set owner = null, lease_until = null');
    [states, foreign] = [[], 0];
  });

  const observe = {
    onLaneState: (_: Address, state: LaneState) => states.push(state),
    onLaneDepth: () => undefined,
    onForeignNonces: (_: Address, count: number) => {
      foreign += count;
    },
  };
  const laneOf = (over: Partial<LaneParts> = {}) => createLane({ ...stage.laneParts, observe, ...over });
  /** The chain as a node tells of it that changes some answers. */
  const nodeThat = (answers: Record<string, (answer: unknown) => unknown>) =>
    createPublicClient({
      transport: custom(
        {
          async request({ method, params }) {
            const answer = await stage.chain.request(method, params);
            return answers[method] ? answers[method](answer) : answer;
          },
        },
        { retryCount: 0 },
      ),
    }) as PublicClient;
  const nextNonce = async (signer: string) => {
    const { rows } = await stage.database.query('select next_nonce from settlement.lanes where signer = $1', [
      signer.toLowerCase(),
    ]);
    return Number(rows[0]?.next_nonce);
  };
  const { operator } = localAccounts;
  const sendOutside = () =>
    stage.chain.wallet(operator).sendTransaction({ to: freshWallet(), value: 1n, gas: 21_000n });

  it('goes on after the nonces that the signer used elsewhere, and counts them', async () => {
    await laneOf().round();
    await stage.database.query('update settlement.lanes set owner = null');
    foreign = 0;
    for (let sent = 0; sent < 3; sent++) await sendOutside();
    await stage.mine();
    const { address } = stage.laneParts.signer;
    const payment = await batched(stage);
    expect(await laneOf().round()).to.equal(1);
    expect(foreign).to.equal(3);
    const count = await stage.chain.client.getTransactionCount({ address });
    expect((await attemptsOf(stage, payment.id)).map(({ nonce }) => Number(nonce))).to.deep.equal([count]);
    await stage.finalise();
    expect(await stage.states([payment.id])).to.deep.equal(['posted']);
  });

  it('takes the nonces of the chain when the database is restored from an older backup', async () => {
    const lane = laneOf();
    const payments = [await batched(stage), await batched(stage)];
    await lane.round();
    await stage.finalise();
    const { address } = stage.laneParts.signer;
    const before = await nextNonce(address);
    const ids = payments.map(({ id }) => id);
    await stage.database.query(
      `delete from settlement.attempts where settlement_batch_id in
         (select settlement_batch_id from settlement.payments where id = any($1))`,
      [ids],
    );
    await stage.database.query('update settlement.lanes set next_nonce = next_nonce - 2, owner = null');
    const next = await batched(stage);
    expect(await laneOf().round()).to.equal(1);
    expect((await attemptsOf(stage, next.id)).map(({ nonce }) => Number(nonce))).to.deep.equal([before]);
    await stage.finalise();
    expect(await stage.states([...ids, next.id])).to.deep.equal(['posted', 'posted', 'posted']);
  });

  it('gives a nonce back that it never used, after a node that counted too many', async () => {
    const { address } = stage.laneParts.signer;
    const count = await stage.chain.client.getTransactionCount({ address });
    await laneOf({ chain: nodeThat({ eth_getTransactionCount: () => toHex(count + 500) }) }).round();
    expect(await nextNonce(address)).to.equal(count + 500);
    await stage.database.query('update settlement.lanes set owner = null');
    const payment = await batched(stage);
    expect(await laneOf().round()).to.equal(1);
    expect((await attemptsOf(stage, payment.id)).map(({ nonce }) => Number(nonce))).to.deep.equal([count]);
    await stage.finalise();
    expect(await stage.states([payment.id])).to.deep.equal(['posted']);
  });

  it('pauses a signer that no account authorised, and takes it up when one does', async () => {
    const signer = localSigner(STRANGER);
    const payment = await batched(stage);
    const lane = laneOf({ signer });
    expect(await lane.round()).to.equal(0);
    expect(states).to.deep.equal(['not_operator']);
    expect((await stage.payment(payment.id)).state).to.equal('batched');
    await authorise(stage.chain, localAccounts.treasury, [signer.address]);
    await stage.mine();
    await stage.database.query(`update settlement.lane_accounts set checked_at = now() - interval '1 hour'`);
    expect(await lane.round()).to.equal(1);
    expect(states.at(-1)).to.equal('ready');
    await lane.release();
    await stage.finalise();
    expect(await stage.states([payment.id])).to.deep.equal(['posted']);
  });

  it('pauses a signer without money, keeps its nonces, and goes on when it has some', async () => {
    const { address } = stage.laneParts.signer;
    const setBalance = (wei: bigint) => stage.chain.request('hardhat_setBalance', [address, toHex(wei)]);
    const balance = await stage.chain.client.getBalance({ address });
    await setBalance(0n);
    const payment = await batched(stage);
    const lane = laneOf();
    expect(await lane.round()).to.equal(0);
    expect(states).to.deep.equal(['unfunded']);
    await setBalance(10n ** 14n); // for a transfer, not for a batch
    expect(await lane.round()).to.equal(0);
    expect(await attemptsOf(stage, payment.id)).to.deep.equal([]);
    expect(states).to.deep.equal(['unfunded', 'unfunded']);
    await setBalance(balance);
    expect(await lane.round()).to.equal(1);
    await stage.finalise();
    expect(await stage.states([payment.id])).to.deep.equal(['posted']);
  });

  const garbage: Record<string, Record<string, (answer: unknown) => unknown>> = {
    'words instead of nonces': { eth_getTransactionCount: () => 'many' },
    'nothing instead of nonces': { eth_getTransactionCount: () => null },
    'no head': { eth_getBlockByNumber: () => null },
    'a head that is no block': { eth_getBlockByNumber: () => ({ number: 'x' }) },
    'a balance that is none': { eth_getBalance: () => '0xzz' },
  };
  for (const [name, answers] of Object.entries(garbage))
    it(`signs nothing and gives the lane to others when the node answers ${name}`, async () => {
      const payment = await batched(stage);
      const lane = laneOf({ chain: nodeThat(answers) });
      const error = await lane.round().catch((reason: unknown) => reason);
      expect(error).to.be.instanceOf(Error);
      expect(states).to.deep.equal(['failing']);
      expect(await attemptsOf(stage, payment.id)).to.deep.equal([]);
      expect(await laneOf().round(), 'of another process, at once').to.equal(1);
      await stage.finalise();
      expect(await stage.states([payment.id])).to.deep.equal(['posted']);
    });

  const otherChains: Record<string, Record<string, (answer: unknown) => unknown>> = {
    'chain id': { eth_chainId: () => toHex(1) },
    genesis: { eth_getBlockByNumber: (block) => ({ ...(block as object), hash: `0x${'66'.repeat(32)}` }) },
  };
  for (const [name, answers] of Object.entries(otherChains))
    it(`stops sending and signing when the node has another ${name}, and goes on when it is as before`, async () => {
      const payment = await batched(stage);
      const { hash: genesisHash } = await stage.chain.client.getBlock({ blockNumber: 0n });
      const { chainId } = stage;
      const parts = { identity: { chainId, genesisHash }, log: stage.laneParts.log };
      const replaced = createChainWitness({ node: nodeThat(answers), ...parts });
      expect(await laneOf({ witness: replaced }).round()).to.equal(0);
      expect(states).to.deep.equal(['chain_replaced']);
      await stage.database.query('update settlement.lanes set owner = null');
      const asBefore = createChainWitness({ node: stage.chain.client, ...parts });
      expect(await laneOf({ witness: asBefore }).round()).to.equal(1);
      await stage.finalise();
      expect(await stage.states([payment.id])).to.deep.equal(['posted']);
    });

  for (const hours of [-1, 1])
    it(`does not mind a host whose clock is wrong by ${hours} h: leases and pauses go by the database's`, async () => {
      const { now } = Date;
      Date.now = () => now() + hours * 3_600_000;
      try {
        const payment = await batched(stage);
        const lane = laneOf();
        expect(await lane.round()).to.equal(1);
        await keepLeases(stage);
        const other = laneOf();
        await other.round();
        expect(states.at(-1), 'the lease runs for others too').to.equal('standby');
        const [sent] = await attemptsOf(stage, payment.id);
        const hash = sent?.transaction_hash as `0x${string}`;
        await stage.chain.request('hardhat_dropTransaction', [hash]);
        await stage.database.query(
          `update settlement.attempts set last_broadcast_at = now() - interval '5 seconds' where transaction_hash = $1`,
          [hash],
        );
        await lane.round();
        expect((await stage.chain.client.getTransaction({ hash })).hash, 'sent again').to.equal(hash);
        await stage.finalise();
        expect(await stage.states([payment.id])).to.deep.equal(['posted']);
      } finally {
        Date.now = now;
      }
    });
});
