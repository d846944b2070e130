import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'chai';
import { startTestChain, type TestChain } from '../../support/chain.ts';
import { ServiceProcess } from '../../support/serviceProcess.ts';
import {
  completeRound,
  eurUsd,
  freePorts,
  type Network,
  priceOf,
  type Reporter,
  ROUND_SECONDS,
  rates,
  reporterKey,
  startNetwork,
  startTestSource,
  untilHolds,
} from './reporting.ts';

const FEED = 'EUR/USD';

describe('oracle: reporters as processes', () => {
  let chain: TestChain;

  before(async () => {
    chain = await startTestChain();
    await chain.request('evm_setAutomine', [false]);
  });

  after(() => chain?.stop());

  it('one that is killed and started again reports as before, and nothing is reported twice', async () => {
    await using parts = new AsyncDisposableStack();
    const source = parts.use(await startTestSource(chain, { '/': rates('1.0900') }));
    const ports = await freePorts(4);
    const origins = ports.map((port) => `http://127.0.0.1:${port}`);
    const processes = await Promise.all(
      ports.map(async (port, index) => {
        const file = path.join(path.dirname(chain.deploymentFile), `process-${index}.json`);
        await writeFile(
          file,
          JSON.stringify({ roundSeconds: ROUND_SECONDS, turnBlocks: 2, feeds: [eurUsd(`${source.url}/`)] }),
        );
        const reporter = new ServiceProcess('oracle', {
          RPC_URL: chain.rpcUrl,
          DEPLOYMENT_FILE: chain.deploymentFile,
          ORACLE_PORT: String(port),
          ORACLE_REPORTER_KEY: reporterKey(index),
          ORACLE_FEEDS_FILE: file,
          ORACLE_PEERS: origins.filter((_, other) => other !== index).join(','),
          POLL_INTERVAL_MS: '20',
          LOG_LEVEL: 'fatal',
        });
        parts.defer(() => reporter.kill());
        return reporter;
      }),
    );
    for (const reporter of processes) await reporter.start();
    const running = new Map(origins.map((origin, index) => [index, { origin, index } as Reporter]));
    const network = { origins, running } as Network;
    await untilHolds(
      'the value',
      chain,
      network,
      async () => (await priceOf(chain, FEED)).units === 109_000_000n,
    );

    await processes[1]?.kill();
    running.delete(1);
    for (let done = 0; done < 4; done++) {
      const round = await completeRound(chain, network, FEED);
      expect((await priceOf(chain, FEED)).round).to.equal(round);
    }
    await processes[1]?.start();
    running.set(1, { origin: origins[1], index: 1 } as Reporter);
    // Without another it takes all three of them again.
    await processes[3]?.kill();
    running.delete(3);
    await untilHolds('a report of the three', chain, network, async () => {
      const { rows } = (await (await fetch(`${origins[0]}/rows`)).json()) as { rows: { reporter: string }[] };
      return new Set(rows.map(({ reporter }) => reporter)).size === 3;
    });
    for (let done = 0; done < 4; done++) {
      const round = await completeRound(chain, network, FEED);
      expect((await priceOf(chain, FEED)).round).to.equal(round);
    }
  });

  it('a reporter signs what others find due, though it does not itself', async () => {
    await using parts = new AsyncDisposableStack();
    const source = parts.use(
      await startTestSource(chain, { '/': rates('1.0900'), '/other': rates('1.0900') }),
    );
    const feed = (place: string) => eurUsd(`${source.url}${place}`, { heartbeatSeconds: 100_000 });
    // Three of four live, so that all three must sign.
    const network = parts.use(
      await startNetwork(chain, (index) => ({ feeds: [feed(index === 2 ? '/other' : '/')] }), [0, 1, 2]),
    );
    await untilHolds(
      'the value',
      chain,
      network,
      async () => (await priceOf(chain, FEED)).units === 109_000_000n,
    );
    source.answers = { '/': rates('1.0912'), '/other': rates('1.0901') };
    await untilHolds(
      'the value of two',
      chain,
      network,
      async () => (await priceOf(chain, FEED)).units === 109_120_000n,
    );
  });
});
