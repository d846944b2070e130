/**
 * Random payments of several accounts over two lanes, with one that cannot go among them at a random place: every other ends
 * posted, in the order of its account, and none twice.
 */
import { expect } from 'chai';
import fc from 'fast-check';
import type { Address } from 'viem';
import { paymentRouterAbi } from '../../../../services/core/abi/paymentRouter.ts';
import { createLane } from '../../../../services/settlement/domains/lanes/worker.ts';
import { localSigner, openPayer } from '../../../support/lanes.ts';
import { freshWallet, instruction, type Stage, startStage } from '../../../support/stage.ts';

const OPERATORS = [1, 14];
const PAYERS = [6, 7, 8];
const RUNS = 15;
/** Rounds in which everything that can go must have gone. */
const ROUNDS_TO_END = 30;
/** Of each operator for each account, in units; more than all payments of a run of it. */
const LIMIT = 100_000_000n;

const poisons = {
  'pays the router': '0.01',
  'is above the limit': '100.01',
} as const;

const payment = fc.record({
  payer: fc.nat(PAYERS.length - 1),
  cents: fc.integer({ min: 1, max: 300 }),
  isUrgent: fc.boolean(),
});
const run = fc.record({
  payments: fc.array(payment, { minLength: 1, maxLength: 30 }),
  place: fc.nat(),
  poison: fc.constantFrom(...(Object.keys(poisons) as (keyof typeof poisons)[])),
  size: fc.integer({ min: 1, max: 12 }),
});

describe('lanes: one bad payment among many', () => {
  let stage: Stage;
  const payers: Address[] = [];
  const signers = OPERATORS.map(localSigner);
  before(async () => {
    stage = await startStage();
    for (const index of PAYERS) payers.push(await openPayer(stage, index, []));
  });
  after(() => stage?.stop());

  const fillLimits = async () => {
    for (const index of PAYERS)
      for (const { address } of signers)
        await stage.chain.wallet(index).writeContract({
          address: stage.chain.deployment.paymentRouter,
          abi: paymentRouterAbi,
          functionName: 'authorizeOperator',
          args: [address, stage.chain.deployment.stablecoins.USD.address, LIMIT, 86_400],
          gas: 200_000n,
        });
    await stage.mine();
  };

  const isSetAside = async (id: string) => {
    const { rows } = await stage.database.query(
      `select b.is_set_aside and b.payment_count = 1 as is_alone
         from settlement.payments p join settlement.settlement_batches b on b.id = p.settlement_batch_id where p.id = $1`,
      [id],
    );
    return rows[0]?.is_alone ?? false;
  };

  it('ends every other payment posted, in the order of its account, and none twice', async () => {
    await fillLimits();
    const lanes = signers.map((signer) => createLane({ ...stage.laneParts, signer }));
    for (const lane of lanes) await lane.round();
    await fc.assert(
      fc.asyncProperty(run, async ({ payments, place, poison, size }) => {
        await fillLimits();
        const at = place % payments.length;
        const wallets = payments.map(() => freshWallet());
        const units = payments.map(({ cents }) => BigInt(cents) * 10_000n);
        const ids = await stage.accept(
          ...payments.map(({ payer, cents, isUrgent }, index) =>
            instruction({
              to: wallets[index] as string,
              value: index === at ? poisons[poison] : (cents / 100).toFixed(2),
              debtorAccount: { scheme: 'EVM', identification: payers[payer] as string },
              instructionPriority: isUrgent ? 'HIGH' : 'NORM',
            }),
          ),
        );
        const bad = ids[at] as string;
        if (poison === 'pays the router')
          await stage.database.query('update settlement.payments set recipient = $2 where id = $1', [
            bad,
            stage.chain.deployment.paymentRouter.toLowerCase(),
          ]);
        const good = ids.filter((id) => id !== bad);
        const isOver = async () =>
          (await stage.states(good)).every((state) => state === 'posted') && (await isSetAside(bad));
        for (let round = 0; !(await isOver()); round++) {
          expect(round, 'rounds').to.be.below(ROUNDS_TO_END);
          await stage.batch(size);
          await stage.database.query('update settlement.settlement_batches set attempt_after = now()');
          for (const lane of lanes) await lane.round();
          await stage.mine();
          await stage.follow();
        }
        expect(await stage.states([bad])).to.deep.equal(['batched']);
        expect((await stage.payment(bad)).transaction_hash).to.equal(null);
        for (const [index, wallet] of wallets.entries())
          expect(await stage.balanceOf(wallet)).to.equal(index === at ? 0n : units[index]);

        const { rows } = await stage.database.query<{ id: string; payer: string }>(
          `select p.id, a.payer
             from settlement.payments p join settlement.accounts a on a.id = p.account_id
             join indexer.payments i on i.payer = a.payer and i.sequence = p.sequence
            where p.id = any($1) order by i.block_number, i.log_index`,
          [ids],
        );
        expect(rows.map(({ id }) => id).toSorted(), 'each once').to.deep.equal(good.toSorted());
        for (const payer of payers) {
          const own = rows.filter((row) => row.payer === payer.toLowerCase()).map(({ id }) => id);
          const asked = ids.filter((id) => own.includes(id));
          expect(own, 'the order of the account').to.deep.equal(asked);
        }

        // It is somebody's decision what becomes of it; here it ends, so that the next run begins with nothing.
        await stage.database.query(
          `update settlement.settlement_batches set state = 'held'
            where id = (select settlement_batch_id from settlement.payments where id = $1)`,
          [bad],
        );
      }),
      { numRuns: RUNS },
    );
    for (const lane of lanes) await lane.release();
    await stage.reconcile();
    const { rows: breaks } = await stage.database.query('select kind from settlement.breaks');
    expect(breaks).to.deep.equal([]);
  });
});
