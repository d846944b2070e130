import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { Router } from 'express';
import { z } from 'zod';
import { domains } from '../../../../services/settlement/app.ts';
import type { DomainApi } from '../../../../services/settlement/context.ts';
import { idempotent, idempotentTogether } from '../../../../services/settlement/http/idempotency.ts';
import { problemsOf } from '../../../../services/settlement/http/problems.ts';
import { readJson } from '../../../../services/settlement/http/requests.ts';
import { type SettlementApi, startSettlementApi, type TestPartner } from '../../../support/settlementApi.ts';
import { signWith } from '../../../support/signWith.ts';
import { until } from '../../../support/until.ts';

const tallyProblems = {
  tally_refused: { status: 422, meaning: 'Refused.', next: 'Ask otherwise.' },
} as const;
const tallyBody = z.strictObject({ amount: z.int() });

describe('settlement API: idempotency', () => {
  let api: SettlementApi;
  let partner: TestPartner;
  /** Work waits for this before it ends. */
  let gate: Promise<void> = Promise.resolve();
  let onRead: () => void = () => undefined;
  let started: () => void = () => undefined;
  /** What each transaction of the joint route was asked for. */
  const groups: number[][] = [];

  /** A domain whose work leaves a row and can be held up. */
  const tallyApi: DomainApi = {
    operations: (['/v1/tallies', '/v1/joint-tallies'] as const).map((path) => ({
      method: 'post',
      path,
      tag: 'Tallies',
      summary: 'Count',
      request: { 'application/json': tallyBody },
      answer: {
        status: 201,
        description: 'Counted.',
        body: { 'application/json': z.strictObject({ id: z.string(), amount: z.int().optional() }) },
      },
    })),
    problems: tallyProblems,
    routes: ({ database }) =>
      Router()
        .post(
          '/v1/joint-tallies',
          idempotentTogether(
            database,
            (request) => readJson(request, tallyBody).amount,
            (amount) => String(amount),
            async (tx, { id }, amounts) => {
              groups.push([...amounts]);
              started();
              await gate;
              if (amounts.includes(0)) throw new Error('bug');
              const { rows } = await tx.query(
                'insert into settlement.tallies (partner_id, amount) select $1, unnest($2::int[]) returning id, amount',
                [id, amounts],
              );
              return amounts.map((amount) => ({
                status: 201,
                body: rows.find((row) => row.amount === amount),
              }));
            },
          ),
        )
        .post(
          '/v1/tallies',
          idempotent(
            database,
            (request) => {
              onRead();
              return readJson(request, tallyBody);
            },
            async (tx, partner, { amount }) => {
              const { rows } = await tx.query(
                'insert into settlement.tallies (partner_id, amount) values ($1, $2) returning id',
                [partner.id, amount],
              );
              started();
              await gate;
              if (amount < 0) throw problemsOf(tallyProblems)('tally_refused', 'Less than nothing.');
              if (amount === 0) throw new Error('bug');
              return { status: 201, body: rows[0] };
            },
          ),
        ),
  };
  before(async () => {
    api = await startSettlementApi({}, [...domains, tallyApi]);
    await api.database.query(
      `create table settlement.tallies (id text primary key default settlement.new_id('tly'), partner_id text, amount int)`,
    );
    partner = await api.partner();
  });
  after(() => api?.stop());
  beforeEach(() => api.database.query('truncate settlement.tallies'));

  const post = (amount: number, idempotencyKey: string, by = partner) =>
    by.call('POST', '/v1/tallies', { body: JSON.stringify({ amount }), idempotencyKey });
  const effects = async () => (await api.database.query('select from settlement.tallies')).rowCount;

  it('takes effect once and gives the stored answer afterwards', async () => {
    const key = randomUUID();
    const first = await post(1, key);
    const second = await post(1, key);
    expect([first.status, second.status]).to.deep.equal([201, 201]);
    expect(second.body).to.deep.equal(first.body);
    expect([first, second].map(({ headers }) => headers.get('idempotency-hit'))).to.deep.equal([
      null,
      'true',
    ]);
    expect(await effects()).to.equal(1);
  });

  it('refuses the key for another body or path', async () => {
    const key = randomUUID();
    await post(1, key);
    expect((await post(2, key)).body.code).to.equal('idempotency_key_reused');
    const elsewhere = await partner.call('POST', '/v1/webhook-endpoints', {
      body: JSON.stringify({ amount: 1 }),
      idempotencyKey: key,
    });
    expect([elsewhere.status, elsewhere.body.code]).to.deep.equal([422, 'idempotency_key_reused']);
    expect(await effects()).to.equal(1);
  });

  it('keeps the keys of partners apart', async () => {
    const key = randomUUID();
    const other = await api.partner();
    await post(1, key);
    expect((await post(1, key, other)).headers.get('idempotency-hit')).to.equal(null);
    expect(await effects()).to.equal(2);
  });

  it('stores no refusal: the request may be corrected under the same key', async () => {
    const key = randomUUID();
    expect((await post(-1, key)).body.code).to.equal('tally_refused');
    expect(await effects()).to.equal(0);
    expect((await post(1, key)).status).to.equal(201);
  });

  it('stores no failure: an unexpected error is undone and may be tried again', async () => {
    const key = randomUUID();
    expect((await post(0, key)).body.code).to.equal('internal_error');
    expect(await effects()).to.equal(0);
    expect((await post(1, key)).status).to.equal(201);
  });

  it('answers 409 with Retry-After while the first request is under way, then the stored answer', async () => {
    const key = randomUUID();
    const { promise, resolve } = Promise.withResolvers<void>();
    const begun = new Promise<void>((done) => {
      started = done;
    });
    gate = promise;
    const first = post(1, key);
    await begun;
    const second = await post(1, key);
    expect([second.status, second.body.code, second.headers.get('retry-after')]).to.deep.equal([
      409,
      'idempotency_key_in_flight',
      '1',
    ]);
    resolve();
    expect((await first).status).to.equal(201);
    expect((await post(1, key)).headers.get('idempotency-hit')).to.equal('true');
    expect(await effects()).to.equal(1);
  });

  it('takes effect once under eight requests at the same time', async () => {
    const key = randomUUID();
    const answers = await Promise.all(Array.from({ length: 8 }, () => post(1, key)));
    for (const { status } of answers) expect(status).to.be.oneOf([201, 409]);
    expect(await effects()).to.equal(1);
    expect(new Set(answers.filter(({ status }) => status === 201).map(({ body }) => body.id))).to.have.length(
      1,
    );
  });

  describe('of requests that are taken together', () => {
    const jointly = (amount: number, idempotencyKey: string = randomUUID(), by = partner) =>
      by.call('POST', '/v1/joint-tallies', { body: JSON.stringify({ amount }), idempotencyKey });

    /** Sends the requests while the first one is held up, so that they wait for it. */
    async function whileHeldUp<Answer>(send: () => Promise<Answer>[]): Promise<Answer[]> {
      const { promise, resolve } = Promise.withResolvers<void>();
      const begun = new Promise<void>((done) => {
        started = done;
      });
      gate = promise;
      groups.length = 0;
      const first = jointly(100);
      await begun;
      const sent = send();
      await until('they have used up their nonces', async () => {
        const { rows } = await api.database.query(
          'select count(*) as count from settlement.signature_nonces',
        );
        return rows[0].count >= before + BigInt(sent.length + 1);
      });
      gate = Promise.resolve();
      resolve();
      expect((await first).status).to.equal(201);
      return Promise.all(sent);
    }
    let before: bigint;
    beforeEach(async () => {
      const { rows } = await api.database.query('select count(*) as count from settlement.signature_nonces');
      before = rows[0].count;
    });

    it('gives each its own answer, those with the same key one effect, those with the same name another turn', async () => {
      const key = randomUUID();
      const other = await api.partner();
      const answers = await whileHeldUp(() => [
        jointly(1, key),
        jointly(1, key),
        jointly(2),
        jointly(2),
        jointly(3, randomUUID(), other),
      ]);
      expect(answers.map(({ status }) => status)).to.deep.equal([201, 201, 201, 201, 201]);
      expect(answers.map(({ body }) => body.amount)).to.deep.equal([1, 1, 2, 2, 3]);
      expect(new Set(answers.map(({ body }) => body.id))).to.have.length(4);
      expect(answers.filter(({ headers }) => headers.get('idempotency-hit') === 'true')).to.have.length(1);
      expect(await effects()).to.equal(5);
      expect(groups.filter((group) => new Set(group).size < group.length)).to.deep.equal([]);
    });

    it('keeps the failure of one from the others, and stores none', async () => {
      const key = randomUUID();
      const answers = await whileHeldUp(() => [jointly(1), jointly(0, key), jointly(2)]);
      expect(answers.map(({ status }) => status)).to.deep.equal([201, 500, 201]);
      const faulty = await whileHeldUp(() => [
        jointly(4),
        partner.call('POST', '/v1/joint-tallies', { body: '{"amount": "?"}', idempotencyKey: randomUUID() }),
      ]);
      expect(faulty.map(({ status }) => status)).to.deep.equal([201, 400]);
      expect((await jointly(5, key)).status).to.equal(201);
      expect(await effects()).to.equal(6);
    });
  });

  it('works on eight requests of a partner at a time, and on those of others besides', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    let begun = 0;
    started = () => {
      begun++;
    };
    gate = promise;
    const underWay = Array.from({ length: 8 }, () => post(1, randomUUID()));
    await until('eight are under way', () => begun === 8);
    const key = randomUUID();
    const ninth = await post(1, key);
    expect([ninth.status, ninth.body.code, ninth.headers.get('retry-after')]).to.deep.equal([
      429,
      'too_many_requests',
      '1',
    ]);
    expect((await partner.call('GET', '/v1/beneficiaries')).status).to.equal(200);
    const other = await api.partner();
    const iban = 'DE89370400440532013000';
    const wallet = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8';
    expect((await other.call('POST', '/v1/beneficiaries', { name: 'A', iban, wallet })).status).to.equal(201);
    resolve();
    expect((await Promise.all(underWay)).map(({ status }) => status)).to.deep.equal(Array(8).fill(201));
    await until('there is room again', async () => (await post(1, key)).status === 201);
    expect(await effects()).to.equal(9);
  });

  it('reads the body before it takes a connection', async () => {
    const seen: number[] = [];
    onRead = () => seen.push(api.database.totalCount - api.database.idleCount);
    await post(1, randomUUID());
    onRead = () => undefined;
    expect(seen).to.deep.equal([0]);
  });

  it('asks for a key, and a plain one', async () => {
    const url = `${api.origin}/v1/tallies`;
    const body = '{"amount":1}';
    const signed = await signWith(partner.credential, 'POST', url, { body });
    const withKey = (key: string) =>
      signWith(partner.credential, 'POST', url, { body, idempotencyKey: key }).then(api.send);
    expect((await withKey('')).body.code).to.equal('idempotency_key_missing');
    expect((await withKey('a b')).body.code).to.equal('idempotency_key_malformed');
    expect((await withKey('x'.repeat(256))).body.code).to.equal('idempotency_key_malformed');
    expect((await api.send(signed)).status).to.equal(201);
  });
});
