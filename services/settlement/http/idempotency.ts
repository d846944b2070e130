import { createHash } from 'node:crypto';
import type { Request, RequestHandler } from 'express';
import { type Database, type Transaction, withTransaction } from '../../platform/database.ts';
import { gathered } from '../../platform/gather.ts';
import { type Partner, partnerOf } from './partner.ts';
import { problemsOf } from './problems.ts';

export const idempotencyProblems = {
  idempotency_key_missing: {
    status: 400,
    meaning: 'A POST came without an Idempotency-Key.',
    next: 'Send the header with a value of your own for each intent, such as a UUID; repeat it when you repeat the request.',
  },
  idempotency_key_malformed: {
    status: 400,
    meaning: 'The Idempotency-Key is longer than 255 characters or has others than visible ASCII.',
    next: 'Use 1 to 255 visible ASCII characters, such as a UUID.',
  },
  idempotency_key_reused: {
    status: 422,
    meaning: 'This Idempotency-Key was used before, for another request.',
    next: 'Send the very same body to the same path to get the first answer again, or take a new key for a new intent.',
  },
  idempotency_key_in_flight: {
    status: 409,
    meaning: 'A request with this Idempotency-Key is being worked on right now.',
    next: 'Repeat the request with the same key after the time that Retry-After gives.',
  },
} as const;

/** In which a partner's client that was answered comes with its next request, as a rule. */
const COMPANY_MS = 30;

const problem = problemsOf(idempotencyProblems);

/** A JSON answer to a POST. */
export interface Answer {
  status: number;
  body: unknown;
}

/** Reads what a POST asks for, before there is a transaction: a long body holds no connection while it is parsed. */
export type ReadRequest<Input> = (request: Request) => Input;

/** Does what a POST asks for, inside the transaction that also stores its answer. */
export type IdempotentWork<Input> = (tx: Transaction, partner: Partner, input: Input) => Promise<Answer>;

/** Does what several POSTs of one partner ask for, in one transaction; the answers in the order of the inputs. */
export type JointWork<Input> = (
  tx: Transaction,
  partner: Partner,
  inputs: readonly Input[],
) => Promise<Answer[]>;

/**
 * The route of a POST that takes effect once for each Idempotency-Key of a partner. Effect and answer are one commit;
 * the answer is kept as long as the effect. The same key with the same path and body gets the stored answer with
 * `Idempotency-Hit: true`. A problem that `read` or `work` throws undoes everything and is not stored: nothing happened, so the
 * partner may correct the request and send it under the same key. `work` may run again when PostgreSQL asks for it.
 */
export function idempotent<Input>(
  database: Database,
  read: ReadRequest<Input>,
  work: IdempotentWork<Input>,
): RequestHandler {
  const joint: JointWork<Input> = (tx, partner, inputs) =>
    Promise.all(inputs.map((input) => work(tx, partner, input)));
  return answering(read, (partner, ask) => answerAlone(database, partner, ask, joint));
}

/**
 * As {@link idempotent}, for a POST that comes often: those of a partner that come while one of them is worked on are taken
 * together by the next transaction, which is as one request to database and disk. When it fails, each is tried alone.
 * @param nameOf Two requests of one name are not taken together.
 */
export function idempotentTogether<Input>(
  database: Database,
  read: ReadRequest<Input>,
  nameOf: (input: Input) => string,
  work: JointWork<Input>,
): RequestHandler {
  const ofPartner = new Map<string, (ask: Ask<Input>) => Promise<Outcome>>();
  return answering(read, (partner, ask) => {
    const answer =
      ofPartner.get(partner.id) ??
      gathered(
        (asked: readonly Ask<Input>[]) => answerGroups(database, partner, asked, nameOf, work),
        COMPANY_MS,
      );
    ofPartner.set(partner.id, answer);
    return answer(ask);
  });
}

