/** What the chain says comes from a node: one that lies is noticed, and no transaction waits for one. */
import { expect } from 'chai';
import { createChainClient } from '../../../../services/platform/chain.ts';
import { createChainWitness } from '../../../../services/platform/chainWitness.ts';
import { reconcile } from '../../../../services/settlement/domains/reconciliation/service.ts';
import { nextSpan } from '../../../../services/settlement/domains/reconciliation/span.ts';
import { type NodeProxy, startNodeProxy } from '../../../support/nodeProxy.ts';
import { freshWallet, type Stage, startStage } from '../../../support/stage.ts';
import { tamper } from '../../../support/tampering.ts';

describe('reconciliation: nodes', () => {
  let stage: Stage;
  let node: NodeProxy;
  let second: NodeProxy;
  before(async () => {
    stage = await startStage();
    await stage.openAccount('USD');
    node = await startNodeProxy(stage.chain.rpcUrl);
    second = await startNodeProxy(stage.chain.rpcUrl);
  });
  after(async () => {
    await node?.[Symbol.asyncDispose]();
    await second?.[Symbol.asyncDispose]();
    await stage?.stop();
  });
  afterEach(() => {
    for (const each of [node, second]) each.distort((_, answer) => answer);
  });

  const reconcileNext = async () => {
    await stage.mine();
    await stage.follow();
    const { database, chainId } = stage;
    const reconciled = await reconcile({ database, chain: createChainClient(node.rpcUrl), chainId });
    const { rows } = await database.query<{ kind: string }>(
      'select kind from settlement.breaks where closed_at is null order by kind',
    );
    return { reconciled, kinds: rows.map(({ kind }) => kind) };
  };

  it('opens breaks of ledger and index when a node lies about a balance, and closes them when it does not', async () => {
    node.distort(({ method }, answer) => (method === 'eth_call' ? `0x${'0'.repeat(63)}1` : answer));
    expect((await reconcileNext()).kinds).to.deep.equal(['amount', 'index']);
    node.distort((_, answer) => answer);
    expect((await reconcileNext()).kinds).to.deep.equal([]);
  });

  it('opens breaks when a node leaves out the events of a block, and closes them when it has them', async () => {
    await stage.database.query('delete from settlement.reconciliations'); // all blocks are new again
    node.distort(({ method }, answer) => (method === 'eth_getLogs' ? [] : answer));
    expect((await reconcileNext()).kinds).to.deep.equal(['index', 'missing_outside']);
    expect((await reconcileNext()).kinds).to.deep.equal(['index', 'missing_outside']);
    node.distort((_, answer) => answer);
    expect((await reconcileNext()).kinds).to.deep.equal([]);
  });

  it('says nothing of a block that two nodes have differently, and catches up afterwards', async () => {
    const { database, chainId, chain } = stage;
    const { hash: genesisHash } = await chain.client.getBlock({ blockNumber: 0n });
    const witness = createChainWitness({
      node: createChainClient(node.rpcUrl),
      secondNode: createChainClient(second.rpcUrl),
      identity: { chainId, genesisHash },
      log: stage.laneParts.log,
    });
    const reconciled = () => reconcile({ database, chain: createChainClient(node.rpcUrl), chainId, witness });
    second.distort(({ method, params }, block) =>
      method === 'eth_getBlockByNumber' && params[0] !== '0x0' && block
        ? { ...block, hash: `0x${'de'.repeat(32)}` }
        : block,
    );
    const sum = `kind = 'chain'`;
    await tamper(database, `update settlement.ledger_accounts set balance = balance - 1 where ${sum}`);
    await stage.mine(2);
    await stage.follow();
    expect(await reconciled()).to.equal(undefined);
    const open = async () =>
      (await database.query('select kind from settlement.breaks where closed_at is null')).rows;
    expect(await open()).to.deep.equal([]);
    second.distort((_, block) => block);
    expect(await reconciled()).to.be.a('bigint');
    expect(await open()).to.deep.equal([{ kind: 'amount' }]);
    await tamper(database, `update settlement.ledger_accounts set balance = balance + 1 where ${sum}`);
    expect((await reconcileNext()).kinds).to.deep.equal([]);
  });

  it('asks the chain with no transaction open', async () => {
    const open: string[] = [];
    node.intercept(async ({ method }) => {
      const { rows } = await stage.database.query(
        `select query from pg_stat_activity
          where datname = current_database() and application_name = 'test' and xact_start is not null
            and pid <> pg_backend_pid()`,
      );
      open.push(...rows.map(({ query }) => `${method}: ${query}`));
    });
    const asked = node.calls.length;
    expect((await reconcileNext()).kinds).to.deep.equal([]);
    expect(node.calls.slice(asked).map(({ method }) => method)).to.include.members([
      'eth_call',
      'eth_getLogs',
    ]);
    expect(open).to.deep.equal([]);
    node.intercept(() => undefined);
  });

  it('asks for the balances of those that moved or look wrong, and of some in turn', async () => {
    const { database, chain, chainId } = stage;
    await database.query(
      `with account as (
         insert into settlement.accounts (partner_id, currency, chain_id, token, payer)
         select $1, 'USD', $2, $3, '0x' || lpad(to_hex(n), 40, '0') from generate_series(1, 300) n returning id
       )
       insert into settlement.ledger_accounts (kind, account_id, currency)
       select kind, id, 'USD' from account, unnest(array['funds', 'chain', 'dust']) as kind`,
      [stage.partnerId, chainId, chain.deployment.stablecoins.USD.address.toLowerCase()],
    );
    const balancesAsked = async () => {
      const asked = node.calls.length;
      expect((await reconcileNext()).kinds).to.deep.equal([]);
      return node.calls
        .slice(asked)
        .filter(({ method }) => method === 'eth_call')
        .map(({ params }) => JSON.stringify(params[0]));
    };
    expect(await balancesAsked(), 'never asked before').to.have.length(301);
    const seen = new Set<string>();
    for (let run = 0; run < 7; run++) {
      const asked = await balancesAsked();
      expect(asked).to.have.length(50);
      for (const each of asked) seen.add(each);
    }
    expect(seen.size, 'all in turn').to.equal(301);
  });

  it('compares the whole ledger again, a stretch in each run', async () => {
    const { database, chainId } = stage;
    const wallets = [freshWallet(), freshWallet()];
    await database.query(
      `insert into indexer.transfers
       select $1, 1 + n / 1000, 1000 + n % 1000, '0x' || repeat('ab', 32), $2, $3, $4, 1, 0 from generate_series(0, 6999) n`,
      [chainId, freshWallet(), ...wallets],
    );
    await stage.finalise();
    const stretches = [];
    for (let run = 0; run < 4; run++) {
      await stage.mine();
      await stage.follow();
      const span = await nextSpan(database, chainId);
      const isLast = span?.swept.last === (span?.fresh.first ?? 0n) - 1n;
      stretches.push([span?.swept.first, isLast ? 'all' : span?.swept.last]);
      await stage.reconcile();
    }
    const [first, next] = stretches as [[bigint, bigint], [bigint, bigint]];
    expect(stretches).to.deep.equal([first, next, [next[1] + 1n, 'all'], first]);
    expect(next[0]).to.equal(first[1] + 1n);
  });
});
