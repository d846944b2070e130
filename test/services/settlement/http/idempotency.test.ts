import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { Router } from 'express';
import { z } from 'zod';
import { domains } from '../../../../services/settlement/app.ts';
import type { DomainApi } from '../../../../services/settlement/context.ts';
import { idempotent } from '../../../../services/settlement/http/idempotency.ts';
import { problemsOf } from '../../../../services/settlement/http/problems.ts';
import { readJson } from '../../../../services/settlement/http/requests.ts';
import { type SettlementApi, startSettlementApi, type TestPartner } from '../../../support/settlementApi.ts';
import { signWith } from '../../../support/signWith.ts';

const tallyProblems = {
  tally_refused: { status: 422, meaning: 'Refused.', next: 'Ask otherwise.' },
} as const;
const tallyBody = z.strictObject({ amount: z.int() });

describe('settlement API: idempotency', () => {
  let api: SettlementApi;
  let partner: TestPartner;
  /** Work waits for this before it ends. */
  let gate: Promise<void> = Promise.resolve();
  let started: () => void = () => undefined;

  /** A domain whose work leaves a row and can be held up. */
  const tallyApi: DomainApi = {
    operations: [
      {
        method: 'post',
        path: '/v1/tallies',
        tag: 'Tallies',
        summary: 'Count',
        answer: {
          status: 201,
          description: 'Counted.',
          body: { 'application/json': z.strictObject({ id: z.string() }) },
        },
      },
    ],
    problems: tallyProblems,
    routes: ({ database }) =>
      Router().post(
        '/v1/tallies',
        idempotent(database, async (tx, partner, request) => {
          const { amount } = readJson(request, tallyBody);
          const { rows } = await tx.query(
            'insert into settlement.tallies (partner_id, amount) values ($1, $2) returning id',
            [partner.id, amount],
          );
          started();
          await gate;
          if (amount < 0) throw problemsOf(tallyProblems)('tally_refused', 'Less than nothing.');
          if (amount === 0) throw new Error('bug');
          return { status: 201, body: rows[0] };
        }),
      ),
  };
  before(async () => {
    api = await startSettlementApi({}, [...domains, tallyApi]);
    await api.database.query(
      `create table settlement.tallies (id text primary key default settlement.new_id('tly'), partner_id text, amount int)`,
    );
    partner = await api.partner();
  });
  after(() => api.stop());
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

  it('takes effect once under twenty requests at the same time', async () => {
    const key = randomUUID();
    const answers = await Promise.all(Array.from({ length: 20 }, () => post(1, key)));
    for (const { status } of answers) expect(status).to.be.oneOf([201, 409]);
    expect(await effects()).to.equal(1);
    expect(new Set(answers.filter(({ status }) => status === 201).map(({ body }) => body.id))).to.have.length(
      1,
    );
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
