import { expect } from 'chai';
import { withTransaction } from '../../../../services/platform/database.ts';
import type { Problem } from '../../../../services/platform/http/problem.ts';
import { freshWallet, instruction, type Stage, startStage } from '../../../support/stage.ts';

const MILLION = 1_000_000n * 1_000_000n;

describe('payments: acceptance', () => {
  let stage: Stage;
  let usd: string;
  let eur: string;
  before(async () => {
    stage = await startStage();
    usd = await stage.openAccount('USD');
    eur = await stage.openAccount('EUR');
  });
  after(() => stage?.stop());

  /** State and reason of payments, in order. */
  const outcomes = async (ids: readonly string[]) => {
    const rows = await Promise.all(ids.map((id) => stage.payment(id)));
    return rows.map(({ state, reason_code }) => (reason_code ? `${state} ${reason_code}` : state));
  };
  const cancel = (id: string) =>
    withTransaction(stage.database, (tx) => stage.payments.cancel(tx, stage.partnerId, id));
  const refusal = (work: Promise<unknown>) =>
    work.then(
      () => expect.fail('must be refused'),
      ({ code }: Problem) => code,
    );

  it('lets each payment of a file stand alone: the reasons by their ISO codes, the others reserved', async () => {
    await stage.database.query(
      `insert into settlement.beneficiaries (partner_id, name, iban, wallet) values ($1, 'Known', 'DE89370400440532013000', $2)`,
      [stage.partnerId, freshWallet()],
    );
    const iban = (identification: string) => ({
      creditor: { name: 'Bank', account: { scheme: 'IBAN' as const, identification } },
    });
    const ids = await stage.accept(
      instruction(),
      instruction(iban('DE89370400440532013000')),
      instruction(iban('de89 3704 0044 0532 0130 00')),
      instruction(iban('DE89370400440532013001')),
      instruction(iban('GB29NWBK60161331926819')),
      instruction({ value: '0.00' }),
      instruction({ amount: { currency: 'GBP', value: '1.00' } }),
      instruction({ amount: { currency: 'CNY', value: '1.00' } }),
      instruction({ debtorAccount: { scheme: 'OTHER', identification: eur } }),
      instruction({ debtorAccount: { scheme: 'OTHER', identification: usd.replace('acc_', '') } }),
      instruction({ debtorAccount: { scheme: 'EVM', identification: stage.treasury } }),
      instruction({ to: stage.treasury }),
      instruction({ value: '2000000.00' }),
    );
    expect(await outcomes(ids)).to.deep.equal([
      'reserved',
      'reserved',
      'reserved',
      'rejected AC01',
      'rejected AC03',
      'rejected AM01',
      'rejected AM03',
      'rejected AC02',
      'rejected AM03',
      'reserved',
      'reserved',
      'rejected AC03',
      'rejected AM04',
    ]);
    const { rows } = await stage.database.query(
      'select type, count(*) as count from settlement.webhook_messages where payment_id = any($1) group by type order by type',
      [ids],
    );
    expect(rows).to.deep.equal([
      { type: 'payment.accepted', count: 5n },
      { type: 'payment.failed', count: 8n },
    ]);
  });

  it('takes an EndToEndId once: the first of a file wins, an earlier payment wins; NOTPROVIDED is exempt', async () => {
    const endToEndId = 'INVOICE-1';
    const first = await stage.accept(instruction({ endToEndId }), instruction({ endToEndId }));
    expect(await outcomes(first)).to.deep.equal(['reserved', 'rejected AM05']);
    const again = await stage.accept(instruction({ endToEndId }));
    expect(await outcomes(again)).to.deep.equal(['rejected AM05']);
    expect((await stage.payment(again[0] as string)).reason_detail).to.contain(first[0]);
    const exempt = await stage.accept(
      instruction({ endToEndId: 'NOTPROVIDED' }),
      instruction({ endToEndId: 'NOTPROVIDED' }),
    );
    expect(await outcomes(exempt)).to.deep.equal(['reserved', 'reserved']);
  });

  it('lets an EndToEndId be used again when the payment was refused or cancelled: it did not happen', async () => {
    const endToEndId = 'INVOICE-2';
    const [refused] = await stage.accept(instruction({ endToEndId, value: '0.00' }));
    const [cancelled] = await stage.accept(instruction({ endToEndId }));
    await cancel(cancelled as string);
    const [taken] = await stage.accept(instruction({ endToEndId }));
    expect(await outcomes([refused, cancelled, taken] as string[])).to.deep.equal([
      'rejected AM01',
      'cancelled CUST',
      'reserved',
    ]);
  });

  it('takes an EndToEndId once also when requests race', async () => {
    const endToEndId = 'INVOICE-RACE';
    const raced = await Promise.all(
      Array.from({ length: 8 }, () => stage.accept(instruction({ endToEndId }))),
    );
    const found = await outcomes(raced.flat());
    expect(found.filter((outcome) => outcome === 'reserved')).to.have.length(1);
    expect(found.filter((outcome) => outcome === 'rejected AM05')).to.have.length(7);
  });

  it('takes overlapping files in opposite order at once, without a deadlock', async () => {
    const references = Array.from({ length: 50 }, (_, index) => `CROSS-${index}`);
    const file = (names: string[]) => stage.accept(...names.map((endToEndId) => instruction({ endToEndId })));
    const ids = (await Promise.all([file(references), file(references.toReversed())])).flat();
    const found = await outcomes(ids);
    expect(found.filter((outcome) => outcome === 'reserved')).to.have.length(50);
    expect(found.filter((outcome) => outcome === 'rejected AM05')).to.have.length(50);
  });

  it('never reserves more than there is, however many requests race for the same money', async () => {
    const { posted = 0n, held = 0n } = (await stage.funds(eur)) ?? {};
    expect(posted - held).to.equal(MILLION);
    const amount = { currency: 'EUR', value: '300000.00' };
    const ids = (
      await Promise.all(Array.from({ length: 10 }, () => stage.accept(instruction({ amount }))))
    ).flat();
    const found = await outcomes(ids);
    expect(found.filter((outcome) => outcome === 'reserved')).to.have.length(3);
    expect(found.filter((outcome) => outcome === 'rejected AM04')).to.have.length(7);
    expect((await stage.funds(eur))?.held).to.equal(held + 900_000n * 1_000_000n);
    const small = await stage.accept(
      instruction({ amount }),
      instruction({ amount: { currency: 'EUR', value: '100000.00' } }),
    );
    expect(await outcomes(small)).to.deep.equal(['rejected AM04', 'reserved']);
  });

  it('keeps a payment of a later date until its day, and executes one of an earlier date today', async () => {
    const [later, earlier] = await stage.accept(
      instruction({ requestedExecutionDate: '2999-01-01' }),
      instruction({ requestedExecutionDate: '2020-01-01' }),
    );
    await stage.batch();
    expect(await outcomes([later, earlier] as string[])).to.deep.equal(['reserved', 'batched']);
    await cancel(later as string);
  });

  it('cancels what is not batched yet and frees its money; refuses what is, what has ended, and what is not ours', async () => {
    const before = await stage.funds(usd);
    const [id] = (await stage.accept(instruction())) as [string];
    expect((await stage.funds(usd))?.held).to.equal((before?.held ?? 0n) + 10_000_000n);
    await cancel(id);
    expect(await outcomes([id])).to.deep.equal(['cancelled CUST']);
    expect(await stage.funds(usd)).to.deep.equal(before);
    expect(await refusal(cancel(id))).to.equal('payment_not_cancellable');
    const [batched] = (await stage.accept(instruction())) as [string];
    await stage.batch();
    expect(await refusal(cancel(batched))).to.equal('payment_not_cancellable');
    const foreign = withTransaction(stage.database, (tx) => stage.payments.cancel(tx, 'ptn_other', batched));
    expect(await refusal(foreign)).to.equal('payment_not_found');
  });

  it('lets either the cancelling or the batching of a payment win, never both', async () => {
    const ids = await stage.accept(...Array.from({ length: 40 }, () => instruction()));
    const cancelling = Promise.allSettled(ids.map((id) => cancel(id)));
    const batching = Promise.all([stage.batch(10), stage.batch(10), stage.batch(10)]);
    const [cancelled] = await Promise.all([cancelling, batching]);
    await stage.batch();
    const found = await outcomes(ids);
    cancelled.forEach((result, index) => {
      expect(found[index]).to.equal(result.status === 'fulfilled' ? 'cancelled CUST' : 'batched');
    });
    const { rows } = await stage.database.query(
      `select count(*) as count from settlement.holds h join settlement.payments p on p.id = h.payment_id
        where p.id = any($1) and (p.state = 'batched') <> (h.state = 'pending')`,
      [ids],
    );
    expect(rows[0].count).to.equal(0n);
  });

  it('gives the sequences of a payer out without gap or repetition, also when batchers race', async () => {
    await stage.accept(...Array.from({ length: 60 }, () => instruction()));
    await Promise.all(Array.from({ length: 6 }, () => stage.batch(7)));
    await stage.batch();
    const { rows } = await stage.database.query(
      `select count(*) as count, count(distinct p.sequence) as sequences, max(p.sequence) + 1 as next,
              (select next_sequence from settlement.payers) as promised
         from settlement.payments p where p.sequence is not null`,
    );
    const [{ count, sequences, next, promised }] = rows;
    expect([sequences, next]).to.deep.equal([count, promised]);
    const { rows: torn } = await stage.database.query(
      `select b.id from settlement.settlement_batches b join settlement.payments p on p.settlement_batch_id = b.id
        group by b.id having count(*) <> b.payment_count or min(p.sequence) <> b.first_sequence
            or max(p.sequence) <> b.first_sequence + b.payment_count - 1`,
    );
    expect(torn).to.deep.equal([]);
  });

  it('takes 5,000 payments in as many statements as 50', async () => {
    const statements = async (count: number) => {
      let queries = 0;
      await withTransaction(stage.database, (tx) => {
        const counting = new Proxy(tx, {
          get: (target, name) => {
            if (name === 'query') queries++;
            const value = Reflect.get(target, name);
            return typeof value === 'function' ? value.bind(target) : value;
          },
        });
        return stage.payments.accept(
          counting,
          stage.partnerId,
          Array.from({ length: count }, () => instruction({ value: '0.01' })),
        );
      });
      return queries;
    };
    expect(await statements(5_000)).to.equal(await statements(50));
  });
});
