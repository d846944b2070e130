import { createHash } from 'node:crypto';
import type { Request, RequestHandler, Response } from 'express';
import { type Database, type Transaction, withTransaction } from '../../platform/database.ts';
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
  return async (request, response) => {
    const partner = partnerOf(request);
    const key = readKey(request);
    const methodAndPath = `${request.method} ${request.originalUrl}`;
    const bodySha256 = createHash('sha256')
      .update(request.body as Buffer)
      .digest('hex');
    const input = readNow(() => read(request));
    const { hit, status, body } = await withTransaction(database, async (tx) => {
      await lockKey(tx, partner, key);
      const { rows } = await tx.query<StoredAnswer>(
        `select method_and_path, body_sha256, status, response_body
           from settlement.idempotency_keys where partner_id = $1 and key = $2`,
        [partner.id, key],
      );
      const [stored] = rows;
      if (stored) {
        if (stored.method_and_path !== methodAndPath || stored.body_sha256 !== bodySha256) {
          throw problem(
            'idempotency_key_reused',
            `The Idempotency-Key ${key} was used for ${stored.method_and_path} with another path or body.`,
          );
        }
        return { hit: true, status: stored.status, body: stored.response_body };
      }
      const answer = await work(tx, partner, input());
      const text = JSON.stringify(answer.body);
      await tx.query(
        `insert into settlement.idempotency_keys
           (partner_id, key, method_and_path, body_sha256, status, response_body) values ($1, $2, $3, $4, $5, $6)`,
        [partner.id, key, methodAndPath, bodySha256, answer.status, text],
      );
      return { hit: false, status: answer.status, body: text };
    });
    send(response, hit, status, body);
  };
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

/** Held until the transaction ends. Two keys with one hash would only wait for each other. */
async function lockKey(tx: Transaction, partner: Partner, key: string): Promise<void> {
  const { rows } = await tx.query<{ locked: boolean }>(
    'select pg_try_advisory_xact_lock(hashtextextended($1, 0)) as locked',
    [`idempotency ${partner.id} ${key}`],
  );
  if (rows[0]?.locked) return;
  throw problem(
    'idempotency_key_in_flight',
    `A request with the Idempotency-Key ${key} is being worked on.`,
    [],
    { 'retry-after': '1' },
  );
}

function send(response: Response, hit: boolean, status: number, body: string): void {
  if (hit) response.set('idempotency-hit', 'true');
  response.status(status).type('application/json').send(body);
}
