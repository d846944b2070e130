/**
 * The rounds of one reporter. A round begins with the first block of its time; the reporter signs its own values of what is due and
 * hands them to all others, signs what another finds due if it has the values, and transmits when it is its turn.
 */
import { type Address, getAddress, isAddressEqual } from 'viem';
import { fromBytes32, type ObservationWindow } from '../../../core/oracleReport.ts';
import type { Logger } from '../../../platform/log.ts';
import { type Signer, SignerError } from '../../../platform/signer.ts';
import { type Hub, placeOf, type ReporterSet } from '../../hub.ts';
import type { OracleMetrics } from '../../metrics.ts';
import { dueReason } from './due.ts';
import type { Begun, Feeds, Observed } from './observing.ts';
import type { Peers } from './peers.ts';
import { composeReport, type Report, turnsToWait } from './report.ts';
import { type Items, isSigned, itemKey, itemsKey, type Row, signRow } from './row.ts';
import { RowStore } from './rowStore.ts';
import type { Transmitter } from './transmitter.ts';

/** What became of a row that came in; the words of `oracle_rows_total`. */
export type RowOutcome =
  | 'taken'
  | 'repeated'
  | 'other_round'
  | 'other_set'
  | 'not_a_reporter'
  | 'unknown_item'
  | 'too_many'
  | 'equivocation'
  | 'signature_invalid';

export interface Head {
  number: bigint;
  /** Unix seconds. */
  timestamp: number;
}

export interface RoundsParts {
  hub: Hub;
  feeds: Feeds;
  observe: (begun: Begun) => Promise<Observed>;
  signer: Signer;
  peers: Peers;
  transmitter: Transmitter;
  roundSeconds: number;
  turnBlocks: number;
  metrics: OracleMetrics;
  log: Logger;
  /** Told when a row came that may complete a report. */
  onRow: () => void;
}

interface Round extends Observed {
  round: number;
  /** The first block of the round that this reporter saw. */
  begunAt: bigint;
  set: ReporterSet;
  place: number;
  /** Of a process that was just started: before, it may have signed other values in the same round. */
  isFirst: boolean;
  /** Lists that it signed, or is about to. */
  signed: Set<string>;
  /** Items that need no report any more: on chain, or on the way there. */
  done: Set<string>;
  /** Who was found to say two things; each is looked at once. */
  suspected: Set<Address>;
}

export class Rounds {
  readonly #parts: RoundsParts;
  readonly #store = new RowStore();
  #current: Round | undefined;

  constructor(parts: RoundsParts) {
    this.#parts = parts;
  }

  /** The round that runs; undefined before the first. */
  get round(): number | undefined {
    return this.#current?.round;
  }

  rows(): Row[] {
    return this.#store.all();
  }

  /** Goes on with what the head says: begins a round, or transmits when it is this reporter's turn. */
  async onHead(head: Head): Promise<void> {
    const { roundSeconds, transmitter } = this.#parts;
    const round = head.timestamp - (head.timestamp % roundSeconds);
    if (!this.#current || round > this.#current.round) await this.#begin(round, head.number);
    await transmitter.settle();
    await this.#transmit(head.number);
  }

  async #begin(round: number, begunAt: bigint): Promise<void> {
    const { hub, observe, signer, roundSeconds, metrics } = this.#parts;
    const [set, observed] = await Promise.all([hub.reporterSet(), observe({ round, headNumber: begunAt })]);
    const place = placeOf(set, signer.address);
    this.#store.forgetBefore(round - roundSeconds);
    const empty = { signed: new Set<string>(), done: new Set<string>(), suspected: new Set<Address>() };
    const isFirst = this.#current === undefined;
    this.#current = { ...observed, ...empty, round, begunAt, set, place, isFirst };
    metrics.roundBegun(round, set.reporters.length, place >= 0);
    for (const about of observed.proposals) await this.#sign(this.#current, about, true);
    // The others may have seen the block before.
    for (const { about, rows } of this.#store.lists(round))
      if ([...rows.values()].some(({ isProposal }) => isProposal))
        await this.#sign(this.#current, about, false);
  }

  /** Signs its own values of these, unless it did or does not have all of them, and hands them on. */
  async #sign(current: Round, about: Items, isProposal: boolean): Promise<void> {
    const { hub, signer, peers, metrics, log } = this.#parts;
    const values = about.items.map((item) => current.values.get(itemKey(item)));
    const key = itemsKey(about);
    if (current.place < 0 || current.isFirst || current.signed.has(key)) return;
    if (!values.every((value) => value !== undefined)) return;
    current.signed.add(key);
    const { round, set } = current;
    const unsigned = { about, setVersion: set.version, round, values, isProposal };
    try {
      const row = await signRow(unsigned, hub, signer);
      this.#store.add(row);
      peers.push(row);
    } catch (error) {
      if (!(error instanceof SignerError)) throw error;
      current.signed.delete(key); // another's proposal may ask for the same once more
      metrics.row(signer.address, error.code);
      log.error({ err: error, round }, 'the row was not signed; this reporter is missing in the round');
    }
  }

