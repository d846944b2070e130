/**
 * Which lists a reporter signs of what it finds due. A report takes signatures of the very same list only, and no two reporters need
 * know the same: so what others may well have goes together, and what was asked for in vain goes alone, where nothing that somebody
 * lacks, or says to some only, can keep it from the chain.
 */
import { keccak256, stringToHex } from 'viem';
import type { ObservationWindow } from '../../../core/oracleReport.ts';
import { type Items, itemKey, itemsKey, MOST_ITEMS } from './row.ts';

type Item = string | ObservationWindow;

/** An item is alone after it was asked for in vain in so many rounds. */
const PATIENCE_ROUNDS = 2;
/** Or when it is due for so long: in as many lists there was a place for each of 1,000. */
const LONGEST_WAIT_ROUNDS = 16;
/** What many signed alone, but too late for a report, or what the hub does not take, is asked for together in so many rounds in a row. */
const SHARED_ROUNDS = 2;
/** Items of a kind that a reporter signs alone in one round, at most. */
export const MOST_ALONE = 64;
/** Enough for each of 1,000 items to come to its turn. */
const ROUNDS_OF_ONE_ORDER = 32;

export interface Lists {
  /** At most one of a kind. */
  together: Items[];
  /** Each of one item. */
  alone: Items[];
}

interface Asked {
  item: Item;
  /** The first of the rounds in which it was due in vain. */
  since: number;
  /** In how many of them it was asked for. */
  rounds: number;
  /** In so many rounds in a row it was asked for together because it was shared. */
  sharedRounds: number;
}

interface Asking {
  round: number;
  /** What is due, the oldest first. */
  due: readonly Items[];
  /** The last round of it that the chain has; 0 for none. */
  reportedRound(item: Item): number;
  /** Whether 2f + 1 reporters signed one list with it in the round before. */
  isShared(item: Item): boolean;
}

/** @returns what makes the lists of a round; it remembers what was asked for in vain */
export function createProposer(roundSeconds: number) {
  /** By item, what was due the round before. */
  let inVain = new Map<string, Asked>();

  return ({ round, due, reportedRound, isShared }: Asking): Lists => {
    const before = inVain;
    inVain = new Map();
    const lists: Lists = { together: [], alone: [] };
    for (const { kind, items } of due) {
      const asked = (items as readonly Item[]).map((item): Asked => {
        const known = before.get(itemKey(item));
        const isInVain = known !== undefined && reportedRound(item) < known.since;
        return isInVain ? known : { item, since: round, rounds: 0, sharedRounds: 0 };
      });
      const isLate = ({ since, rounds }: Asked) =>
        rounds >= PATIENCE_ROUNDS || round - since >= LONGEST_WAIT_ROUNDS * roundSeconds;
      const late = asked.filter(isLate);
      // Nothing that others lack stays in the list for long, or the list would stay without their signatures.
      const shared = late.filter(({ item }) => isShared(item));
      const again = shared.filter(({ sharedRounds }) => sharedRounds < SHARED_ROUNDS);
      const together = [...asked.filter((one) => !isLate(one)), ...again].slice(0, MOST_ITEMS);
      const alone = shareOf(late, Math.floor(round / roundSeconds));
      const signed = new Set([...together, ...alone]);
      for (const one of asked) {
        const rounds = one.rounds + (signed.has(one) ? 1 : 0);
        const isAgain = together.includes(one) && again.includes(one);
        const sharedRounds = shared.includes(one) ? one.sharedRounds + (isAgain ? 1 : 0) : 0;
        inVain.set(itemKey(one.item), { ...one, rounds, sharedRounds });
      }
      if (together.length > 0) lists.together.push(listOf(kind, together));
      lists.alone.push(...alone.map((one) => listOf(kind, [one])));
    }
    // Another one first in each round, at every reporter the same: a slow signer does not get to the last.
    const turnOf = (about: Items) => keccak256(stringToHex(`${itemsKey(about)} ${round}`));
    lists.alone = lists.alone
      .map((about) => ({ about, turn: turnOf(about) }))
      .sort((a, b) => (a.turn < b.turn ? -1 : 1))
      .map(({ about }) => about);
    return lists;
  };
}

/**
 * All, or where they are too many every second, fourth, eighth... of them, others in each round. Who has more of them takes a share of
 * those that another takes who has fewer: so each comes to its turn, and at everybody's in the same round. The order is drawn anew every
 * few rounds. It can be known in advance: names chosen to fall together with another's keep that one behind in the orders they were chosen for.
 */
function shareOf<One extends { item: Item }>(all: readonly One[], round: number): One[] {
  if (all.length <= MOST_ALONE) return [...all];
  const order = Math.floor(round / ROUNDS_OF_ONE_ORDER);
  const places = all.map(
    ({ item }) => BigInt(keccak256(stringToHex(`${itemKey(item)} ${order}`))) + BigInt(round),
  );
  for (let parts = 2n; ; parts *= 2n) {
    const share = all.filter((_, at) => (places[at] as bigint) % parts === 0n);
    if (share.length <= MOST_ALONE) return share;
  }
}

function listOf(kind: Items['kind'], asked: readonly { item: Item }[]): Items {
  const items = asked.map(({ item }) => item).sort((a, b) => (itemKey(a) < itemKey(b) ? -1 : 1));
  return { kind, items } as Items;
}
