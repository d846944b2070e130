/** One lane serves every account: one whose batches are refused takes little of it, and loses nothing by that. */
import { expect } from 'chai';
import { type Address, createPublicClient, custom, maxUint256 } from 'viem';
import { localAccounts } from '../../../../scripts/deploy/local.ts';
import { paymentRouterAbi } from '../../../../services/core/abi/paymentRouter.ts';
import { stablecoinAbi } from '../../../../services/core/abi/stablecoin.ts';
import { createLane } from '../../../../services/settlement/domains/lanes/worker.ts';
import { isSimulation } from '../../../support/simulations.ts';
import { FINALITY_DEPTH, instruction, type Stage, startStage } from '../../../support/stage.ts';

/** More than the lane has places. */
const BACKLOG = 40;
const ROUNDS_TO_END = 12;
const STUCK_WALLET = 7;

describe('lanes: fairness', () => {
  let stage: Stage;
  let stuck: string[];
  let simulations = 0;
  before(async () => {
    stage = await startStage();
    await stage.openAccount('USD');
    const payer = stage.chain.accounts[STUCK_WALLET] as Address;
    await stage.chain.wallet(localAccounts.minter).writeContract({
      address: stage.chain.deployment.stablecoins.EUR.address,
      abi: stablecoinAbi,
      functionName: 'mint',
      args: [payer, 10n ** 10n],
    });
    await stage.mine(FINALITY_DEPTH + 1);
    await stage.follow();
    await stage.openAccount('EUR', payer); // funded, and nobody authorised the operator
    const amount = { currency: 'EUR', value: '1.00' };
    stuck = await stage.accept(...Array.from({ length: BACKLOG }, () => instruction({ amount })));
    while (await stage.batch(1));
  });
  after(() => stage?.stop());

  const createCountingLane = () => {
    const chain = createPublicClient({
      transport: custom({
        request({ method, params }) {
          if (isSimulation({ method, params })) simulations++;
          return stage.chain.request(method, params);
        },
      }),
    });
    return createLane({ ...stage.laneParts, chain });
  };
  /** Takes a payment of the other account as far as its batch. */
  const batched = async () => {
    const [id] = (await stage.accept(instruction())) as [string];
    await stage.batch();
    return id;
  };
  /** How often each waiting batch was refused that was. */
  const failures = async () => {
    const { rows } = await stage.database.query<{ failures: number }>(
      `select failures from settlement.settlement_batches
        where failures > 0 and state = 'batched' order by first_sequence`,
    );
    return rows.map((row) => row.failures);
  };
  const pauseIsOver = () =>
    stage.database.query('update settlement.settlement_batches set attempt_after = now()');

  it('signs what another account brings in the next round, and tries one batch a round of the refused one', async () => {
    const lane = createCountingLane();
    expect(await lane.round()).to.equal(0);
    expect(await failures(), 'after one refusal the others wait').to.deep.equal([1]);
    for (let round = 2; round < 6; round++) {
      const id = await batched();
      await pauseIsOver();
      simulations = 0;
      expect(await lane.round()).to.equal(1);
      expect(await stage.states([id])).to.deep.equal(['broadcast']);
      expect(simulations, 'of the payment, and of the first of the refused').to.equal(2);
      expect(await failures(), 'the others wait behind the first, in their order').to.deep.equal([round]);
      await stage.finalise();
    }
    await lane.release();
  });

  it('gives a refused account no less than its turn when others bring more than the lane takes', async () => {
    const ids = await stage.accept(...Array.from({ length: BACKLOG }, () => instruction()));
    while (await stage.batch(1));
    const [before = 0] = await failures();
    await pauseIsOver();
    const lane = createCountingLane();
    await lane.round();
    expect(await failures()).to.deep.equal([before + 1]);
    for (let round = 0; (await stage.states(ids)).some((state) => state !== 'posted'); round++) {
      expect(round).to.be.below(ROUNDS_TO_END);
      await lane.round();
      await stage.finalise();
    }
    await lane.release();
  });

  it('takes everything up again when the cause is gone, and puts nobody behind the backlog', async () => {
    const owner = stage.chain.wallet(STUCK_WALLET);
    const { address } = stage.chain.deployment.stablecoins.EUR;
    const router = stage.chain.deployment.paymentRouter;
    await owner.writeContract({
      address,
      abi: stablecoinAbi,
      functionName: 'approve',
      args: [router, maxUint256],
    });
    await owner.writeContract({
      address: router,
      abi: paymentRouterAbi,
      functionName: 'authorizeOperator',
      args: [stage.laneParts.signer.address, address, 10n ** 12n, 86_400],
    });
    await stage.mine();
    await pauseIsOver();
    const lane = createCountingLane();
    expect(await lane.round(), 'the first that passes').to.equal(1);
    expect(await failures()).to.deep.equal([]);
    await stage.finalise();
    for (let round = 0; (await stage.states(stuck)).some((state) => state !== 'posted'); round++) {
      expect(round).to.be.below(ROUNDS_TO_END);
      const id = await batched();
      await lane.round();
      expect(await stage.states([id])).to.deep.equal(['broadcast']);
      await stage.finalise();
    }
  });
});
