/** Which entry of the bank belongs to which mint or burn. */
import { businessDaysBetween } from './businessDays.ts';

/** Business days between a mint or burn and its entry, when only the amount says that they belong together. */
const WINDOW_DAYS = 10;

/** An entry that has no event yet; dates are YYYY-MM-DD. */
export interface OpenEntry {
  id: bigint;
  direction: 'credit' | 'debit';
  units: bigint;
  valueDate: string;
  reference: string | null;
  endToEndId: string | null;
  transactionHash: string | null;
  isReturn: boolean;
  /** An earlier entry has the same reference, amount and direction. */
  isRepeat: boolean;
}

/** A mint (credit) or burn (debit) that has no entry yet. */
export interface SupplyEvent {
  direction: 'credit' | 'debit';
  units: bigint;
  date: string;
  blockNumber: bigint;
  logIndex: number;
  transactionHash: string;
}

export interface Matches {
  pairs: { entry: OpenEntry; event: SupplyEvent }[];
  /** Money that came back, and the entry that it takes back: neither has an event. */
  offsets: { entry: OpenEntry; by: OpenEntry }[];
  /** What is left over. */
  entries: Set<OpenEntry>;
  events: Set<SupplyEvent>;
}

/**
 * Matches by the transaction that the entry names, first with its amount, then without; then what came back with what it
 * takes back; then, for entries that name no transaction, by amount within ten business days, the earliest first.
 * @param openEntries in the order in which they were handed in
 * @param openEvents in the order of the chain
 */
export function matchEntries(openEntries: readonly OpenEntry[], openEvents: readonly SupplyEvent[]): Matches {
  const matches: Matches = {
    pairs: [],
    offsets: [],
    entries: new Set(openEntries),
    events: new Set(openEvents),
  };
  const naming = openEntries.filter(({ transactionHash }) => transactionHash !== null);
  const named = (each: OpenEntry | SupplyEvent) => `${each.direction} ${each.transactionHash}`;
  pairFirst(matches, naming, (each) => `${named(each)} ${each.units}`);
  pairFirst(matches, naming, named);
  offsetReturns(matches);
  const nameless = openEntries
    .filter((entry) => entry.transactionHash === null && !entry.isRepeat && matches.entries.has(entry))
    .toSorted((a, b) => Date.parse(a.valueDate) - Date.parse(b.valueDate));
  pairFirst(
    matches,
    nameless,
    (each) => `${each.direction} ${each.units}`,
    (entry, event) => Math.abs(businessDaysBetween(event.date, entry.valueDate)) <= WINDOW_DAYS,
  );
  return matches;
}

/** Gives each entry that is left the first event of the same key that is left and fits. */
function pairFirst(
  { pairs, entries, events }: Matches,
  candidates: readonly OpenEntry[],
  keyOf: (each: OpenEntry | SupplyEvent) => string,
  fits: (entry: OpenEntry, event: SupplyEvent) => boolean = () => true,
): void {
  const waiting = Map.groupBy(events, keyOf);
  for (const entry of candidates.filter((each) => entries.has(each))) {
    const event = waiting.get(keyOf(entry))?.find((each) => events.has(each) && fits(entry, each));
    if (!event) continue;
    pairs.push({ entry, event });
    entries.delete(entry);
    events.delete(event);
  }
}

function offsetReturns({ offsets, entries }: Matches): void {
  const refersTo = (by: OpenEntry, entry: OpenEntry) =>
    (entry.endToEndId !== null && entry.endToEndId === by.endToEndId) ||
    (entry.reference !== null && entry.reference === by.reference);
  for (const by of [...entries].filter(({ isReturn }) => isReturn)) {
    const entry = [...entries].find(
      (each) =>
        !each.isReturn &&
        each.id < by.id &&
        each.direction !== by.direction &&
        each.units === by.units &&
        refersTo(by, each),
    );
    if (!entry) continue;
    offsets.push({ entry, by });
    entries.delete(entry);
    entries.delete(by);
  }
}
