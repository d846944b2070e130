import { expect } from 'chai';
import { toEventSelector } from 'viem';
import type { RpcLog } from '../../../services/indexer/blockLogs.ts';
import type { IndexerConfig } from '../../../services/indexer/config.ts';
import { ConfigError } from '../../../services/platform/config.ts';
import { startTestChain, type TestChain } from '../../support/chain.ts';
import { type Distortion, type NodeProxy, startNodeProxy } from '../../support/nodeProxy.ts';
import { until } from '../../support/until.ts';
import { Activity, suppliers, treasury } from './activity.ts';
import { expectFreshTables, type Indexing, startIndexing, tablesOf, untilCaughtUp } from './indexing.ts';

const [alice = 0, bob = 0] = suppliers;

describe('indexer: a node that lags, lies, refuses or falls silent', () => {
  let chain: TestChain;
  let activity: Activity;
  let proxy: NodeProxy;
  before(async () => {
    chain = await startTestChain();
    activity = new Activity(chain);
    for (let round = 0; round < 20; round++) {
      await activity.settleBatch(
        [alice, bob].map((index) => ({ recipient: activity.account(index), amount: 1n })),
      );
      await activity.emptyBlocks(1);
    }
  });
  beforeEach(async () => {
    proxy = await startNodeProxy(chain.rpcUrl);
  });
  afterEach(() => proxy?.[Symbol.asyncDispose]());
  after(() => chain?.stop());

  const indexThroughProxy = (changes: Partial<IndexerConfig> = {}) =>
    startIndexing(chain, { RPC_URL: proxy.rpcUrl, ...changes });
  const heads = ({ database }: Indexing) =>
    database
      .query('select head_number from indexer.cursors')
      .then(({ rows }) => Number(rows[0]?.head_number ?? 0));
  /** Distorts the first `times` answers to a method, then is honest; `done` tells when. */
  const atFirst = (method: string, times: number, distortion: Distortion) => {
    let left = times;
    proxy.distort((call, result) => {
      if (call.method !== method || left === 0) return result;
      left--;
      return distortion(call, result);
    });
    return { done: () => left === 0 };
  };

  it('asks a node once for block receipts when it has no such method, and counts no error', async () => {
    await using indexing = await indexThroughProxy();
    await untilCaughtUp(chain, indexing.database);
    const asked = (method: string) => proxy.calls.filter((call) => call.method === method).length;
    expect(asked('eth_getTransactionReceipt')).to.be.greaterThan(1);
    expect(asked('eth_getBlockReceipts')).to.equal(1);
    expect(Number.isNaN(await indexing.metric('indexer_rpc_errors_total'))).to.equal(true);
  });

  it('undoes nothing for a node that lags behind', async () => {
    await using indexing = await indexThroughProxy();
    await untilCaughtUp(chain, indexing.database);
    const before = await tablesOf(indexing.database);
    const head = await heads(indexing);
    const lagging = head - 7;
    proxy.distort(async ({ method, params }, result) => {
      if (method !== 'eth_getBlockByNumber') return result;
      if (params[0] === 'latest') return chain.request(method, [`0x${lagging.toString(16)}`, false]);
      return Number(params[0]) > lagging ? null : result;
    });
    await until(
      'the node to have shown its old head',
      async () => (await indexing.metric('indexer_node_head_block')) === lagging,
    );
    expect(await tablesOf(indexing.database)).to.deep.equal(before);
    expect(await indexing.metric('indexer_reorgs_total')).to.equal(0);
    proxy.distort((_, result) => result);
    await activity.transfer(treasury, bob, 1n);
    await expectFreshTables(chain, indexing.database);
    expect(await indexing.metric('indexer_reorgs_total')).to.equal(0);
  });

  it('undoes nothing for a node that flips between an old and a new head', async () => {
    await using indexing = await indexThroughProxy();
    let asked = 0;
    proxy.distort(async ({ method, params }, result) => {
      if (method !== 'eth_getBlockByNumber' || params[0] !== 'latest' || asked++ % 2 === 0) return result;
      return chain.request(method, [`0x${(Number(result.number) - 3).toString(16)}`, false]);
    });
    for (let block = 0; block < 6; block++) await activity.transfer(treasury, bob, 1n);
    await expectFreshTables(chain, indexing.database);
    expect(await indexing.metric('indexer_reorgs_total')).to.equal(0);
  });

  /** The head and the genesis block, which say where and who the node is. */
  const isAnchor = ([block]: unknown[]) => block === 'latest' || block === '0x0';
  const otherHash = `0x${'ab'.repeat(32)}`;
  type Fault = [what: string, method: string, distortion: Distortion];
  const changeLogs =
    (change: (log: RpcLog) => object): Distortion =>
    (_, logs) =>
      logs.map((log: RpcLog) => ({ ...log, ...change(log) }));
  const changeReceipt =
    (change: (logs: RpcLog[]) => unknown[]): Distortion =>
    (_, receipt) => ({ ...receipt, logs: change(receipt.logs) });
  const changeBlock =
    (change: object | null): Distortion =>
    ({ params }, block) =>
      isAnchor(params) ? block : change && { ...block, ...change };

  const transferTopic = toEventSelector('Transfer(address,address,uint256)');
  const isTransfer = (log?: RpcLog) => log?.topics[0] === transferTopic;

  const inBlocks: Fault[] = [
    ['does not have a block that is below its head', 'eth_getBlockByNumber', changeBlock(null)],
    ['gives another block than asked for', 'eth_getBlockByNumber', changeBlock({ number: '0x1' })],
    [
      'gives blocks that do not follow each other',
      'eth_getBlockByNumber',
      changeBlock({ parentHash: otherHash }),
    ],
  ];
  const inHeaders: Fault[] = [
    ['names another hash than its header has', 'eth_getBlockByNumber', changeBlock({ hash: otherHash })],
    ['changes the time of a block', 'eth_getBlockByNumber', changeBlock({ timestamp: '0x1' })],
    [
      'changes the receipts root of a block',
      'eth_getBlockByNumber',
      changeBlock({ receiptsRoot: otherHash }),
    ],
    [
      'empties the bloom filter of a block, which then seems to have no log of ours',
      'eth_getBlockByNumber',
      changeBlock({ logsBloom: `0x${'0'.repeat(512)}` }),
    ],
    ['leaves a field of a header out', 'eth_getBlockByNumber', changeBlock({ stateRoot: undefined })],
  ];
  let firstReceipt: unknown;
  const inReceipts: Fault[] = [
    [
      'gives the receipt of another transaction',
      'eth_getTransactionReceipt',
      (_, receipt) => {
        firstReceipt ??= receipt;
        return firstReceipt;
      },
    ],
    ['invents a log', 'eth_getTransactionReceipt', changeReceipt((logs) => [...logs, ...logs.slice(-1)])],
    ['gives a receipt that is none', 'eth_getTransactionReceipt', changeReceipt(() => [{ address: 'x' }])],
    ['does not have a receipt', 'eth_getTransactionReceipt', () => null],
    ['leaves the logs of a receipt out', 'eth_getTransactionReceipt', changeReceipt(() => [])],
    ['leaves one log of a receipt out', 'eth_getTransactionReceipt', changeReceipt((logs) => logs.slice(1))],
    ['swaps logs', 'eth_getTransactionReceipt', changeReceipt((logs) => logs.toReversed())],
    [
      'changes an amount',
      'eth_getTransactionReceipt',
      changeReceipt((logs) => logs.map((log) => ({ ...log, data: log.data.replace(/.$/, 'f') }))),
    ],
    [
      'changes an address',
      'eth_getTransactionReceipt',
      changeReceipt((logs) => logs.map((log) => ({ ...log, address: `0x${'12'.repeat(20)}` }))),
    ],
  ];
  const inLogs: Fault[] = [
    ['names another block in its logs', 'eth_getLogs', changeLogs(() => ({ blockHash: otherHash }))],
    ['names another block number in its logs', 'eth_getLogs', changeLogs(() => ({ blockNumber: '0x1' }))],
    [
      'names another transaction in its logs',
      'eth_getLogs',
      changeLogs(() => ({ transactionHash: otherHash })),
    ],
    [
      'gives a log of another contract',
      'eth_getLogs',
      changeLogs(() => ({ address: `0x${'12'.repeat(20)}` })),
    ],
    ['gives a log twice', 'eth_getLogs', (_, logs) => [...logs, ...logs.slice(-1)]],
    ['marks logs as removed', 'eth_getLogs', changeLogs(() => ({ removed: true }))],
    [
      'leaves the logs of whole blocks out',
      'eth_getLogs',
      (_, logs) => logs.filter(({ blockNumber }: RpcLog) => Number(blockNumber) % 2),
    ],
    ['gives no logs at all', 'eth_getLogs', () => []],
    [
      'leaves one transfer of a batch out',
      'eth_getLogs',
      (_, logs) => logs.filter((log: RpcLog, at: number) => !(isTransfer(log) && isTransfer(logs[at + 1]))),
    ],
  ];
  const proofs = {
    receipts: [...inBlocks, ...inHeaders, ...inReceipts],
    headers: [...inHeaders, ...inLogs],
  } as const;
  for (const INDEXER_LOG_PROOF of ['receipts', 'headers'] as const)
    describe(`given proof by ${INDEXER_LOG_PROOF}`, () => {
      for (const [what, method, distortion] of proofs[INDEXER_LOG_PROOF])
        it(`takes nothing wrong from a node that ${what}`, async () => {
          const fault = atFirst(method, 3, distortion);
          await using indexing = await indexThroughProxy({ INDEXER_LOG_PROOF, INDEXER_RANGE_BLOCKS: 15 });
          await expectFreshTables(chain, indexing.database);
          expect(fault.done()).to.equal(true);
          expect(await indexing.metric('indexer_reorgs_total')).to.equal(0);
        });

      it('takes a block anew that was replaced between its header and its logs', async () => {
        await using indexing = await indexThroughProxy({ INDEXER_LOG_PROOF });
        await untilCaughtUp(chain, indexing.database);
        const snapshot = await chain.request('evm_snapshot');
        let replacement: Promise<unknown> | undefined;
        const replace = async () => {
          await chain.request('evm_revert', [snapshot]);
          await activity.transfer(treasury, bob, 3n);
          await activity.transfer(treasury, bob, 4n);
        };
        proxy.distort(async ({ method, params }, result) => {
          if (!['eth_getLogs', 'eth_getTransactionReceipt'].includes(method) || replacement) return result;
          replacement = replace();
          await replacement;
          return chain.request(method, params);
        });
        await activity.transfer(treasury, alice, 2n);
        await (await until('the block to be replaced', () => replacement && { replacement })).replacement;
        await expectFreshTables(chain, indexing.database);
      });
    });

  const ownField: Distortion = ({ method }, block) =>
    method.startsWith('eth_getBlockBy') && block ? { ...block, extraData: '0x1234' } : block;

  it('refuses to start upon a chain whose headers have fields of their own, and names the way out', async () => {
    proxy.distort(ownField);
    await indexThroughProxy().then(
      () => expect.fail('must reject'),
      (error: Error) => {
        expect(error).to.be.instanceOf(ConfigError);
        expect(error.message).to.include('INDEXER_HEADER_PROOF=none');
      },
    );
  });

  it('follows such a chain when it is told to believe the headers', async () => {
    proxy.distort(ownField);
    await using indexing = await indexThroughProxy({ INDEXER_HEADER_PROOF: 'none' });
    await expectFreshTables(chain, indexing.database);
  });

  it('takes the receipts of a block at once where the node has them so', async () => {
    proxy.serve('eth_getBlockReceipts', async ([hash]) => {
      const { transactions } = await chain.request<{ transactions: string[] }>('eth_getBlockByHash', [
        hash,
        false,
      ]);
      return Promise.all(
        transactions.map((transaction) => chain.request('eth_getTransactionReceipt', [transaction])),
      );
    });
    await using indexing = await indexThroughProxy();
    await expectFreshTables(chain, indexing.database);
    expect(proxy.calls.map(({ method }) => method)).not.to.include('eth_getTransactionReceipt');
  });

  it('goes on for as long as the node leaves all logs out', async () => {
    proxy.distort(({ method }, result) => (method === 'eth_getLogs' ? [] : result));
    await using indexing = await indexThroughProxy({ INDEXER_LOG_PROOF: 'headers' });
    await expectFreshTables(chain, indexing.database);
  });

  it('asks for less when the node refuses a large answer', async () => {
    proxy.distort(({ method, params }, logs) => {
      if (method !== 'eth_getLogs') return logs;
      const [{ fromBlock, toBlock }] = params as [{ fromBlock?: string; toBlock?: string }];
      if (fromBlock && Number(toBlock) - Number(fromBlock) > 20)
        throw new Error('query returned more than 10000 results');
      return logs;
    });
    await using indexing = await indexThroughProxy({ INDEXER_LOG_PROOF: 'headers' });
    await expectFreshTables(chain, indexing.database);
  });

  it('takes smaller steps for a node that cannot cope with large ones', async () => {
    proxy.limitBatch(8);
    await using indexing = await indexThroughProxy({ INDEXER_RANGE_BLOCKS: 32 });
    await expectFreshTables(chain, indexing.database);
  });

  it('goes on when a node that fell silent answers again', async () => {
    await using indexing = await indexThroughProxy();
    await untilCaughtUp(chain, indexing.database);
    proxy.silence(true);
    await activity.transfer(treasury, alice, 2n);
    await until('the indexer to notice', async () => {
      const { status } = await fetch(`http://127.0.0.1:${indexing.indexer.port}/readyz`);
      return status === 503;
    });
    proxy.silence(false);
    await expectFreshTables(chain, indexing.database);
    expect(await indexing.metric('indexer_rpc_errors_total')).to.be.greaterThan(0);
  });
});