async function answerGroups<Input>(
  database: Database,
  partner: Partner,
  asked: readonly Ask<Input>[],
  nameOf: (input: Input) => string,
  work: JointWork<Input>,
): Promise<Outcome[]> {
  const outcomes = new Map<Ask<Input>, Outcome>();
  let left = asked;
  while (left.length > 0) {
    const group = takeGroup(left, nameOf);
    left = left.filter((ask) => !group.includes(ask));
    try {
      const answers = await answerAll(database, partner, group, work);
      group.forEach((ask, index) => {
        outcomes.set(ask, answers[index] as Outcome);
      });
    } catch (error) {
      for (const ask of group)
        outcomes.set(
          ask,
          group.length === 1 ? { error } : await answerAlone(database, partner, ask, work).catch(toOutcome),
        );
    }
  }
  return asked.map((ask) => outcomes.get(ask) as Outcome);
}

/** What a request asks for, read already. */
interface Ask<Input> {
  key: string;
  methodAndPath: string;
  bodySha256: string;
  /** @throws what was wrong with the request */
  input: () => Input;
}

type Outcome = { hit: boolean; status: number; body: string } | { error: unknown };

const toOutcome = (error: unknown): Outcome => ({ error });

function answering<Input>(
  read: ReadRequest<Input>,
  answer: (partner: Partner, ask: Ask<Input>) => Promise<Outcome>,
): RequestHandler {
  return async (request, response) => {
    const ask = {
      key: readKey(request),
      methodAndPath: `${request.method} ${request.originalUrl}`,
      bodySha256: createHash('sha256')
        .update(request.body as Buffer)
        .digest('hex'),
      input: readNow(() => read(request)),
    };
    const outcome = await answer(partnerOf(request), ask);
    if ('error' in outcome) throw outcome.error;
    if (outcome.hit) response.set('idempotency-hit', 'true');
    response.status(outcome.status).type('application/json').send(outcome.body);
  };
}

/** Those that may go in one transaction, in their order: no key and no name twice. */
function takeGroup<Input>(asked: readonly Ask<Input>[], nameOf: (input: Input) => string): Ask<Input>[] {
  const taken = new Set<string>();
  return asked.filter((ask) => {
    const names = [`key ${ask.key}`, ...nameIfSound(ask, nameOf)];
    const isFree = names.every((name) => !taken.has(name));
    for (const name of names) taken.add(name);
    return isFree;
  });
}

function nameIfSound<Input>({ input }: Ask<Input>, nameOf: (input: Input) => string): string[] {
  try {
    return [`name ${nameOf(input())}`];
  } catch {
    return []; // a faulty request has no effect; it is told so when its turn comes
  }
}

async function answerAlone<Input>(
  database: Database,
  partner: Partner,
  ask: Ask<Input>,
  work: JointWork<Input>,
): Promise<Outcome> {
  const [outcome] = await answerAll(database, partner, [ask], work);
  return outcome as Outcome;
}

/** Requests with different keys, in one transaction. What is wrong with one of them is its outcome and nobody else's. */
function answerAll<Input>(
  database: Database,
  partner: Partner,
  asked: readonly Ask<Input>[],
  work: JointWork<Input>,
): Promise<Outcome[]> {
  return withTransaction(database, async (tx) => {
    const locked = await lockKeys(tx, partner, asked);
    const stored = await readStored(tx, partner, asked);
    const outcomes = new Map<Ask<Input>, Outcome>();
    const inputs: Input[] = [];
    const fresh: Ask<Input>[] = [];
    for (const ask of asked) {
      try {
        const known = requireFree(ask, locked, stored);
        if (known) outcomes.set(ask, known);
        else {
          inputs.push(ask.input());
          fresh.push(ask);
        }
      } catch (error) {
        outcomes.set(ask, { error });
      }
    }
    const answers = inputs.length > 0 ? await work(tx, partner, inputs) : [];
    const texts = answers.map(({ body }) => JSON.stringify(body));
    fresh.forEach((ask, index) => {
      const { status } = answers[index] as Answer;
      outcomes.set(ask, { hit: false, status, body: texts[index] as string });
    });
    await storeAnswers(tx, partner, fresh, answers, texts);
    return asked.map((ask) => outcomes.get(ask) as Outcome);
  });
}

