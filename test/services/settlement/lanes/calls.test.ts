/** Contract calls that domains want made, carried by the lanes beside the batches: each takes effect once. */
import { expect } from 'chai';
import { type Hex, type LocalAccount, parseEther, toHex } from 'viem';
import { localAccounts } from '../../../../scripts/deploy/local.ts';
import { stablecoinAbi } from '../../../../services/core/abi/stablecoin.ts';
import { type Database, withTransaction } from '../../../../services/platform/database.ts';
import { confirmCalls } from '../../../../services/settlement/domains/lanes/callConfirmation.ts';
import { type CallState, insertCall } from '../../../../services/settlement/domains/lanes/calls.ts';
import { createLane } from '../../../../services/settlement/domains/lanes/worker.ts';
import {
  authorization,
  fundedWallet,
  mintTo,
  payData,
  type SignedAuthorization,
  submitElsewhere,
} from '../../../support/authorizations.ts';
import { authorise, localSigner } from '../../../support/lanes.ts';
import { Died, mortal } from '../../../support/mortal.ts';
import { FINALITY_DEPTH, freshWallet, instruction, type Stage, startStage } from '../../../support/stage.ts';

const KIND = 'test';
/** Code that jumps back to its beginning until its gas is used up. */
const ENDLESS = '0x5b5f56';
/** Answers to whatever it is asked that the signature is good; and the code of one that does not. */
const ACCEPTING = '0x631626ba7e60e01b5f5260205ff3';
const REFUSING = '0x60205ff3';
/** More than a process makes between the first look at a call and its end; the test says when it has seen them all. */
const MOST_COMMITS = 30;
/** Nonces that a lane has under way at most. */
const PLACES = 16;
const ROUNDS_TO_END = 20;

