/** A payment with InstrPrty HIGH is on the chain within two blocks, whatever others have waiting. */
import { expect } from 'chai';
import type { Address } from 'viem';
import { parseTransaction, toHex } from 'viem';
import { createLane } from '../../../../services/settlement/domains/lanes/worker.ts';
import { attemptsOf, openPayer } from '../../../support/lanes.ts';
import { instruction, type Stage, startStage } from '../../../support/stage.ts';

const BACKLOG = 60;
/** Of others, so that what is under way takes blocks. */
const OTHERS = [6, 7, 8];
const URGENT = 9;
const LONG = 3_600_000;

describe('lanes: urgent payments', () => {
  let stage: Stage;
  let payers: Address[];
  let own: Address;
  before(async () => {
    stage = await startStage();
    const operators = [stage.laneParts.signer.address];
    payers = [];
    for (const index of OTHERS) payers.push(await openPayer(stage, index, operators));
    own = await openPayer(stage, URGENT, operators);
  });
  after(() => stage?.stop());
  beforeEach(() => stage.database.query('update settlement.lanes set owner = null'));

  const accepted = (payer: Address, count: number, priority: 'HIGH' | 'NORM' = 'NORM') =>
    stage.accept(
      ...Array.from({ length: count }, () =>
        instruction({
          value: '0.01',
          debtorAccount: { scheme: 'EVM', identification: payer },
          instructionPriority: priority,
        }),
      ),
    );
  const blockOf = async (id: string) => (await stage.payment(id)).block_number as bigint | null;

  it('are in one of the next two blocks while others have a backlog of many blocks', async () => {
    const lane = createLane(stage.laneParts);
    await lane.round();
    await stage.chain.request('evm_setBlockGasLimit', [toHex(1_500_000n)]);
    await stage.mine();
    for (const payer of payers) {
      await accepted(payer, BACKLOG);
      while (await stage.batch(5));
    }
    await lane.round();
    await stage.mine();
    await lane.round();
    const answered = (await stage.chain.client.getBlock()).number;
    const [before] = (await accepted(own, 1)) as [string];
    const [urgent] = (await accepted(own, 1, 'HIGH')) as [string];
    const [later] = (await accepted(own, 1)) as [string];
    const batch = () => stage.batch(2, LONG);
    while (await batch());
    expect(await stage.states([before, urgent, later]), 'what is behind it waits for company').to.deep.equal([
      'batched',
      'batched',
      'reserved',
    ]);
    for (let block = 0; block < 2; block++) {
      await lane.round();
      await stage.mine();
      await stage.follow();
    }
    expect(await stage.states([before, urgent])).to.deep.equal(['included', 'included']);
    expect(Number((await blockOf(urgent)) ?? 0n)).to.be.within(Number(answered) + 1, Number(answered) + 2);
    const { rows } = await stage.database.query(
      `select count(*) as count from settlement.settlement_batches where state = 'batched'`,
    );
    expect(rows[0].count > 0n, 'others still wait').to.equal(true);
    const priceOf = async (id: string) => {
      const [attempt] = await attemptsOf(stage, id);
      return parseTransaction(attempt?.raw_transaction ?? '0x').maxPriorityFeePerGas ?? 0n;
    };
    const { rows: others } = await stage.database.query<{ id: string }>(
      `select p.id from settlement.payments p join settlement.attempts a using (settlement_batch_id)
        where not p.is_urgent and a.state = 'included' and p.id <> all($1) limit 1`,
      [[before, urgent]],
    );
    expect(await priceOf(urgent)).to.equal(2n * (await priceOf(others[0]?.id as string)));
    await lane.release();
  });

  it('bring with them all that came before them in their account, in order, however many batches that is', async () => {
    await stage.chain.request('evm_setBlockGasLimit', [toHex(60_000_000n)]);
    await stage.mine();
    const lane = createLane(stage.laneParts);
    const first = await accepted(own, 7);
    const [urgent] = (await accepted(own, 1, 'HIGH')) as [string];
    while (await stage.batch(3, LONG));
    await lane.round();
    await stage.mine();
    await stage.follow();
    const ids = [...first, urgent];
    expect(new Set(await stage.states(ids))).to.deep.equal(new Set(['included']));
    const { rows } = await stage.database.query<{ id: string }>(
      `select p.id from settlement.payments p join indexer.payments i on i.sequence = p.sequence and i.payer = $2
        where p.id = any($1) order by i.block_number, i.log_index`,
      [ids, own],
    );
    expect(rows.map(({ id }) => id)).to.deep.equal(ids);
    await lane.release();
  });
});