/** The stored answer of a request, if it has one. @throws Problem when its key is in use, or was used for something else */
function requireFree(
  { key, methodAndPath, bodySha256 }: Ask<unknown>,
  locked: ReadonlySet<string>,
  answers: ReadonlyMap<string, StoredAnswer>,
): Outcome | undefined {
  if (!locked.has(key))
    throw problem(
      'idempotency_key_in_flight',
      `A request with the Idempotency-Key ${key} is being worked on.`,
      [],
      { 'retry-after': '1' },
    );
  const stored = answers.get(key);
  if (!stored) return undefined;
  if (stored.method_and_path !== methodAndPath || stored.body_sha256 !== bodySha256)
    throw problem(
      'idempotency_key_reused',
      `The Idempotency-Key ${key} was used for ${stored.method_and_path} with another path or body.`,
    );
  return { hit: true, status: stored.status, body: stored.response_body };
}

/** Reads at once but throws only when asked: a stored answer and a key that was reused come before a faulty body. */
function readNow<Input>(read: () => Input): () => Input {
  try {
    const input = read();
    return () => input;
  } catch (error) {
    return () => {
      throw error;
    };
  }
}

interface StoredAnswer {
  key: string;
  method_and_path: string;
  body_sha256: string;
  status: number;
  response_body: string;
}

function readKey(request: Request): string {
  const key = request.get('idempotency-key');
  if (!key) throw problem('idempotency_key_missing', 'Every POST needs an Idempotency-Key.');
  if (!/^[\x21-\x7e]{1,255}$/.test(key)) {
    throw problem(
      'idempotency_key_malformed',
      'The Idempotency-Key is not 1 to 255 visible ASCII characters.',
    );
  }
  return key;
}

/** Held until the transaction ends. Two keys with one hash would only wait for each other. @returns the keys that are ours */
async function lockKeys(
  tx: Transaction,
  partner: Partner,
  asked: readonly Ask<unknown>[],
): Promise<Set<string>> {
  const { rows } = await tx.query<{ key: string; locked: boolean }>(
    `select key, pg_try_advisory_xact_lock(hashtextextended('idempotency ' || $1 || ' ' || key, 0)) as locked
       from unnest($2::text[]) as asked (key)`,
    [partner.id, asked.map(({ key }) => key)],
  );
  return new Set(rows.filter(({ locked }) => locked).map(({ key }) => key));
}

async function readStored(
  tx: Transaction,
  partner: Partner,
  asked: readonly Ask<unknown>[],
): Promise<Map<string, StoredAnswer>> {
  const { rows } = await tx.query<StoredAnswer>(
    `select key, method_and_path, body_sha256, status, response_body
       from settlement.idempotency_keys where partner_id = $1 and key = any($2)`,
    [partner.id, asked.map(({ key }) => key)],
  );
  return new Map(rows.map((row) => [row.key, row]));
}

async function storeAnswers(
  tx: Transaction,
  partner: Partner,
  asked: readonly Ask<unknown>[],
  answers: readonly Answer[],
  texts: readonly string[],
): Promise<void> {
  if (asked.length === 0) return;
  await tx.query(
    `insert into settlement.idempotency_keys (partner_id, key, method_and_path, body_sha256, status, response_body)
     select $1, * from unnest($2::text[], $3::text[], $4::text[], $5::int[], $6::text[])`,
    [
      partner.id,
      asked.map(({ key }) => key),
      asked.map(({ methodAndPath }) => methodAndPath),
      asked.map(({ bodySha256 }) => bodySha256),
      answers.map(({ status }) => status),
      texts,
    ],
  );
}