describe('lanes: calls', function () {
  this.timeout(240_000);
  let stage: Stage;
  let payer: LocalAccount;
  let told: [id: string, state: CallState][];
  before(async () => {
    stage = await startStage();
    await stage.openAccount('USD');
    payer = await fundedWallet(stage.chain, 10n ** 9n);
    await stage.mine();
    stage.callListeners[KIND] = async (_, state, moves) => {
      told.push(...moves.map(({ id }): [string, CallState] => [id, state]));
    };
  });
  after(() => stage?.stop());
  /** Each test is another process: the lane is free. */
  beforeEach(async () => {
    await stage.database.query('update settlement.lanes set owner = null, lease_until = null');
    told = [];
  });

  const createOurLane = () => createLane(stage.laneParts);
  const wanted = async (
    over: Partial<SignedAuthorization> = {},
    limits: { notAfter?: bigint; mostGas?: bigint } = {},
  ) => {
    const signed = await authorization(stage.chain, payer, over);
    const id = await withTransaction(stage.database, (tx) =>
      insertCall(tx, {
        chainId: stage.chainId,
        kind: KIND,
        to: stage.chain.deployment.paymentRouter,
        data: payData(signed),
        hopelessErrors: ['AuthorizationAlreadyUsed'],
        ...limits,
      }),
    );
    return { id, signed };
  };
  const enoughWithoutMargin = async () => {
    const data = payData(await authorization(stage.chain, payer));
    const gas = await stage.chain.client.estimateGas({ to: stage.chain.deployment.paymentRouter, data });
    return (gas * 110n) / 100n;
  };
  const callOf = async (id: string) =>
    (await stage.database.query('select * from settlement.calls where id = $1', [id])).rows[0];
  const stateOf = async (id: string): Promise<CallState> => (await callOf(id)).state;
  const attemptsOf = async (id: string) =>
    (
      await stage.database.query(
        'select nonce, state, transaction_hash, raw_transaction from settlement.attempts where call_id = $1 order by id',
        [id],
      )
    ).rows;
  const dueNow = () => stage.database.query('update settlement.calls set attempt_after = now()');
  const expectOneEffect = async ({ id, signed }: { id: string; signed: SignedAuthorization }) => {
    expect(await stateOf(id)).to.equal('final');
    expect(await stage.balanceOf(signed.recipient)).to.equal(signed.amount);
    const hash = (await callOf(id)).transaction_hash as Hex;
    expect((await stage.chain.client.getTransactionReceipt({ hash })).status).to.equal('success');
  };
  const pauseCoin = (functionName: 'pause' | 'unpause') =>
    stage.chain.wallet(localAccounts.admin).writeContract({
      address: stage.chain.deployment.stablecoins.USD.address,
      abi: stablecoinAbi,
      functionName,
      gas: 200_000n,
    });

  it('signs, sends and confirms a call by its block, and tells its domain of every move', async () => {
    const call = await wanted();
    const lane = createOurLane();
    expect(await lane.round()).to.equal(1);
    expect(await stateOf(call.id)).to.equal('broadcast');
    await stage.mine();
    await lane.round();
    expect(await callOf(call.id)).to.include({
      state: 'included',
      block_hash: (await stage.chain.client.getBlock()).hash,
    });
    await stage.finalise();
    await expectOneEffect(call);
    expect(await attemptsOf(call.id)).to.have.length(1);
    expect(told).to.deep.equal(['signed', 'broadcast', 'included', 'final'].map((state) => [call.id, state]));
  });

  for (let depth = 1; depth <= FINALITY_DEPTH; depth++)
    it(`is broadcast again, with the same bytes, when ${depth} block(s) are undone`, async () => {
      const call = await wanted();
      const lane = createOurLane();
      const snapshot = await stage.chain.request('evm_snapshot');
      await lane.round();
      await stage.mine(depth);
      await lane.round();
      await stage.follow();
      expect(await stateOf(call.id)).to.equal('included');
      await stage.chain.request('evm_revert', [snapshot]);
      await stage.mine(depth + 1);
      await stage.follow();
      expect(await stateOf(call.id)).to.equal('broadcast');
      expect(await stage.balanceOf(call.signed.recipient)).to.equal(0n);
      await lane.round();
      await stage.mine();
      await lane.round();
      await stage.finalise();
      await expectOneEffect(call);
      expect((await attemptsOf(call.id)).map(({ state }) => state)).to.deep.equal(['included']);
    });

  for (const moment of ['before', 'after'] as const)
    it(`takes effect once when the process dies ${moment} any of its commits`, async () => {
      const carry = async (database: Database) => {
        const lane = createLane({ ...stage.laneParts, database });
        await lane.round();
        await stage.mine();
        await lane.round();
        await stage.mine(FINALITY_DEPTH + 1);
        await stage.follow();
        await confirmCalls({ database, chainId: stage.chainId });
      };
      let commit = 0;
      for (let hasDied = true; hasDied; ) {
        commit++;
        expect(commit).to.be.below(MOST_COMMITS);
        const call = await wanted();
        const process = mortal(stage.database, commit, moment);
        await carry(process.database).catch((error: unknown) => {
          if (!(error instanceof Died)) throw error;
        });
        hasDied = process.hasDied();
        await stage.database.query('update settlement.lanes set lease_until = now()');
        await carry(stage.database);
        await stage.database.query('update settlement.lanes set lease_until = now()');
        await expectOneEffect(call);
      }
      expect(commit, 'commits that a process makes').to.be.greaterThan(4);
    });

  it('waits with back-off while its contract refuses it, delays nobody, and goes on', async () => {
    const refused = await wanted();
    await pauseCoin('pause');
    await stage.mine();
    const lane = createOurLane();
    await lane.round();
    expect(await callOf(refused.id)).to.include({ state: 'waiting', failures: 1 });
    expect((await callOf(refused.id)).last_error).to.match(/^TokenIsPaused/);
    expect(told, 'of the reason').to.deep.equal([[refused.id, 'waiting']]);
    await pauseCoin('unpause');
    await stage.mine();
    await stage.database.query(`update settlement.calls set attempt_after = now() + interval '1 hour'`);
    const sound = await wanted();
    expect(await lane.round(), 'the other one').to.equal(1);
    expect(await stateOf(sound.id)).to.equal('broadcast');
    await dueNow();
    expect(await lane.round()).to.equal(1);
    await stage.mine();
    await lane.round();
    await stage.finalise();
    await expectOneEffect(refused);
    await expectOneEffect(sound);
  });

  it('ends as failed, with the error, when it can never succeed by what is final', async () => {
    const { id, signed } = await wanted();
    await submitElsewhere(stage.chain, signed);
    await stage.mine();
    await stage.follow();
    const lane = createOurLane();
    await lane.round();
    expect(await stateOf(id), 'a reorganisation may still undo it').to.equal('waiting');
    await stage.finalise();
    await dueNow();
    await lane.round();
    expect(await callOf(id)).to.include({
      state: 'failed',
      last_error: `AuthorizationAlreadyUsed(${signed.payer}, ${signed.nonce})`,
    });
    expect(await attemptsOf(id)).to.deep.equal([]);
    expect(told.map(([, state]) => state)).to.deep.equal(['waiting', 'failed']);
  });

  it('waits again when its transaction reverts, and ends when the time of a final block is past its own', async () => {
    const { timestamp } = await stage.chain.client.getBlock();
    const validBefore = timestamp + 1_000n;
    const { id, signed } = await wanted({ validBefore }, { notAfter: validBefore - 1n });
    const lane = createOurLane();
    await lane.round();
    await stage.chain.request('evm_increaseTime', [2_000]);
    await stage.mine();
    await lane.round();
    expect((await attemptsOf(id)).map(({ state }) => state)).to.deep.equal(['reverted']);
    expect(await stateOf(id)).to.equal('waiting');
    await dueNow();
    await lane.round();
    expect(await stateOf(id), 'the block is not final').to.equal('waiting');
    await stage.finalise();
    await dueNow();
    await lane.round();
    expect(await stateOf(id)).to.equal('expired');
    expect((await callOf(id)).last_error).to.match(/^AuthorizationExpired/);
    expect(await stage.balanceOf(signed.recipient)).to.equal(0n);
  });

  it('waits while it takes more gas than it may', async () => {
    for (const [mostGas, reason] of [
      [50_000n, /gas/],
      [await enoughWithoutMargin(), /at most \d+ is paid for$/],
    ] as const) {
      const { id } = await wanted({}, { mostGas });
      const lane = createOurLane();
      expect(await lane.round()).to.equal(0);
      await lane.release();
      expect((await callOf(id)).last_error).to.match(reason);
      await stage.database.query(`update settlement.calls set state = 'expired' where id = $1`, [id]);
    }
  });

  it('keeps nobody waiting when the code that it runs into never ends', async () => {
    const account = freshWallet();
    await stage.chain.request('hardhat_setCode', [account, ENDLESS]);
    const endless = await wanted({ payer: account, signature: '0x01' }, { mostGas: 500_000n });
    const sound = await wanted();
    expect(await createOurLane().round()).to.equal(1);
    expect(await stateOf(sound.id)).to.equal('broadcast');
    expect((await callOf(endless.id)).last_error).to.match(/^InvalidSignature/);
    await stage.database.query(`update settlement.calls set state = 'expired' where id = $1`, [endless.id]);
  });

  it('is tried ever more seldom when its transactions revert at our cost, each time again', async () => {
    const account = freshWallet();
    await mintTo(stage.chain, account, 100_000_000n);
    const accept = (isAccepted: boolean) =>
      stage.chain.request('hardhat_setCode', [account, isAccepted ? ACCEPTING : REFUSING]);
    await accept(true);
    await stage.mine();
    const { id } = await wanted({ payer: account, signature: '0x01' });
    const lane = createOurLane();
    const pauses: number[] = [];
    for (let revert = 0; revert < 5; revert++) {
      await accept(true);
      await dueNow();
      expect(await lane.round()).to.equal(1);
      await accept(false);
      await stage.mine();
      await lane.round();
      const { rows } = await stage.database.query(
        'select round(extract(epoch from attempt_after - updated_at))::int as pause from settlement.calls where id = $1',
        [id],
      );
      pauses.push(rows[0].pause);
    }
    expect(pauses).to.deep.equal([4, 16, 64, 256, 1024]);
    await stage.database.query(`update settlement.calls set state = 'expired' where id = $1`, [id]);
  });

  it('is not tried before its time', async () => {
    const { timestamp } = await stage.chain.client.getBlock();
    const { id } = await wanted();
    await stage.database.query('update settlement.calls set not_before = $2 where id = $1', [
      id,
      timestamp + 1_000n,
    ]);
    const lane = createOurLane();
    expect(await lane.round()).to.equal(0);
    expect(await callOf(id)).to.include({ state: 'waiting', failures: 0 });
    await stage.chain.request('evm_increaseTime', [1_000]);
    await stage.mine();
    expect(await lane.round()).to.equal(1);
  });

  it('finds the transaction that counted as reverted and took effect in another branch', async () => {
    const call = await wanted();
    const lane = createOurLane();
    await lane.round();
    const [attempt] = await attemptsOf(call.id);
    await stage.chain.request('hardhat_dropTransaction', [attempt.transaction_hash]);
    const snapshot = await stage.chain.request('evm_snapshot');
    await pauseCoin('pause');
    await stage.mine();
    await stage.chain.request('eth_sendRawTransaction', [attempt.raw_transaction]);
    await stage.mine();
    await lane.round();
    expect(await stateOf(call.id)).to.equal('waiting');
    await stage.chain.request('evm_revert', [snapshot]);
    await stage.chain.request('eth_sendRawTransaction', [attempt.raw_transaction]);
    await stage.mine(3);
    await dueNow();
    await lane.round();
    await stage.finalise();
    await expectOneEffect(call);
    expect(await attemptsOf(call.id)).to.have.length(1);
  });

  it('pays more when it is late, with the same calldata and nonce', async () => {
    const call = await wanted();
    const lane = createOurLane();
    await lane.round();
    for (let block = 0; block < 10; block++) {
      await stage.chain.request('hardhat_setNextBlockBaseFeePerGas', [toHex(parseEther('0.00000002'))]);
      await stage.mine();
    }
    await lane.round();
    const [first, second] = await attemptsOf(call.id);
    expect(second.nonce).to.equal(first.nonce);
    expect(second.transaction_hash).to.not.equal(first.transaction_hash);
    await stage.mine();
    await lane.round();
    await stage.finalise();
    await expectOneEffect(call);
    expect((await attemptsOf(call.id)).map(({ state }) => state)).to.deep.equal(['replaced', 'included']);
  });

  it('moves to a lane that works when the one that took a nonce for it dies before it signs', async () => {
    await authorise(stage.chain, localAccounts.treasury, [localSigner(5).address]);
    await stage.mine();
    const call = await wanted();
    const dying = mortal(stage.database, 1, 'after');
    await createLane({ ...stage.laneParts, database: dying.database })
      .round()
      .catch((error: unknown) => expect(error).to.be.instanceOf(Died));
    expect((await attemptsOf(call.id)).map(({ state }) => state)).to.deep.equal(['prepared']);
    await stage.database.query('update settlement.lanes set lease_until = now()');
    const other = createLane({ ...stage.laneParts, signer: localSigner(5) });
    await other.round(); // knows who works
    await other.round();
    expect(await stateOf(call.id)).to.equal('broadcast');
    await stage.mine();
    await other.round();
    await other.release();
    await createOurLane().round(); // the nonce that was taken is used up by nothing
    await stage.mine();
    await stage.finalise();
    await expectOneEffect(call);
    const { rows } = await stage.database.query(
      'select state from settlement.attempts where call_id is null and settlement_batch_id is null',
    );
    expect(rows).to.have.length(1);
  });

  it('is made also by a signer that no account authorised', async () => {
    const call = await wanted();
    await stage.database.query('update settlement.lanes set lease_until = now()');
    const other = createLane({ ...stage.laneParts, signer: localSigner(6) });
    expect(await other.round()).to.equal(1);
    const { rows } = await stage.database.query('select state from settlement.lanes where signer = $1', [
      localSigner(6).address.toLowerCase(),
    ]);
    expect(rows).to.deep.equal([{ state: 'not_operator' }]);
    await stage.mine();
    await other.round();
    await other.release();
    await stage.finalise();
    await expectOneEffect(call);
  });

  for (const first of ['calls', 'batches'] as const)
    it(`shares the lane's places when ${first} have them all`, async () => {
      const lane = createOurLane();
      const calls = async () => {
        for (let count = 0; count < PLACES + 4; count++) await wanted({ amount: 1_000_000n });
      };
      const batches = async () => {
        await stage.accept(...Array.from({ length: PLACES + 4 }, () => instruction({ value: '1.00' })));
        while (await stage.batch(1));
      };
      const underWay = async () => {
        const { rows } = await stage.database.query(
          `select count(call_id)::int as calls, count(settlement_batch_id)::int as batches
             from settlement.attempts where state in ('signed', 'broadcast')`,
        );
        return rows[0];
      };
      await (first === 'calls' ? calls() : batches());
      await lane.round();
      await lane.round();
      expect((await underWay())[first]).to.equal(PLACES);
      await (first === 'calls' ? batches() : calls());
      await stage.mine();
      await stage.follow();
      await lane.round();
      await lane.round();
      const shares = await underWay();
      expect(shares[first === 'calls' ? 'batches' : 'calls'], JSON.stringify(shares)).to.be.greaterThan(3);
      for (let round = 0; (await underWay()).calls + (await underWay()).batches > 0; round++) {
        expect(round).to.be.below(ROUNDS_TO_END);
        await stage.mine();
        await stage.follow();
        await lane.round();
      }
    });
});
