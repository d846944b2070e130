/** Several signers share the batches: payers spread, each payer's order is kept, and a dead lane's payers move. */
import { expect } from 'chai';
import type { Address } from 'viem';
import { createLane } from '../../../../services/settlement/domains/lanes/worker.ts';
import {
  attemptsOf,
  authorise,
  batched,
  keepLeases,
  localSigner,
  openPayer,
} from '../../../support/lanes.ts';
import { FINALITY_DEPTH, type Stage, startStage } from '../../../support/stage.ts';

const SIGNERS = [1, 14, 15];
const PAYERS = [5, 6, 7, 8, 9, 10, 11, 12];

describe('lanes: many', () => {
  let stage: Stage;
  let payers: Address[];
  const signers = SIGNERS.map(localSigner);
  before(async () => {
    stage = await startStage();
    const operators = signers.map(({ address }) => address);
    payers = [];
    for (const index of PAYERS) payers.push(await openPayer(stage, index, operators));
  });
  after(() => stage?.stop());
  beforeEach(() => stage.database.query('update settlement.lanes set owner = null, lease_until = null'));

  /** What one process runs. */
  const createLanes = () => signers.map((signer) => createLane({ ...stage.laneParts, signer }));
  const signersOf = async (ids: readonly string[]) =>
    Promise.all(ids.map(async (id) => (await attemptsOf(stage, id)).map(({ signer }) => signer)));
  const posted = async (ids: readonly string[]) =>
    (await stage.states(ids)).every((state) => state === 'posted');
  /** All lanes are known to each other: their first round found them sound. */
  const warmedUp = async () => {
    const lanes = createLanes();
    for (const lane of lanes) expect(await lane.round()).to.equal(0);
    await keepLeases(stage);
    return lanes;
  };

  it('spreads payers, and keeps each in one lane as long as something of it is under way', async () => {
    const lanes = await warmedUp();
    const first: string[] = [];
    for (const payer of payers) first.push((await batched(stage, payer)).id);
    await Promise.all(lanes.map((lane) => lane.round()));
    const firstSigners = (await signersOf(first)).map((each) => each.join());
    expect(new Set(firstSigners).size, 'lanes that carry something').to.equal(SIGNERS.length);
    expect(
      firstSigners.every((each) => each.length === 42),
      'one attempt each',
    ).to.equal(true);
    await keepLeases(stage);
    const second: string[] = [];
    for (const payer of payers) second.push((await batched(stage, payer)).id);
    await Promise.all(lanes.map((lane) => lane.round()));
    expect((await signersOf(second)).map((each) => each.join())).to.deep.equal(firstSigners);
    await stage.finalise();
    expect(await posted([...first, ...second])).to.equal(true);
    // In the order of their sequences on the chain, payer by payer.
    const { rows } = await stage.database.query(
      `select count(*) as count from indexer.payments a join indexer.payments b
          on a.payer = b.payer and a.sequence < b.sequence
         and (a.block_number, a.log_index) > (b.block_number, b.log_index)`,
    );
    expect(rows[0].count).to.equal(0n);
  });

  it("moves a stopped lane's payers, with what it had prepared, and nobody else's", async () => {
    const lanes = await warmedUp();
    const ids: string[] = [];
    for (const payer of payers) ids.push((await batched(stage, payer)).id);
    await Promise.all(lanes.map((lane) => lane.round()));
    const homes = (await signersOf(ids)).map((each) => each.join());
    await keepLeases(stage);
    await stage.finalise();
    const stopped = signers[0]?.address.toLowerCase() as string;
    await lanes[0]?.release();
    const next: string[] = [];
    for (const payer of payers) next.push((await batched(stage, payer)).id);
    for (const lane of lanes.slice(1)) await lane.round();
    const nextSigners = (await signersOf(next)).map((each) => each.join());
    expect(nextSigners).not.to.include(stopped);
    expect(nextSigners.filter((_, place) => homes[place] !== stopped)).to.deep.equal(
      homes.filter((home) => home !== stopped),
    );
    await stage.finalise();
    expect(await posted(next)).to.equal(true);
  });

  it('takes over what a dead lane had prepared, and the nonce of that is filled when the lane is back', async () => {
    await warmedUp();
    const { id } = await batched(stage, payers[0]);
    // As a process leaves it that dies between nonce and signature.
    const dead = signers[0]?.address.toLowerCase() as string;
    const { settlement_batch_id } = await stage.payment(id);
    await stage.database.query(
      `with taken as (update settlement.lanes set next_nonce = next_nonce + 1, lease_until = now() - interval '1 second'
                       where signer = $1 returning next_nonce - 1 as nonce)
       insert into settlement.attempts (chain_id, signer, nonce, epoch, settlement_batch_id, state, max_fee_per_gas,
                                        max_priority_fee_per_gas, gas, signed_at_block)
       select $2, $1, nonce, 1, $3, 'prepared', 10000000000, 1000000000, 500000, 1 from taken`,
      [dead, stage.chainId, settlement_batch_id],
    );
    await stage.database.query('update settlement.lanes set owner = null where signer <> $1', [dead]);
    const living = signers.slice(1).map((signer) => createLane({ ...stage.laneParts, signer }));
    for (const lane of [...living, ...living]) await lane.round();
    const carried = await attemptsOf(stage, id);
    expect(carried.map(({ signer, state }) => [signer === dead, state])).to.deep.equal([
      [false, 'broadcast'],
    ]);
    const back = createLane({ ...stage.laneParts, signer: signers[0] as (typeof signers)[0] });
    await back.round();
    expect((await attemptsOf(stage)).map(({ signer, state }) => [signer, state])).to.deep.equal([
      [dead, 'broadcast'],
    ]);
    await stage.finalise();
    await back.round();
    expect((await attemptsOf(stage)).map(({ state }) => state)).to.deep.equal(['included']);
    expect(await posted([id])).to.equal(true);
  });

  it('gives an account to a signer that may settle for it, and moves it when the payer authorises another', async () => {
    const only = signers[2]?.address as Address;
    const payer = await openPayer(stage, 13, [only]);
    const lanes = await warmedUp();
    const first = await batched(stage, payer);
    for (const lane of lanes) await lane.round();
    expect((await signersOf([first.id])).flat()).to.deep.equal([only.toLowerCase()]);
    await keepLeases(stage);
    await stage.finalise();
    await lanes[2]?.release();
    const waiting = await batched(stage, payer);
    for (const lane of lanes.slice(0, 2)) await lane.round();
    expect(await stage.states([waiting.id]), 'its signer is away').to.deep.equal(['batched']);
    await authorise(stage.chain, 13, [signers[1]?.address as Address]);
    await stage.mine(FINALITY_DEPTH + 1);
    await stage.database.query('update settlement.settlement_batches set attempt_after = now()');
    await stage.database.query(
      `update settlement.lane_accounts set checked_at = now() - interval '11 seconds'`,
    );
    await lanes[1]?.round();
    await lanes[0]?.round();
    expect((await signersOf([waiting.id])).flat()).to.deep.equal([signers[1]?.address.toLowerCase()]);
    await stage.finalise();
    expect(await posted([first.id, waiting.id])).to.equal(true);
  });
});
