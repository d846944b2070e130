import { expect } from 'chai';
import { encodeFunctionData, type Hex } from 'viem';
import { oracleHubAbi } from '../../../services/core/abi/oracleHub.ts';
import { createTransmitter } from '../../../services/oracle/domains/rounds/transmitter.ts';
import { createOracleMetrics } from '../../../services/oracle/metrics.ts';
import { createLogger } from '../../../services/platform/log.ts';
import { Registry } from '../../../services/platform/metrics.ts';
import { createSigner } from '../../../services/platform/signer.ts';
import { startTestChain, type TestChain } from '../../support/chain.ts';
import { reporterAddress, reporterKey } from './reporting.ts';

const DEAR = '0xE8D4A51000'; // 1,000 gwei: more than any transaction here offers
const CHEAP = '0x1';
const REPORTER = 0;

/** A call that the hub takes from anybody; what a report is made of is not the transmitter's matter. */
const taken = encodeFunctionData({ abi: oracleHubAbi, functionName: 'reporterSet' });
const another = encodeFunctionData({ abi: oracleHubAbi, functionName: 'scheduledReporterSet' });
const refused = encodeFunctionData({ abi: oracleHubAbi, functionName: 'cancelReporterSet', args: [9] });

describe('oracle: the transmitter', () => {
  let chain: TestChain;
  let untouched: string;

  before(async () => {
    chain = await startTestChain();
    await chain.request('evm_setAutomine', [false]);
  });

  beforeEach(async () => {
    untouched = await chain.request<string>('evm_snapshot');
  });

  afterEach(() => chain.request('evm_revert', [untouched]));

  after(() => chain?.stop());

  /** As a process has it that was just started. */
  function transmitter() {
    const registry = new Registry();
    const one = createTransmitter({
      chain: chain.client,
      chainId: chain.deployment.chainId,
      hub: chain.deployment.oracleHub,
      signer: createSigner(reporterKey(REPORTER)),
      metrics: createOracleMetrics(registry),
      log: createLogger('test', 'fatal'),
    });
    const count = async (outcome: string) => {
      const { values } = (await registry.getSingleMetric('oracle_reports_total')?.get()) ?? { values: [] };
      return values.find(({ labels }) => labels.outcome === outcome)?.value ?? 0;
    };
    return { ...one, count };
  }
  const head = () => chain.client.getBlockNumber({ cacheTime: 0 });
  const nonce = () => chain.client.getTransactionCount({ address: reporterAddress(REPORTER) });
  const mine = async (baseFee: Hex) => {
    await chain.request('hardhat_setNextBlockBaseFeePerGas', [baseFee]);
    await chain.request('evm_mine');
  };
  const waiting = async () =>
    (await chain.request<{ transactions: Hex[] }>('eth_getBlockByNumber', ['pending', false])).transactions;

  it('sends two reports side by side, and counts both once they are in a block', async () => {
    const { send, settle, count } = transmitter();
    expect([
      await send('prices', taken, await head()),
      await send('observations', taken, await head()),
    ]).to.deep.equal(['sent', 'sent']);
    await mine(CHEAP);
    await settle();
    expect([await nonce(), await count('sent')]).to.deep.equal([2, 1]); // one of each kind
    expect(await count('included')).to.equal(1);
  });

  it('replaces what waits for three blocks by what is due then, under the same nonce', async () => {
    const { send, count } = transmitter();
    await send('prices', taken, await head());
    for (let block = 0; block < 3; block++) await mine(DEAR);
    expect(await nonce()).to.equal(0);
    expect(await send('prices', taken, await head())).to.equal('sent');
    expect([await count('sent'), await count('replaced')]).to.deep.equal([1, 1]);
    await mine(CHEAP);
    expect(await nonce()).to.equal(1);
  });

  it('after a restart takes the place of what it does not remember', async () => {
    await transmitter().send('prices', taken, await head());
    const [forgotten] = await waiting();
    expect(await transmitter().send('prices', another, await head())).to.equal('sent');
    const [instead, ...more] = await waiting();
    expect(instead).not.to.equal(forgotten);
    expect(more).to.deep.equal([]);
    await mine(CHEAP);
    expect(await nonce()).to.equal(1);
  });

  it('takes it for sent when the node has the very same already', async () => {
    await transmitter().send('prices', taken, await head());
    expect(await transmitter().send('prices', taken, await head())).to.equal('sent');
    expect((await waiting()).length).to.equal(1);
  });

  it('after a reorganisation fills the nonce of what was in a block and is nowhere any more', async () => {
    const { send, settle } = transmitter();
    const fork = await chain.request<string>('evm_snapshot');
    await send('prices', taken, await head());
    await mine(CHEAP);
    await settle();
    await send('prices', another, await head());
    await chain.request('evm_revert', [fork]);
    expect(await send('prices', taken, await head())).to.equal('sent');
    await mine(CHEAP);
    expect(await nonce()).to.equal(1);
    // The other one is lost as well, and replaced like anything that waits for too long.
    for (let block = 0; block < 3; block++) await mine(CHEAP);
    expect(await send('prices', taken, await head())).to.equal('sent');
    await mine(CHEAP);
    expect(await nonce()).to.equal(2);
  });

  it('sends nothing that the hub would refuse', async () => {
    const { send, count } = transmitter();
    expect(await send('prices', refused, await head())).to.equal('refused');
    expect([await waiting(), await count('refused')]).to.deep.equal([[], 1]);
  });

  it('has no more than four reports under way', async () => {
    const { send } = transmitter();
    const sent = [];
    for (let report = 0; report < 6; report++) sent.push(await send('prices', taken, await head()));
    expect(sent).to.deep.equal(['sent', 'sent', 'sent', 'sent', 'full', 'full']);
  });
});
