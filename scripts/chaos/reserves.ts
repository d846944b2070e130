/** The breaks between chain and bank: open are those that what the bank did explains, and no others ever were. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Database } from '../../services/platform/database.ts';
import { CENT, keyOf, type Movement, type Statement } from './bank.ts';
import type { Remains, Violation } from './invariants.ts';

const AGREE_LIMIT_MS = 60_000;
const LOOK_MS = 100;

export async function reserveViolations({ world: { bank, database } }: Remains): Promise<Violation[]> {
  const movements = { USD: await bank.movements('USD'), EUR: await bank.movements('EUR') };
  const explained = (handed: readonly Statement[], today: string) =>
    (['USD', 'EUR'] as const).flatMap((currency) =>
      explainedBreaks(
        handed.filter((each) => each.currency === currency),
        movements[currency],
        today,
      ),
    );
  const endsAt = performance.now() + AGREE_LIMIT_MS;
  for (;;) {
    const { rows } = await database.query<{ name: string; is_open: boolean }>(
      `select kind || ' of ' || currency || ' ' || subject as name, closed_at is null as is_open
         from settlement.breaks where kind like 'bank\\_%'`,
    );
    const open = rows.filter(({ is_open }) => is_open).map(({ name }) => name);
    const expected = explained(bank.handed, await today(database));
    const missing = expected.filter((name) => !open.includes(name));
    const surplus = open.filter((name) => !expected.includes(name));
    if (missing.length + surplus.length > 0 && performance.now() < endsAt) {
      await delay(LOOK_MS);
      continue;
    }
    // While statements were coming, each of these was right for a while.
    const ever = new Set(
      bank.handed.flatMap((_, last) => explained(bank.handed.slice(0, last + 1), '9999-12-31')),
    );
    const wrong = rows.filter(({ name }) => !ever.has(name) && !surplus.includes(name));
    return [
      ...missing.map((name) => unbalanced(`No open break ${name}`)),
      ...surplus.map((name) => unbalanced(`Open break ${name}`)),
      ...wrong.map(({ name }) => unbalanced(`A break was open that nothing explains: ${name}`)),
    ];
  }
}

/** What must be open at a reserve once these statements have been handed in. `today` is the day of the last final block. */
export function explainedBreaks(
  handed: readonly Statement[],
  movements: readonly Movement[],
  today: string,
): string[] {
  const inOrder = handed.toSorted((a, b) => a.date.localeCompare(b.date) || a.sequence - b.sequence);
  const [first, last] = [inOrder.at(0), inOrder.at(-1)];
  if (!first || !last) return [];
  const found: string[] = [];
  const open = (kind: string, subject: string) => found.push(`${kind} of ${first.currency} ${subject}`);

  const booked = new Set(handed.flatMap(({ meanings }) => meanings.map(keyOf)));
  for (const movement of movements)
    if (movement.date >= first.date && movement.date <= last.date && !booked.has(keyOf(movement)))
      open('bank_timing', keyOf(movement));
  const marked = handed.flatMap(({ id, meanings }) =>
    meanings.map((meaning, place) => ({ subject: `${id}/${place + 1}`, meaning })),
  );
  const takenBack = new Set(handed.flatMap(({ takesBack }) => takesBack));
  for (const { subject, meaning } of marked)
    if (typeof meaning === 'string' && meaning !== 'offset' && !takenBack.has(subject))
      open(meaning, subject);
  for (const [place, { id, opening, sequence }] of inOrder.entries()) {
    const before = inOrder[place - 1];
    if (before && (before.closing !== opening || sequence !== before.sequence + 1)) open('bank_sequence', id);
  }
  const supply = movements
    .filter(({ date }) => date <= last.date)
    .reduce((sum, { direction, units }) => sum + (direction === 'CRDT' ? units : -units), 0n);
  if (last.date < today && last.closing * CENT < supply) open('bank_reserve', '');
  return found;
}

async function today(database: Database): Promise<string> {
  const { rows } = await database.query<{ today: string }>(
    `select (to_timestamp(k.timestamp_s) at time zone 'utc')::date::text as today
       from settlement.posted_blocks p join indexer.blocks k on k.chain_id = p.chain_id and k.number = p.block_number`,
  );
  return rows[0]?.today ?? '';
}

const unbalanced = (what: string): Violation => ({ kind: 'unbalanced', what });
