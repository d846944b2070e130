/** Three signers, two processes, one of them killed: the other takes over its lanes, and every payment settles once. */
import { expect } from 'chai';
import type { Address } from 'viem';
import { freePort } from '../../../../scripts/free-port.ts';
import { localKey, localSigner, openPayer } from '../../../support/lanes.ts';
import { ServiceProcess } from '../../../support/serviceProcess.ts';
import { freshWallet, instruction, type Stage, startStage } from '../../../support/stage.ts';
import { until } from '../../../support/until.ts';

const SIGNERS = [1, 14, 15];
const PAYERS = [5, 6, 7, 8, 9, 10, 11, 12];
const PAYMENTS_A_PAYER = 10;

describe('lanes: a process is killed', function () {
  this.timeout(240_000);
  let stage: Stage;
  let payers: Address[];
  const processes: ServiceProcess[] = [];
  const ports: number[] = [];
  before(async () => {
    stage = await startStage();
    const operators = SIGNERS.map((index) => localSigner(index).address);
    payers = [];
    for (const index of PAYERS) payers.push(await openPayer(stage, index, operators));
    await mineEvery(250);
    for (let number = 0; number < 2; number++) {
      const port = await freePort();
      ports.push(port);
      const process = new ServiceProcess('settlement', {
        DATABASE_URL: stage.databaseUrl,
        RPC_URL: stage.chain.rpcUrl,
        DEPLOYMENT_FILE: stage.chain.deploymentFile,
        SETTLEMENT_PORT: String(port),
        SETTLEMENT_SIGNER_KEYS: SIGNERS.map(localKey).join(),
        BATCH_SIZE: '2',
        BATCH_MAX_AGE_MS: '50',
        LOG_LEVEL: 'warn',
      });
      processes.push(process);
      await process.start();
      if (number === 0) await everyLaneWorks(); // so that the first has them all
    }
  });
  after(async () => {
    for (const process of processes) await process.kill();
    await stage?.stop();
  });

  const mineEvery = (milliseconds: number) => stage.chain.request('evm_setIntervalMining', [milliseconds]);
  const lanes = async () => {
    const { rows } = await stage.database.query<{
      signer: string;
      owner: string | null;
      state: string;
      epoch: bigint;
    }>('select signer, owner, state, epoch from settlement.lanes where lease_until > now() order by signer');
    return rows;
  };
  const everyLaneWorks = () =>
    until('every lane to work', async () => {
      const found = await lanes();
      const isWorking = found.length === SIGNERS.length && found.every(({ state }) => state === 'ready');
      return isWorking ? found : undefined;
    });
  const accept = async () => {
    const wallets = payers.flatMap((payer) =>
      Array.from({ length: PAYMENTS_A_PAYER }, () => ({ payer, to: freshWallet() })),
    );
    const ids = await stage.accept(
      ...wallets.map(({ payer, to }) =>
        instruction({ to, debtorAccount: { scheme: 'EVM', identification: payer } }),
      ),
    );
    return ids.map((id, place) => ({ id, wallet: wallets[place]?.to as Address }));
  };
  const settledOnce = async (payments: { id: string; wallet: Address }[]) => {
    const ids = payments.map(({ id }) => id);
    await until(
      'every payment to be posted',
      async () => (await stage.states(ids)).every((state) => state === 'posted'),
      90_000,
    );
    const balances = await Promise.all(payments.map(({ wallet }) => stage.balanceOf(wallet)));
    expect(balances).to.deep.equal(payments.map(() => 10_000_000n));
  };

  it('hands its lanes over, loses nothing and sends nothing twice', async () => {
    const before = await everyLaneWorks();
    await mineEvery(0); // what is sent stays under way until the process is dead
    const payments = await accept();
    await until('transactions to be under way', async () => {
      const { rows } = await stage.database.query(
        `select count(distinct signer) as signers from settlement.attempts where state in ('signed', 'broadcast')`,
      );
      return rows[0].signers === BigInt(SIGNERS.length);
    });
    await processes[0]?.kill();
    await mineEvery(250);
    // Others look every half second, so a lane is without a process for less than ten.
    const { rows: leases } = await stage.database.query(
      `select count(*) as long from settlement.lanes where lease_until > clock_timestamp() + interval '5 seconds'`,
    );
    expect(leases).to.deep.equal([{ long: 0n }]);
    const more = await accept();
    await until('the other process to have every lane', async () => {
      const found = await lanes();
      const isTaken = ({ state, epoch }: (typeof found)[number], place: number) =>
        state === 'ready' && epoch > (before[place]?.epoch ?? 0n);
      return found.length === SIGNERS.length && found.every(isTaken);
    });
    await settledOnce([...payments, ...more]);
    const { rows } = await stage.database.query(
      `select count(*) as count, count(distinct (payer, sequence)) as once,
              (select count(distinct signer) from settlement.attempts where state = 'included') as signers
         from indexer.payments`,
    );
    expect(rows[0]).to.deep.equal({
      count: BigInt(payments.length + more.length),
      once: BigInt(payments.length + more.length),
      signers: BigInt(SIGNERS.length),
    });
    await until('no nonce to be open', async () => {
      const { rowCount } = await stage.database.query(
        `select from settlement.attempts where state in ('prepared', 'signed', 'broadcast')`,
      );
      return rowCount === 0;
    });
    const metrics = await (await fetch(`http://127.0.0.1:${ports[1]}/metrics`)).text();
    expect(metrics.match(/^lane_state\{signer="0x\w{40}",state="ready",.*\} 1$/gm)).to.have.length(
      SIGNERS.length,
    );
  });
});
