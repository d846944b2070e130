import { json, Router } from 'express';
import { Problem } from '../../../platform/http/problem.ts';
import { MOST_ROWS } from './peers.ts';
import type { Rounds } from './rounds.ts';
import { readRow, writeRow } from './row.ts';

/** A row of 64 windows has some 20 KB. */
const MOST_BYTES = '384kb';

/**
 * `POST /rows {rows}` takes in rows that other reporters signed and answers `{outcomes}`, what became of each; one that is malformed
 * refuses all of them. `GET /rows` gives every row that this reporter holds, so that anybody can transmit.
 */
export function roundRoutes(rounds: Rounds): Router {
  const router = Router();
  router.get('/rows', (_request, response) => {
    response.json({ rows: rounds.rows().map(writeRow) });
  });
  router.post('/rows', json({ limit: MOST_BYTES, inflate: false }), async (request, response) => {
    const rows: unknown = request.body?.rows;
    if (!Array.isArray(rows) || rows.length === 0 || rows.length > MOST_ROWS)
      throw new Problem(400, 'rows_malformed', `Expected {"rows": [1 to ${MOST_ROWS} rows]}.`);
    const read = rows.map(readRow);
    const outcomes: string[] = [];
    for (const row of read) outcomes.push(await rounds.receive(row));
    response.json({ outcomes });
  });
  return router;
}
