/** A thousand policies on one risk, paid by keepers who race while one of them is killed. Time is counted in blocks. */
import { expect } from 'chai';
import { type Hex, parseEventLogs } from 'viem';
import { keep } from '../../../../services/settlement/domains/insurance/keeper.ts';
import { type InsuranceStage, startInsuranceStage } from '../../../support/insuranceStage.ts';
import { sellPolicies } from '../../../support/manyPolicies.ts';
import { Died, mortal } from '../../../support/mortal.ts';
import { freshWallet } from '../../../support/stage.ts';

const POLICIES = 1_000;
/** From the observation's block on. */
const MOST_BLOCKS = 15;
const COIN = 1_000_000n;

describe('insurance: a thousand policies on one risk', function () {
  this.timeout(590_000);
  let stage: InsuranceStage;
  before(async () => {
    stage = await startInsuranceStage();
  });
  after(() => stage?.stop());

  it(`pays all within ${MOST_BLOCKS} blocks of the observation, each once, whoever dies or races`, async () => {
    const holders = Array.from({ length: POLICIES }, freshWallet);
    const flight = await stage.flight({ subject: 'LHR:BA117' });
    await sellPolicies(stage.chain, flight, holders, stage.mine);
    await stage.arrive(Date.parse(flight.windowEnd) / 1_000 + 1);
    await stage.observe(flight, 'flight-delay-minutes', 500n);
    await stage.mine();
    const observed = await stage.chain.client.getBlockNumber({ cacheTime: 0 });

    const payments = async () => {
      const { address, abi } = stage.cover;
      const logs = await stage.chain.client.getLogs({ address, fromBlock: observed });
      return parseEventLogs({ abi, eventName: 'PolicyPaid', logs });
    };
    for (let block = 1; (await payments()).length < POLICIES; block++) {
      expect(block, 'blocks').to.be.at.most(MOST_BLOCKS);
      // One of them dies at each block, at another of its commits.
      const dying = mortal(stage.database, ((block - 1) % 3) + 1, block % 2 === 0 ? 'before' : 'after');
      const keepers = [stage.database, dying.database, stage.database].map((database) =>
        keep(stage.keeper(database)),
      );
      for (const ended of await Promise.allSettled(keepers))
        if (ended.status === 'rejected' && !(ended.reason instanceof Died)) throw ended.reason;
      await stage.dueNow();
      await stage.turn();
    }
    const paid = await payments();
    expect(paid.at(-1)?.blockNumber).to.be.at.most(observed + BigInt(MOST_BLOCKS));
    expect(paid.map(({ args }) => args.holder.toLowerCase()).sort()).to.deep.equal(holders.toSorted());
    for (const holder of [holders[0], holders.at(-1)] as Hex[])
      expect(await stage.balanceOf(holder)).to.equal(COIN);
    const { rows } = await stage.database.query(
      `select count(*) as policies, count(distinct call_id) as calls from settlement.policy_payments`,
    );
    expect(rows).to.deep.equal([{ policies: BigInt(POLICIES), calls: 10n }]);
  });
});
