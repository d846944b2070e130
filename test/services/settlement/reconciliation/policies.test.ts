/** What settlement, index and cover say of policies and of the pool's money, at each final block. */
import { expect } from 'chai';
import { localAccounts } from '../../../../scripts/deploy/local.ts';
import { coverPoolAbi } from '../../../../services/core/abi/coverPool.ts';
import { stablecoinAbi } from '../../../../services/core/abi/stablecoin.ts';
import { createMetrics } from '../../../../services/platform/metrics.ts';
import { engineMetrics } from '../../../../services/settlement/engineMetrics.ts';
import { DAY, type InsuranceStage, startInsuranceStage } from '../../../support/insuranceStage.ts';
import { FINALITY_DEPTH } from '../../../support/stage.ts';
import { tamper } from '../../../support/tampering.ts';

const HOLDER = 11;
/** A holder that is frozen before it is paid. */
const FROZEN = 12;

describe('reconciliation: policies and the pool', function () {
  this.timeout(400_000);
  let stage: InsuranceStage;
  before(async () => {
    stage = await startInsuranceStage();
  });
  after(() => stage?.stop());

  const openBreaks = async () =>
    (
      await stage.database.query<{ kind: string; subject: string; difference: bigint }>(
        `select kind, subject, observed_units - expected_units as difference from settlement.breaks
          where closed_at is null order by kind, subject`,
      )
    ).rows;
  /** A block, and what becomes final by it, compared. */
  const next = async () => {
    await stage.mine();
    await stage.followInsurance();
    await stage.reconcile();
    return openBreaks();
  };
  /** Numbers of policies that were paid, and that are open. */
  let paidNumber: string;
  let openNumber: string;

  /** Block by block until all is final: nothing differs at any of them, nor ever did. */
  const agree = async () => {
    for (let block = 0; block <= FINALITY_DEPTH + 1; block++) {
      expect(await next()).to.deep.equal([]);
      await stage.keep();
    }
    const { rows } = await stage.database.query('select kind, subject from settlement.breaks');
    expect(rows).to.deep.equal([]);
  };
  /** What processes do until it is final, compared at each block. */
  const carried = async () => {
    for (let turn = 0; turn < 3; turn++) {
      await stage.dueNow();
      await stage.turn();
      expect(await next()).to.deep.equal([]);
    }
    await agree();
  };
  const cancel = async (id: string, query: string) => {
    const { body } = await stage.partner.call('GET', `/v1/policies/${id}/cancellation${query}`);
    await stage.chain
      .wallet(HOLDER)
      .sendTransaction({ ...body.transaction, from: undefined, gas: 500_000n } as never);
    await agree();
  };
  const give = (units: bigint) =>
    stage.chain.wallet(localAccounts.treasury).writeContract({
      ...{ address: stage.chain.deployment.stablecoins.USD.address, abi: stablecoinAbi },
      ...{ functionName: 'transfer', args: [stage.chain.deployment.coverPool, units] },
    });

  it('agree while policies are bought, cancelled in part and whole, paid, expired and refunded', async () => {
    const holder = stage.wallet(HOLDER);
    const order = { subject: 'FRA:LH400' };
    const [paid, frozen, cancelled] = [
      await stage.buy(order, { holder }),
      await stage.buy(order, { holder: stage.wallet(FROZEN) }),
      await stage.buy(order, { holder }),
    ];
    const expired = await stage.buy({ subject: 'HKG:CX289' });
    await carried();
    await stage.chain.wallet(localAccounts.admin).writeContract({
      ...{ address: stage.chain.deployment.stablecoins.USD.address, abi: stablecoinAbi },
      ...{ functionName: 'freeze', args: [stage.wallet(FROZEN)], gas: 200_000n },
    } as never);
    await cancel(paid.id, '?insured=40.00');
    await cancel(cancelled.id, '');
    expect((await stage.policy(cancelled.id)).status).to.equal('cancelled');
    await stage.arrive(Date.parse(paid.windowEnd) / 1_000 + 1);
    await stage.observe(paid, 'flight-delay-minutes', 130n);
    await stage.observe(expired, 'flight-delay-minutes', 0n);
    await stage.mine();
    await carried();
    const after = await stage.policy(paid.id);
    paidNumber = after.policyNumber;
    expect(after.claim.amount.value).to.equal('30.00');
    expect((await stage.policy(frozen.id)).status, 'by a credit').to.equal('paid');
    expect((await stage.policy(expired.id)).status).to.equal('expired');
    const { rows } = await stage.database.query('select amount from indexer.credits');
    expect(rows).to.deep.equal([{ amount: 50_000_000n }]);

    const silent = await stage.buy({ subject: 'SIN:SQ322' });
    await carried();
    await stage.arrive(Date.parse(silent.windowEnd) / 1_000 + 2 * DAY + 2);
    await carried();
    expect((await stage.policy(silent.id)).status).to.equal('refunded');
  });

  it('agree when somebody gives to the pool, and when it takes the gift', async () => {
    await give(7_000_001n);
    await agree();
    await stage.chain.wallet(HOLDER).writeContract({
      ...{
        address: stage.chain.deployment.coverPool,
        abi: coverPoolAbi,
        functionName: 'absorb',
        gas: 500_000n,
      },
    } as never);
    await agree();
    const { rowCount } = await stage.database.query(
      `select from indexer.other_events where name = 'DonationAbsorbed'`,
    );
    expect(rowCount).to.equal(1);
  });

  it('agree while blocks are undone, and while events are not final', async () => {
    const bought = await stage.buy({ subject: 'FRA:LH402' });
    await stage.dueNow();
    const snapshot = await stage.chain.request('evm_snapshot');
    await stage.turn();
    expect(await next()).to.deep.equal([]);
    await stage.chain.request('evm_revert', [snapshot]);
    await stage.mine(FINALITY_DEPTH); // more than were undone
    for (let block = 0; block < FINALITY_DEPTH; block++) expect(await next()).to.deep.equal([]);
    await carried();
    const after = await stage.policy(bought.id);
    expect(after.status).to.equal('issued');
    openNumber = after.policyNumber;
  });

  const eventOf = (name: string, policy = paidNumber) =>
    `name = '${name}' and arguments ->> 'policyId' = '${policy}'`;
  const changed = (where: string, argument: string, by: number) => [
    `update indexer.other_events set arguments = jsonb_set(arguments, '{${argument}}',
       to_jsonb(((arguments ->> '${argument}')::numeric + ${by})::text)) where ${where}`,
    `update indexer.other_events set arguments = jsonb_set(arguments, '{${argument}}',
       to_jsonb(((arguments ->> '${argument}')::numeric - ${by})::text)) where ${where}`,
  ];
  const removed = (where: string) => [
    `create table settlement.gone as select * from indexer.other_events where ${where};
     delete from indexer.other_events where ${where}`,
    'insert into indexer.other_events select * from settlement.gone; drop table settlement.gone',
  ];
  const invented = (name: string, contract: string, argument: string) => [
    `insert into indexer.other_events (chain_id, block_number, log_index, transaction_hash, transaction_index, contract, name, arguments)
     select chain_id, block_number, 9999, transaction_hash, 0, '${contract}', '${name}', '${argument}' from indexer.other_events
      where ${eventOf('PolicyIssued')}`,
    'delete from indexer.other_events where log_index = 9999',
  ];
  const shown = (change: string, back: string, where = `policy_number = ${paidNumber}`) => [
    `update settlement.policies set ${change} where ${where}`,
    `update settlement.policies set ${back} where ${where}`,
  ];
  const coins = 1_000_000n;
  type Found = [subject: string, difference: bigint][];
  const pool = () => stage.chain.deployment.coverPool.toLowerCase();
  const faults: [what: string, damage: () => string[], found: () => Found][] = [
    [
      'a payout with another amount',
      () => changed(eventOf('PolicyPaid'), 'amount', 5),
      () => [
        [`custody ${pool()}/payout_reserve`, -5n],
        [`policy ${paidNumber}/paid_shown`, -5n],
      ],
    ],
    [
      'a payout that is gone',
      () => removed(eventOf('PolicyPaid')),
      () => [
        [`custody ${pool()}/payout_reserve`, 30n * coins],
        [`policy ${paidNumber}/insured`, 60n * coins],
        [`policy ${paidNumber}/paid_shown`, 30n * coins],
        [`policy ${paidNumber}/status_shown`, -100n * coins],
      ],
    ],
    [
      'a deposit with another amount',
      () => changed(`name = 'Deposit'`, 'assets', 1),
      () => [[`custody ${pool()}/total_assets`, 1n]],
    ],
    [
      'a credit that nobody has',
      () =>
        invented(
          'CreditAdded',
          pool(),
          `{"id": "0x1", "account": "0x2", "token": "${stage.chain.deployment.stablecoins.USD.address.toLowerCase()}", "amount": "9"}`,
        ),
      () => [[`custody ${pool()}/credits`, 9n]],
    ],
    [
      'a cancellation that never was',
      () =>
        invented(
          'PolicyCancelled',
          stage.chain.deployment.parametricCover.toLowerCase(),
          `{"policyId": "${openNumber}", "buyer": "0x2", "insured": "10000", "refund": "0"}`,
        ),
      () => [
        [`policy ${openNumber}/insured`, -10_000n],
        [`policy ${openNumber}/insured_shown`, 10_000n],
      ],
    ],
    [
      'a sale with another sum insured',
      () => changed(eventOf('PolicyIssued', openNumber), 'insured', 10_000),
      () => [
        [`policy ${openNumber}/insured`, 10_000n],
        [`policy ${openNumber}/insured_shown`, -10_000n],
      ],
    ],
    [
      'a holder that the cover does not have',
      () =>
        invented(
          'PolicyTransferred',
          stage.chain.deployment.parametricCover.toLowerCase(),
          `{"policyId": "${openNumber}", "from": "0x2", "to": "0x3"}`,
        ),
      () => [
        [`policy ${openNumber}/holder`, -100n * coins],
        [`policy ${openNumber}/holder_shown`, -100n * coins],
      ],
    ],
    [
      'capital that is said to be locked',
      () =>
        changed(
          `name = 'CapitalReleased' and arguments ->> 'refund' <> '0'
        and block_number = (select min(block_number) from indexer.other_events where name = 'CapitalReleased')`,
          'amount',
          -4,
        ),
      () => [[`custody ${pool()}/locked_capital`, 4n]],
    ],
    [
      'another status than the cover gave it',
      () => shown(`status = 'expired', paid_units = null`, `status = 'paid', paid_units = 30000000`),
      () => [
        [`policy ${paidNumber}/paid_shown`, -30n * coins],
        [`policy ${paidNumber}/status_shown`, -100n * coins],
      ],
    ],
    [
      'another payout than was paid',
      () => shown('paid_units = paid_units + 3', 'paid_units = paid_units - 3'),
      () => [[`policy ${paidNumber}/paid_shown`, 3n]],
    ],
    [
      'a policy under a number that is none',
      () =>
        shown(
          'policy_number = 4711',
          `policy_number = ${openNumber}`,
          `policy_number in (${openNumber}, 4711)`,
        ),
      () => [
        ['policy 4711/holder_shown', -100n * coins],
        ['policy 4711/insured_shown', 100n * coins],
      ],
    ],
  ];
  for (const [what, damage, found] of faults)
    it(`finds ${what} at the next block, and closes it when things agree again`, async () => {
      const [harm, repair] = damage() as [string, string];
      await tamper(stage.database, harm);
      const breaks = (await next()).map(({ kind, subject, difference }) => [
        `${kind} ${subject}`,
        difference,
      ]);
      await tamper(stage.database, repair);
      expect(
        breaks,
        JSON.stringify(breaks, (_, value) => (typeof value === 'bigint' ? String(value) : value)),
      ).to.deep.include.members(found());
      expect(await next()).to.deep.equal([]);
    });

  it('finds an event that is gone before it was final, though the sums still agree with themselves', async () => {
    const bought = await stage.buy({ subject: 'FRA:LH402' });
    await stage.dueNow();
    await stage.turn();
    await tamper(
      stage.database,
      removed(
        `name = 'CapitalLocked' and block_number = (select max(number) from indexer.blocks)`,
      )[0] as string,
    );
    await stage.mine(FINALITY_DEPTH);
    expect((await next()).map(({ subject }) => subject)).to.include(`${pool()}/locked_capital`);
    await tamper(
      stage.database,
      'insert into indexer.other_events select * from settlement.gone; drop table settlement.gone',
    );
    expect(await next()).to.deep.equal([]);
    expect((await stage.policy(bought.id)).status).to.equal('issued');
  });

  it("shows a partner its own policies' breaks, and the pool's to the operator alone", async () => {
    const [harm, repair] = shown(
      'premium_units = premium_units + 1000000',
      'premium_units = premium_units - 1000000',
    ) as [string, string];
    await tamper(stage.database, harm);
    const [lie, truth] = changed(`name = 'Deposit'`, 'assets', 1) as [string, string];
    await tamper(stage.database, lie);
    await next();
    const { body } = await stage.partner.call('GET', '/v1/reconciliation');
    expect(body.latest.breaks).to.equal(1);
    expect(body.breaks).to.have.length(1);
    expect(body.breaks[0]).to.include({
      kind: 'policy',
      subject: `${paidNumber}/premium_shown`,
      accountId: null,
      event: null,
    });
    const stranger = await stage.api.partner();
    expect((await stranger.call('GET', '/v1/reconciliation/breaks')).body.items).to.deep.equal([]);
    const metrics = createMetrics('test');
    engineMetrics(metrics, stage.database);
    const measured = await metrics.metrics();
    for (const kind of ['policy', 'custody'])
      expect(measured).to.match(
        new RegExp(`^breaks_open\\{kind="${kind}",severity="notice",[^}]*\\} 1$`, 'm'),
      );
    await tamper(stage.database, repair);
    await tamper(stage.database, truth);
    expect(await next()).to.deep.equal([]);
  });

  it('adds up old events stretch by stretch, and finds what was changed in one when its turn comes', async () => {
    await tamper(
      stage.database,
      `insert into indexer.other_events (chain_id, block_number, log_index, transaction_hash, transaction_index, contract, name, arguments)
       select chain_id, number, 10000 + n, hash, 0, '${pool()}', case n % 2 when 0 then 'Deposit' else 'Withdraw' end, '{"assets": "5"}'
         from (select * from indexer.blocks order by number desc offset 10 limit 40) b, generate_series(1, 250) n`,
    );
    expect(await next()).to.deep.equal([]);
    const { rows } = await stage.database.query<{ stretches: bigint }>(
      'select count(distinct to_block) as stretches from settlement.contract_stretches',
    );
    const stretches = Number(rows[0]?.stretches);
    expect(stretches).to.be.at.least(4);
    const first = `log_index = 10002 and block_number = (select min(block_number) from indexer.other_events where log_index = 10002)`;
    /** Runs until a break is open, or none, and at most one for each stretch. */
    const until = async (count: number) => {
      let found = await next();
      for (let run = 0; run < stretches && found.length !== count; run++) found = await next();
      return found;
    };
    const [harm, repair] = changed(first, 'assets', 3) as [string, string];
    await tamper(stage.database, harm);
    expect(await until(1)).to.deep.equal([
      { kind: 'custody', subject: `${pool()}/total_assets`, difference: 3n },
    ]);
    await tamper(stage.database, repair);
    expect(await until(0)).to.deep.equal([]);
  });
});
