import { expect } from 'chai';
import { startTestChain, type TestChain } from '../../support/chain.ts';
import { startRelay } from '../../support/relay.ts';
import { until } from '../../support/until.ts';
import { Activity, suppliers, treasury } from './activity.ts';
import { expectFreshTables, type Indexing, startIndexing, untilCaughtUp } from './indexing.ts';

const [alice = 0] = suppliers;
/** So long that whatever happens within a test does not happen by polling. */
const NEVER_MS = 3_600_000;

describe('indexer: the node tells of new heads', () => {
  let chain: TestChain;
  let activity: Activity;
  before(async () => {
    chain = await startTestChain();
    activity = new Activity(chain);
  });
  after(() => chain?.stop());

  const untilSubscribed = (indexing: Indexing, isSubscribed = 1) =>
    until(
      `the subscription to be ${isSubscribed}`,
      async () => (await indexing.metric('indexer_subscribed')) === isSubscribed,
    );

  it('follows without polling', async () => {
    await using indexing = await startIndexing(chain, {
      RPC_WS_URL: chain.rpcUrl.replace('http', 'ws'),
      POLL_INTERVAL_MS: NEVER_MS,
    });
    await untilSubscribed(indexing);
    for (let block = 0; block < 5; block++) {
      await activity.transfer(treasury, alice, 1n);
      await untilCaughtUp(chain, indexing.database);
    }
    await expectFreshTables(chain, indexing.database);
  });

  it('takes in what came before the subscription', async () => {
    await using relay = await startRelay(chain.rpcUrl);
    relay.refuse(true);
    await using indexing = await startIndexing(chain, {
      RPC_WS_URL: relay.url.replace('http', 'ws'),
      POLL_INTERVAL_MS: NEVER_MS,
    });
    await untilCaughtUp(chain, indexing.database); // the first round needs nobody to tell
    await activity.transfer(treasury, alice, 2n);
    relay.refuse(false);
    await expectFreshTables(chain, indexing.database);
  });

  it('polls while the subscription is broken, and takes it up again', async () => {
    await using relay = await startRelay(chain.rpcUrl);
    await using indexing = await startIndexing(chain, { RPC_WS_URL: relay.url.replace('http', 'ws') });
    await untilSubscribed(indexing);
    relay.refuse(true);
    await untilSubscribed(indexing, 0);
    await activity.transfer(treasury, alice, 3n);
    await untilCaughtUp(chain, indexing.database);
    relay.refuse(false);
    await untilSubscribed(indexing);
    await activity.transfer(treasury, alice, 4n);
    await expectFreshTables(chain, indexing.database);
  });

  it('polls when the address tells of nothing', async () => {
    await using indexing = await startIndexing(chain, { RPC_WS_URL: 'ws://127.0.0.1:1' });
    await activity.transfer(treasury, alice, 5n);
    await expectFreshTables(chain, indexing.database);
    expect(await indexing.metric('indexer_subscribed')).to.equal(0);
  });
});