  /** Takes in what came from outside, whoever sent it: only what a reporter of the active set signed for this round stays. */
  async receive(row: Row): Promise<RowOutcome> {
    const current = this.#current;
    const isOfSet = current !== undefined && placeOf(current.set, row.reporter) >= 0;
    const outcome = current ? await this.#take(current, row) : 'other_round';
    this.#parts.metrics.row(isOfSet ? getAddress(row.reporter) : 'nobody', outcome);
    return outcome;
  }

  async #take(current: Round, row: Row): Promise<RowOutcome> {
    const { hub, signer, roundSeconds, log, onRow } = this.#parts;
    const { round, set } = current;
    // A peer may see the next block a moment earlier.
    if (row.round !== round && row.round !== round + roundSeconds) return 'other_round';
    if (row.setVersion !== set.version) return 'other_set';
    if (placeOf(set, row.reporter) < 0) return 'not_a_reporter';
    if (isAddressEqual(row.reporter, signer.address)) return 'repeated';
    if (!row.about.items.every((item) => this.#isKnown(item, row.round))) return 'unknown_item';
    const known = this.#store.find(row);
    if (known) {
      if (known.values.every((value, at) => value === row.values[at])) return 'repeated';
      const suspect = getAddress(row.reporter);
      if (current.suspected.has(suspect)) return 'repeated';
      current.suspected.add(suspect);
      if (!(await isSigned(row, hub))) return 'signature_invalid';
      log.error(
        { reporter: suspect, round: row.round, signed: known.values, alsoSigned: row.values },
        'a reporter signed two different rows of one round',
      );
      return 'equivocation';
    }
    // An honest reporter proposes one list, and signs one of each other reporter.
    if (this.#store.countOf(row) >= set.reporters.length) return 'too_many';
    if (!(await isSigned(row, hub))) return 'signature_invalid';
    const isProposal = row.isProposal && !this.#store.hasProposed(row);
    this.#store.add({ ...row, isProposal });
    if (isProposal && this.#current?.round === row.round) await this.#sign(this.#current, row.about, false);
    onRow();
    return 'taken';
  }

  #isKnown(item: string | ObservationWindow, round: number): boolean {
    const { feeds } = this.#parts;
    if (typeof item === 'string') return feeds.get(item)?.kind === 'price';
    const isOver = item.windowStart <= item.windowEnd && item.windowEnd <= round;
    return isOver && feeds.get(fromBytes32(item.feed) ?? '')?.kind === 'observation';
  }

  async #transmit(headNumber: bigint): Promise<void> {
    const current = this.#current;
    if (!current || current.place < 0) return;
    const { roundSeconds, turnBlocks, transmitter, log } = this.#parts;
    const { round, set, place } = current;
    const turns = turnsToWait(round, roundSeconds, place, set.reporters.length);
    if (headNumber - current.begunAt < BigInt(turns * turnBlocks)) return;
    const candidates = this.#store.lists(round).flatMap((list) => {
      const report = composeReport(list, round, set);
      return report ? [{ about: list.about, report, due: dueOf(current, list.about, report) }] : [];
    });
    // The one with the most that is due first: it may leave nothing for the others.
    candidates.sort((a, b) => b.due.length - a.due.length);
    for (const { about, report, due } of candidates) {
      const open = due.filter((item) => !current.done.has(itemKey(item)));
      if (open.length === 0 || !(await this.#isWanted(current, open))) continue;
      if (!(await transmitter.send(about.kind, report.data, headNumber))) continue;
      for (const item of about.items) current.done.add(itemKey(item));
      log.info({ kind: about.kind, round, items: about.items.length, turns }, 'report transmitted');
    }
  }

  /** Whether the chain, what waits in the node's pool included, is still without one of them. */
  async #isWanted({ round, done }: Round, items: readonly (string | ObservationWindow)[]): Promise<boolean> {
    const { hub } = this.#parts;
    const feeds = items.filter((item) => typeof item === 'string');
    const windows = items.filter((item) => typeof item !== 'string');
    const [prices, recorded] = await Promise.all([
      hub.pricesOf(feeds, 'pending'),
      hub.areRecorded(windows, 'pending'),
    ]);
    for (const [at, feed] of feeds.entries()) if ((prices[at]?.round ?? 0) >= round) done.add(feed);
    for (const [at, window] of windows.entries()) if (recorded[at]) done.add(itemKey(window));
    return items.some((item) => !done.has(itemKey(item)));
  }
}

/** What of a list is due by the medians that the hub will take: one liar's word moves nobody to pay for a report. */
function dueOf({ standings, round }: Round, { items }: Items, { medians }: Report) {
  return items.filter((item, at) => {
    if (typeof item !== 'string') return true; // whether it is recorded is asked before it is sent
    const standing = standings.get(item);
    const median = medians[at];
    return standing && median !== undefined && dueReason(median, round, standing);
  });
}
