/** The reserve's bank account against mints and burns, day by day. Amounts are dollars. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { type Hex, zeroAddress } from 'viem';
import { runCommand } from '../../../../scripts/command.ts';
import { localAccounts } from '../../../../scripts/deploy/local.ts';
import { stablecoinAbi } from '../../../../services/core/abi/stablecoin.ts';
import { parseBankStatements } from '../../../../services/core/iso20022/bankStatement.ts';
import { formatMoney } from '../../../../services/core/money.ts';
import { readChainIdentity } from '../../../../services/platform/chain.ts';
import { createMetrics } from '../../../../services/platform/metrics.ts';
import { settlementConfig } from '../../../../services/settlement/config.ts';
import { reconcileBank } from '../../../../services/settlement/domains/reconciliation/bankReconciliation.ts';
import { storeBankStatements } from '../../../../services/settlement/domains/reconciliation/bankStatements.ts';
import { businessDaysBetween } from '../../../../services/settlement/domains/reconciliation/businessDays.ts';
import { startEngine } from '../../../../services/settlement/engine.ts';
import {
  closingOf,
  statementXml,
  type WrittenEntry,
  type WrittenStatement,
} from '../../../support/bankStatement.ts';
import { FINALITY_DEPTH, type Stage, startStage } from '../../../support/stage.ts';
import { until } from '../../../support/until.ts';

const DAY_MS = 86_400_000;

describe('reconciliation: bank', () => {
  let stage: Stage;
  /** A Monday after the chain's start. */
  let monday: number;
  let sequence = 0;
  let balance = 0n;
  const token = () => ({ address: stage.chain.deployment.stablecoins.USD.address, abi: stablecoinAbi });
  before(async () => {
    stage = await startStage();
    await stage.openAccount('USD');
    // What attests the reserve is older than a mint allows by then.
    const admin = stage.chain.wallet(localAccounts.admin);
    await admin.writeContract({ ...token(), functionName: 'setMintGuard', args: [zeroAddress] });
    await stage.mine();
    const supply = await stage.chain.client.readContract({ ...token(), functionName: 'totalSupply' });
    balance = supply / 10_000n;
    const today = Math.floor(Number((await stage.chain.client.getBlock()).timestamp) / 86_400);
    monday = today + 7 - ((today + 3) % 7); // day 0, 1 January 1970, was a Thursday
  });
  after(() => stage?.stop());

  /** The day so many days after the Monday. */
  const day = (days: number) => new Date((monday + days) * DAY_MS).toISOString().slice(0, 10);
  /** The chain comes to ten o'clock of a day, unless it is later there. */
  const travelTo = async (days: number) => {
    const wanted = (monday + days) * 86_400 + 36_000;
    const { timestamp } = await stage.chain.client.getBlock();
    if (timestamp < wanted) await stage.chain.request('evm_setNextBlockTimestamp', [wanted]);
    await stage.mine();
  };
  /** The treasury's coins are minted or burned on a day; returns the transaction. */
  const move = async (days: number, functionName: 'mint' | 'burn', dollars: number): Promise<Hex> => {
    await travelTo(days);
    const units = BigInt(dollars) * 1_000_000n;
    const hash =
      functionName === 'mint'
        ? await stage.chain
            .wallet(localAccounts.minter)
            .writeContract({ ...token(), functionName, args: [stage.treasury, units] })
        : await stage.chain
            .wallet(localAccounts.treasury)
            .writeContract({ ...token(), functionName, args: [units] });
    await stage.mine();
    return hash;
  };
  const mint = (days: number, dollars: number) => move(days, 'mint', dollars);
  const burn = (days: number, dollars: number) => move(days, 'burn', dollars);
  const read = (xml: string) => {
    const parsed = parseBankStatements(xml);
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.errors));
    return parsed.value;
  };
  /** Writes the statement that follows on the last one. */
  const writeNext = (days: number, entries: WrittenEntry[]): WrittenStatement => {
    const date = day(days);
    const statement = { id: `USD-${date}`, sequence: ++sequence, date, opening: balance, entries };
    balance = closingOf(statement);
    return statement;
  };
  const store = (statement: WrittenStatement, currency = 'USD') =>
    storeBankStatements(stage.database, currency, read(statementXml(statement)));
  const handIn = (days: number, ...entries: WrittenEntry[]) => store(writeNext(days, entries));
  /** The open breaks once a block of the day is final: kind, what was found, what was expected. */
  const breaksOn = async (days: number) => {
    await travelTo(days);
    await stage.finalise();
    const { database, chainId, chain } = stage;
    await reconcileBank({ database, chainId, stablecoins: chain.deployment.stablecoins, toleranceDays: 2 });
    const { rows } = await database.query(
      'select kind, observed_units, expected_units from settlement.breaks where closed_at is null order by kind',
    );
    const dollars = (units: bigint) => formatMoney({ currency: 'USD', units });
    return rows.map((row) => `${row.kind} ${dollars(row.observed_units)} ${dollars(row.expected_units)}`);
  };

  it('says nothing before there is a statement', async () => {
    expect(await breaksOn(0)).to.deep.equal([]);
  });

  it('matches an entry by the transaction that it names, else by amount', async () => {
    const hash = await mint(0, 500);
    await burn(0, 200);
    await handIn(
      0,
      { amount: '500.00', remittance: `Mint ${hash}` },
      { amount: '200.00', direction: 'DBIT' },
    );
    expect(await breaksOn(1)).to.deep.equal([]);
    const { rows } = await stage.database.query(
      'select units, event_units from settlement.bank_entries order by position',
    );
    expect(rows.map((row) => row.event_units)).to.deep.equal(rows.map((row) => row.units));
  });

  it('stores a statement once, and refuses another one under its id, of another account or currency', async () => {
    const statement = { id: 'USD-TWICE', sequence: ++sequence, date: day(1), opening: balance, entries: [] };
    const [first] = await store(statement);
    const [second] = await store(statement);
    expect([first?.isNew, second?.isNew]).to.deep.equal([true, false]);
    for (const [over, code] of [
      [{ opening: 1n }, 'statement_reused'],
      [{ id: 'USD-OTHER', account: 'ANOTHER' }, 'account_differs'],
      [{ id: 'EUR-1', currency: 'EUR' }, 'currency_mismatch'],
    ] as const) {
      const refused = await store({ ...statement, ...over }).catch((error) => error);
      expect(refused).to.include({ code });
    }
    expect(await breaksOn(1)).to.deep.equal([]);
  });

  it('waits for the mint of an entry for two business days, then misses it, until it comes', async () => {
    await handIn(1, { amount: '70.00' });
    expect(await breaksOn(3)).to.deep.equal(['bank_timing 0.00 70.00']);
    expect(await breaksOn(4)).to.deep.equal(['bank_missing_inside 0.00 70.00']);
    await mint(4, 70);
    expect(await breaksOn(4)).to.deep.equal([]);
  });

  it('waits for the entry of a mint over the weekend, then misses it, and the money with it, until it comes', async () => {
    await mint(4, 90);
    expect(await breaksOn(4), 'its statement is still to come').to.deep.equal([]);
    await handIn(4);
    const short = /^bank_reserve /;
    const [reserve, timing] = await breaksOn(8);
    expect(reserve).to.match(short);
    expect(timing).to.equal('bank_timing 90.00 0.00');
    const [missing, still] = await breaksOn(9);
    expect(missing).to.equal('bank_missing_outside 90.00 0.00');
    expect(still).to.match(short);
    await handIn(9, { amount: '90.00' });
    expect(await breaksOn(10)).to.deep.equal([]);
  });

  it('finds an entry that stands twice, until the bank takes it back', async () => {
    await mint(11, 30);
    await handIn(11, { amount: '30.00', reference: 'R1' }, { amount: '30.00', reference: 'R1' });
    expect(await breaksOn(14)).to.deep.equal(['bank_duplicate 0.00 30.00']);
    await handIn(14, { amount: '30.00', direction: 'DBIT', reference: 'R1', isReversal: true });
    expect(await breaksOn(15)).to.deep.equal([]);
  });

  it('finds money that came back though its coins are there, until they are burned', async () => {
    await mint(15, 25);
    await handIn(15, { amount: '25.00', endToEndId: 'F-25' });
    expect(await breaksOn(16)).to.deep.equal([]);
    await handIn(16, { amount: '25.00', direction: 'DBIT', endToEndId: 'F-25', isReversal: true });
    const [reserve, returned] = await breaksOn(17);
    expect(reserve).to.match(/^bank_reserve /);
    expect(returned).to.equal('bank_return 0.00 25.00');
    await burn(17, 25);
    expect(await breaksOn(17), 'as of the statement').to.deep.equal([reserve]);
    await handIn(17);
    expect(await breaksOn(18)).to.deep.equal([]);
  });

  it('finds a statement that is missing, until it comes', async () => {
    await mint(18, 15);
    const left = writeNext(18, [{ amount: '15.00' }]);
    await handIn(21);
    const [sequenceBreak, timing] = await breaksOn(22);
    expect(sequenceBreak).to.match(/^bank_sequence /);
    expect(timing).to.equal('bank_timing 15.00 0.00');
    await store(left);
    expect(await breaksOn(22)).to.deep.equal([]);
    sequence++;
    await handIn(22);
    expect(await breaksOn(23), 'the balances agree, a number is left out').to.have.length(1);
    const { rows } = await stage.database.query(
      'select kind, subject, account_id, currency from settlement.breaks where closed_at is null',
    );
    expect(rows).to.deep.equal([
      { kind: 'bank_sequence', subject: `USD-${day(22)}`, account_id: null, currency: 'USD' },
    ]);
    await store({ id: 'USD-EMPTY', sequence: sequence - 1, date: day(22), opening: balance, entries: [] });
    expect(await breaksOn(23)).to.deep.equal([]);
  });

  it('finds an entry of another amount than the transaction that it names', async () => {
    const hash = await mint(24, 40);
    await handIn(24, { amount: '41.00', remittance: hash });
    expect(await breaksOn(25)).to.deep.equal(['bank_amount 40.00 41.00']);
  });

  it('is handed in and shown by npm run bank-statement', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'corridor-'));
    const file = path.join(folder, 'statement.xml');
    writeFileSync(file, statementXml(writeNext(25, [{ amount: '10.00' }])));
    const run = async (...args: string[]) => {
      const command = ['scripts/bank-statement.ts', ...args, '--currency', 'USD'];
      const env = { DATABASE_URL: stage.databaseUrl };
      const { code, output } = await runCommand('node', command, { limitSeconds: 30, env });
      expect(code, output).to.equal(0);
      return output;
    };
    expect(await run(file)).to.match(new RegExp(`USD-${day(25)}: stored, 1 entries`));
    expect(await run(file)).to.match(/stored before/);
    await breaksOn(25);
    const shown = await run();
    expect(shown).to.match(new RegExp(`USD-${day(25)}: .* USD on ${day(25)}`));
    expect(shown).to.match(/bank_amount .*found 40\.00, expected 41\.00/);
    expect(shown).to.match(/bank_timing .*found 0\.00, expected 10\.00/);
    rmSync(folder, { recursive: true });
  });

  it('is compared by the engine at the next final block', async () => {
    await handIn(28, { amount: '7.00', reference: 'R7' });
    await travelTo(28);
    const { database, databaseUrl, chain, laneParts } = stage;
    const { client, deployment, rpcUrl } = chain;
    const config = settlementConfig.parse({ DATABASE_URL: databaseUrl, RPC_URL: rpcUrl });
    const context = { database, chain: client, deployment, config, log: laneParts.log };
    const engine = startEngine(
      { ...context, metrics: createMetrics('test') },
      await readChainIdentity(client, deployment),
    );
    try {
      await stage.mine(FINALITY_DEPTH + 1);
      await until('the break to be told of', async () => {
        const { rowCount } = await database.query(
          `select from settlement.breaks where kind = 'bank_timing' and subject = $1 and severity = 'notice'`,
          [`USD-${day(28)}/1`],
        );
        return rowCount === 1;
      });
    } finally {
      await engine.stop();
    }
  });

  it('counts Monday to Friday as business days', () => {
    for (const [from, to, days] of [
      [0, 1, 1],
      [4, 7, 1],
      [4, 6, 0],
      [5, 7, 1],
      [1, 4, 3],
      [0, 14, 10],
      [7, 4, -1],
    ] as const)
      expect(businessDaysBetween(day(from), day(to)), `${from} to ${to}`).to.equal(days);
  });
});
