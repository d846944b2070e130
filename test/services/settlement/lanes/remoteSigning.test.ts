/** A lane whose key is on another machine, which fails in every way; and a crash on both sides of the signature. */
import { expect } from 'chai';
import { createRemoteSigner } from '../../../../services/platform/remoteSigner.ts';
import type { Signer } from '../../../../services/platform/signer.ts';
import type { LaneState } from '../../../../services/settlement/domains/lanes/laneState.ts';
import { createLane } from '../../../../services/settlement/domains/lanes/worker.ts';
import { attemptsOf, batched, localKey, localSigner } from '../../../support/lanes.ts';
import { Died, mortal } from '../../../support/mortal.ts';
import { type RemoteSigner, type SignerFault, startRemoteSigner } from '../../../support/remoteSigner.ts';
import { type Stage, startStage } from '../../../support/stage.ts';

describe('lanes: a remote signer', () => {
  let stage: Stage;
  let server: RemoteSigner;
  let states: LaneState[];
  before(async () => {
    stage = await startStage();
    await stage.openAccount('USD');
    server = await startRemoteSigner(localKey(1));
  });
  after(async () => {
    await server?.[Symbol.asyncDispose]();
    await stage?.stop();
  });
  /** Each test is another process: the lane is free. */
  beforeEach(async () => {
    await stage.database.query('update settlement.lanes set owner = null');
    server.fault = 'none';
    states = [];
  });

  const remote = (timeoutMs = 30_000) =>
    createRemoteSigner({ url: server.url, publicKey: server.publicKey, timeoutMs });
  const observe = {
    onLaneState: (_: string, state: LaneState) => states.push(state),
    onLaneDepth: () => undefined,
    onForeignNonces: () => undefined,
  };
  const createRemoteLane = (signer: Signer = remote()) => createLane({ ...stage.laneParts, signer, observe });
  const dueNow = () => stage.database.query('update settlement.settlement_batches set attempt_after = now()');
  const settledOnce = async (payment: { id: string; wallet: `0x${string}` }) => {
    await stage.finalise();
    expect(await stage.states([payment.id])).to.deep.equal(['posted']);
    expect(await stage.balanceOf(payment.wallet)).to.equal(10_000_000n);
  };
  const noGap = async () => {
    const { rows } = await stage.database.query('select next_nonce from settlement.lanes');
    const count = await stage.chain.client.getTransactionCount({ address: stage.laneParts.signer.address });
    expect(BigInt(count)).to.equal(rows[0].next_nonce);
  };

  it('settles as with a local key', async () => {
    const payment = await batched(stage);
    const lane = createRemoteLane();
    expect(await lane.round()).to.equal(1);
    expect(states).to.deep.equal(['ready']);
    await settledOnce(payment);
  });

  const faults: [SignerFault, LaneState][] = [
    ['silent', 'signer_unavailable'],
    ['error', 'signer_unavailable'],
    ['wrong key', 'signer_mismatch'],
    ['garbage', 'signer_garbage'],
  ];
  for (const [fault, state] of faults)
    it(`takes no work and no nonce at its start as long as the server is at fault: ${fault}`, async () => {
      const payment = await batched(stage);
      server.fault = fault;
      const lane = createRemoteLane(fault === 'silent' ? remote(2_000) : remote());
      expect(await lane.round()).to.equal(0);
      expect(states).to.deep.equal([state]);
      expect(await attemptsOf(stage, payment.id)).to.deep.equal([]);
      server.fault = 'none';
      expect(await lane.round()).to.equal(1);
      expect(states.at(-1)).to.equal('ready');
      await settledOnce(payment);
    });

  it('gives the batch back and leaves no gap when the server fails between nonce and signature', async () => {
    const lane = createRemoteLane();
    await lane.round();
    const payment = await batched(stage);
    server.fault = 'error';
    expect(await lane.round()).to.equal(0);
    expect(states.at(-1)).to.equal('signer_unavailable');
    expect(await stage.states([payment.id])).to.deep.equal(['batched']);
    expect((await attemptsOf(stage)).at(-1)).to.include({ state: 'prepared', raw_transaction: null });
    await lane.round();
    await dueNow();
    expect(await attemptsOf(stage), 'one nonce, however often it is tried').to.have.length(1);
    server.fault = 'none';
    expect(await lane.round()).to.equal(1);
    await settledOnce(payment);
    await lane.round();
    expect((await attemptsOf(stage)).at(-1)).to.include({ state: 'included' });
    await noGap();
  });

  it('sends what is signed again while the server is away', async () => {
    const lane = createRemoteLane();
    const payment = await batched(stage);
    await lane.round();
    const [sent] = await attemptsOf(stage, payment.id);
    const hash = sent?.transaction_hash as `0x${string}`;
    await stage.chain.request('hardhat_dropTransaction', [hash]);
    await stage.database.query('update settlement.attempts set last_broadcast_at = null');
    server.fault = 'error';
    const next = await batched(stage);
    await lane.round();
    expect(states.at(-1)).to.equal('signer_unavailable');
    expect((await stage.chain.client.getTransaction({ hash })).hash).to.equal(hash);
    await settledOnce(payment);
    server.fault = 'none';
    await dueNow();
    await lane.round();
    await settledOnce(next);
  });

  for (const moment of ['before', 'after'] as const)
    it(`signs the same content under the same nonce when the process died ${moment} it could store the bytes`, async () => {
      const tidy = createRemoteLane(); // closes what earlier tests left
      await tidy.round();
      await tidy.release();
      const payment = await batched(stage);
      const signed: string[] = [];
      // The second commit of a round with one batch stores the bytes; the first took the nonce.
      const dying = mortal(stage.database, 2, moment);
      const noting: Signer = {
        ...stage.laneParts.signer,
        async sign(transaction) {
          const result = await localSigner(1).sign(transaction);
          if (transaction.data !== '0x') signed.push(result.hash);
          return result;
        },
      };
      const lane = createLane({ ...stage.laneParts, database: dying.database, signer: noting });
      const error = await lane.round().catch((reason: unknown) => reason);
      expect(error).to.be.instanceOf(Died);
      const [left] = await attemptsOf(stage, payment.id);
      expect(left?.state).to.equal(moment === 'before' ? 'prepared' : 'signed');
      expect(left?.transaction_hash).to.equal(moment === 'before' ? null : signed[0]);
      await stage.database.query('update settlement.lanes set lease_until = now()');
      await createRemoteLane().round();
      const attempts = await attemptsOf(stage, payment.id);
      expect(attempts).to.have.length(1);
      expect(attempts[0]).to.deep.include({
        nonce: left?.nonce,
        state: 'broadcast',
        transaction_hash: signed[0],
      });
      await settledOnce(payment);
      await noGap();
    });

  it('refuses the bytes of a process that was overtaken while the signer thought', async () => {
    const payment = await batched(stage);
    const asked = Promise.withResolvers<void>();
    const answered = Promise.withResolvers<void>();
    const slow: Signer = {
      ...stage.laneParts.signer,
      async sign(transaction) {
        if (transaction.data !== '0x') {
          asked.resolve();
          await answered.promise;
        }
        return localSigner(1).sign({ ...transaction, maxFeePerGas: transaction.maxFeePerGas + 1n });
      },
    };
    const late = createLane({ ...stage.laneParts, signer: slow });
    const round = late.round();
    await asked.promise;
    await stage.database.query('update settlement.lanes set lease_until = now()');
    await createRemoteLane().round();
    const [stored] = await attemptsOf(stage, payment.id);
    answered.resolve();
    expect(await round).to.equal(0);
    expect(await attemptsOf(stage, payment.id)).to.deep.equal([stored]);
    await settledOnce(payment);
    await noGap();
  });
});
