/** The rows of the rounds that run, bounded whoever sends what: an entry for each reporter, round and list, few of each. */
import { type Address, getAddress } from 'viem';
import { type Items, isAlone, itemKey, itemsKey, type Row } from './row.ts';

export interface RowList {
  about: Items;
  /** By reporter, in the order in which they came. */
  rows: ReadonlyMap<Address, Row>;
}

/** Rows of one round about the same. */
interface StoredList extends RowList {
  rows: Map<Address, Row>;
}

export class RowStore {
  readonly #rounds = new Map<number, Map<string, StoredList>>();

  /** The row of this reporter about the same, whatever its values. */
  find({ round, about, reporter }: Pick<Row, 'round' | 'about' | 'reporter'>): Row | undefined {
    return this.#rounds.get(round)?.get(itemsKey(about))?.rows.get(getAddress(reporter));
  }

  /** How many lists like this one the reporter signed in the round: of its kind, and of one item or of several as it is. */
  countOf({ round, about, reporter }: Row): number {
    const own = getAddress(reporter);
    return this.lists(round).filter(
      (list) =>
        list.about.kind === about.kind && isAlone(list.about) === isAlone(about) && list.rows.has(own),
    ).length;
  }

  /** Whether the reporter proposed a list of this kind already. */
  hasProposed({ round, about, reporter }: Row): boolean {
    const own = getAddress(reporter);
    return this.lists(round).some(
      (list) => list.about.kind === about.kind && list.rows.get(own)?.proposal !== undefined,
    );
  }

  /** By {@link itemKey}, how many signed one and the same list with the item in a round: the list that the most signed. */
  mostSigned(round: number): Map<string, number> {
    const most = new Map<string, number>();
    for (const { about, rows } of this.lists(round))
      for (const item of about.items) {
        const key = itemKey(item);
        most.set(key, Math.max(most.get(key) ?? 0, rows.size));
      }
    return most;
  }

  /** Keeps a row that was verified; the first of a reporter about the same stays, but for being its proposal as well. @returns its list */
  add(row: Row): RowList {
    const round = this.#rounds.get(row.round) ?? new Map<string, StoredList>();
    this.#rounds.set(row.round, round);
    const key = itemsKey(row.about);
    const list = round.get(key) ?? { about: row.about, rows: new Map() };
    round.set(key, list);
    const reporter = getAddress(row.reporter);
    const known = list.rows.get(reporter);
    list.rows.set(reporter, known ? { ...known, proposal: known.proposal ?? row.proposal } : row);
    return list;
  }

  lists(round: number): RowList[] {
    return [...(this.#rounds.get(round)?.values() ?? [])];
  }

  /** Every row there is. */
  all(): Row[] {
    return [...this.#rounds.keys()].flatMap((round) =>
      this.lists(round).flatMap(({ rows }) => [...rows.values()]),
    );
  }

  forgetBefore(round: number): void {
    for (const known of this.#rounds.keys()) if (known < round) this.#rounds.delete(known);
  }
}
