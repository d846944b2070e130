import { expect } from 'chai';
import { localAccounts } from '../../../scripts/deploy/local.ts';
import { seedLocalInsurance } from '../../../scripts/deploy/localInsurance.ts';
import { parametricCoverAbi } from '../../../services/core/abi/parametricCover.ts';
import { fromBytes32, toBytes32 } from '../../../services/core/oracleReport.ts';
import { CERTAIN_BLOCKS, type Hub, openHub } from '../../../services/oracle/hub.ts';
import { startTestChain, type TestChain } from '../../support/chain.ts';
import { reportObservation } from '../../support/observation.ts';
import { chainTime } from './reporting.ts';

const DAY = 86_400;
const WINDOW_SECONDS = 7_200;
const FLIGHT_DELAY = 1n;

describe('oracle: the risks of the cover, across reorganisations', () => {
  let chain: TestChain;
  let hub: Hub;
  let fork: string;
  let start: number;

  before(async () => {
    chain = await startTestChain();
    const { rpcUrl, deployment } = chain;
    await seedLocalInsurance({ rpcUrl, deployment });
    start = Math.floor((await chainTime(chain)) / DAY + 3) * DAY;
  });

  beforeEach(async () => {
    hub = openHub(chain.client, chain.deployment);
    fork = await chain.request<string>('evm_snapshot');
  });

  afterEach(() => chain.request('evm_revert', [fork]));

  after(() => chain?.stop());

  const cover = () => ({ address: chain.deployment.parametricCover, abi: parametricCoverAbi }) as const;
  const open = (subject: string, days: number) =>
    chain.wallet(localAccounts.operator).writeContract({
      ...cover(),
      functionName: 'openRisk',
      args: [
        FLIGHT_DELAY,
        toBytes32(subject),
        BigInt(start + days * DAY),
        BigInt(start + days * DAY + WINDOW_SECONDS),
      ],
    });
  const risks = async () => {
    const { number, timestamp } = await chain.client.getBlock();
    const found = await hub.openRisks(Number(timestamp), number);
    return found.map(({ subject, windowStart }) => [fromBytes32(subject), (windowStart - start) / DAY]);
  };
  const revert = async () => {
    await chain.request('evm_revert', [fork]);
    fork = await chain.request<string>('evm_snapshot');
  };

  it('given risks that were opened again in another order, has each as it is now', async () => {
    await open('FRA:LH400', 0);
    await open('FRA:LH720', 4);
    expect(await risks()).to.deep.equal([
      ['FRA:LH400', 0],
      ['FRA:LH720', 4],
    ]);
    await revert();
    await open('FRA:LH720', 4);
    await open('FRA:LH400', 0);
    expect(await risks()).to.deep.equal([
      ['FRA:LH720', 4],
      ['FRA:LH400', 0],
    ]);
  });

  it('forgets a risk that was never opened, and goes on', async () => {
    await open('FRA:LH400', 0);
    expect(await risks()).to.have.length(1);
    await revert();
    expect(await risks()).to.deep.equal([]);
    await open('HKG:CX289', 1);
    expect(await risks()).to.deep.equal([['HKG:CX289', 1]]);
  });

  it('has a risk again whose settlement was undone', async () => {
    await open('FRA:LH400', 0);
    expect(await risks()).to.have.length(1);
    await chain.request('evm_setNextBlockTimestamp', [start + WINDOW_SECONDS + 1]);
    await chain.request('evm_mine');
    const window = { windowStart: start, windowEnd: start + WINDOW_SECONDS };
    const [feed, subject] = [toBytes32('flight-delay-minutes'), toBytes32('FRA:LH400')];
    await reportObservation(chain, { feed, subject, ...window }, 0n);
    const settled = await chain.request<string>('evm_snapshot');
    await chain.wallet(9).writeContract({ ...cover(), functionName: 'settleRisk', args: [1n] });
    expect(await risks()).to.deep.equal([]);
    await chain.request('evm_revert', [settled]);
    expect(await risks()).to.deep.equal([['FRA:LH400', 0]]);
  });

  it('forgets one that nobody settles, as nobody is insured on it, when its grace period is over', async () => {
    await open('FRA:LH400', 0);
    const { number } = await chain.client.getBlock();
    const [{ graceSeconds }] = await chain.client.readContract({
      ...cover(),
      functionName: 'productOf',
      args: [FLIGHT_DELAY],
    });
    const graceEnd = start + WINDOW_SECONDS + graceSeconds;
    expect(await hub.openRisks(graceEnd - 1, number)).to.have.length(1);
    expect(await hub.openRisks(graceEnd, number)).to.deep.equal([]);
    expect(await hub.openRisks(graceEnd + DAY, number + CERTAIN_BLOCKS)).to.deep.equal([]);
  });
});
