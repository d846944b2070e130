/**
 * The rounds of one reporter. A round begins with the first block of its time; the reporter signs its own values of what is due and
 * hands them to all others, signs what another finds due if it has the values, and transmits when it is its turn.
 */
import { type Address, getAddress, isAddressEqual } from 'viem';
import { faultyOf, fromBytes32, type ObservationWindow, quorumOf } from '../../../core/oracleReport.ts';
import type { Logger } from '../../../platform/log.ts';
import { type Signer, SignerError } from '../../../platform/signer.ts';
import { type Hub, type Moment, placeOf, type ReporterSet } from '../../hub.ts';
import type { OracleMetrics } from '../../metrics.ts';
import { dueReason } from './due.ts';
import type { Begun, Feeds, Observed } from './observing.ts';
import type { Peers } from './peers.ts';
import { type createProposer, MOST_ALONE } from './proposing.ts';
import { composeReport, type Report, turnsToWait } from './report.ts';
import { type Items, isAlone, isProposed, isSigned, itemKey, itemsKey, type Row, signRow } from './row.ts';
import { type RowList, RowStore } from './rowStore.ts';
import { createSigningQueue, type Urgency } from './signing.ts';
import type { Transmitter } from './transmitter.ts';

/** Windows that a reporter signs alone in one round: as many as of its own again because others do. What is proposed comes on top. */
const MOST_WINDOWS_ALONE = 2 * MOST_ALONE;
/** Of what it asked for alone itself, a block each; what others ask for comes again with their rows. */
const MOST_TRIES = 3;

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
  propose: ReturnType<typeof createProposer>;
  signer: Signer;
  peers: Peers;
  transmitter: Transmitter;
  roundSeconds: number;
  turnBlocks: number;
  metrics: OracleMetrics;
  log: Logger;
  /** Told of each new row, its own included: it may complete a report. */
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
  /** Lists that it signed, or is about to, by {@link itemsKey}. */
  signed: Map<string, Items>;
  /** Lists of its own of one item that the signer did not sign, for the next block; which try that will be. */
  again: { about: Items; tries: number }[];
  /** The head with which it tried last. */
  triedAt: bigint;
  /** Items that need no report any more: on chain, or sent by this reporter. */
  done: Set<string>;
  /** Who was found to say two things; each is looked at once. */
  suspected: Set<Address>;
}

export class Rounds {
  readonly #parts: RoundsParts;
  readonly #store = new RowStore();
  readonly #queue = createSigningQueue();
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
    this.#tryAgain(head.number);
    await transmitter.settle();
    await this.#transmit(head.number);
  }

  async #begin(round: number, begunAt: bigint): Promise<void> {
    const { hub, observe, propose, signer, metrics } = this.#parts;
    const before = this.#current?.round;
    // What comes in from here on is too late for a report of that round; what came since the block was made was, too, and counts all the same.
    const mostSigned = this.#store.mostSigned(before ?? round);
    const [set, observed] = await Promise.all([hub.reporterSet(), observe({ round, headNumber: begunAt })]);
    const place = placeOf(set, signer.address);
    this.#store.forgetBefore(before ?? round);
    const empty = {
      signed: new Map<string, Items>(),
      again: [],
      triedAt: begunAt,
      done: new Set<string>(),
      suspected: new Set<Address>(),
    };
    const current: Round = {
      ...observed,
      ...empty,
      round,
      begunAt,
      set,
      place,
      isFirst: before === undefined,
    };
    this.#current = current;
    metrics.roundBegun(round, set.reporters.length, place >= 0);
    if (place < 0 || before === undefined) return;
    const quorum = quorumOf(set.reporters.length);
    const { together, alone } = propose({
      round,
      due: observed.due,
      reportedRound: (item) => (typeof item === 'string' ? (observed.standings.get(item)?.round ?? 0) : 0),
      isShared: (item) => (mostSigned.get(itemKey(item)) ?? 0) >= quorum,
    });
    // At once: a row that comes in meanwhile must not have it sign as another's what is its own proposal.
    const proposed = together.map((about) => this.#sign(current, about, 'proposal'));
    // And before any answer, or answers would take their places among the windows that it may sign alone.
    for (const about of alone) this.#signMeanwhile(current, about, 'alone');
    // The others may have seen the block before.
    for (const list of this.#store.lists(round))
      if (isAnswered(list, current)) this.#signMeanwhile(current, list.about, 'answer');
    await Promise.all(proposed);
  }

  /** Nobody waits for it: a signer that takes its time holds up neither peers nor reports. */
  #signMeanwhile(current: Round, about: Items, urgency: Urgency, tries = 1): void {
    this.#sign(current, about, urgency, tries).catch((error: unknown) =>
      this.#parts.log.error({ err: error, round: current.round }, 'a row was not signed'),
    );
  }

  #tryAgain(headNumber: bigint): void {
    const current = this.#current;
    if (!current || current.triedAt === headNumber) return;
    current.triedAt = headNumber;
    for (const { about, tries } of current.again.splice(0)) {
      current.signed.delete(itemsKey(about));
      this.#signMeanwhile(current, about, 'alone', tries);
    }
  }

  /** Signs its own values of these when their turn comes, unless it did or does not have all of them, and hands them on. */
  async #sign(current: Round, about: Items, urgency: Urgency, tries = 1): Promise<void> {
    const { hub, signer, peers, metrics, log, onRow } = this.#parts;
    const values = about.items.map((item) => current.values.get(itemKey(item)));
    const key = itemsKey(about);
    const job = `${current.round} ${key}`;
    if (current.place < 0 || current.isFirst) return;
    if (current.signed.has(key)) {
      if (urgency === 'answer') this.#queue.hurry(job);
      return;
    }
    if (!values.every((value) => value !== undefined)) return;
    current.signed.set(key, about);
    const { round, set } = current;
    const unsigned = { about, setVersion: set.version, round, values, isProposal: urgency === 'proposal' };
    await this.#queue.inTurn(urgency, job, async () => {
      if (this.#current !== current) return; // no report takes it any more
      try {
        const row = await signRow(unsigned, hub, signer);
        this.#store.add(row);
        peers.push(row);
        onRow();
      } catch (error) {
        if (!(error instanceof SignerError)) throw error;
        if (urgency === 'alone' && tries < MOST_TRIES) current.again.push({ about, tries: tries + 1 });
        else current.signed.delete(key); // another's proposal may ask for the same once more
        metrics.row(signer.address, error.code);
        log.error({ err: error, round }, 'the row was not signed; this reporter is missing in it');
      }
    });
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
    if (known && !known.values.every((value, at) => value === row.values[at])) {
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
    // Whoever passes a row on may leave out that it was a proposal.
    if (known && (!row.proposal || this.#store.hasProposed(row))) return 'repeated';
    if (!known && this.#isTooMany(row, set)) return 'too_many';
    if (!(await isSigned(row, hub))) return 'signature_invalid';
    const isProposal = await isProposed(row, hub);
    if (known && !isProposal) return 'signature_invalid';
    // Others of the same reporter may have come meanwhile.
    if (!known && this.#isTooMany(row, set)) return 'too_many';
    const proposal = isProposal && !this.#store.hasProposed(row) ? row.proposal : undefined;
    const taken = { ...row, proposal };
    const list = this.#store.add(taken);
    onRow();
    if (this.#current?.round === row.round && isAnswered(list, this.#current))
      this.#signMeanwhile(this.#current, row.about, 'answer');
    return 'taken';
  }

  /** An honest reporter proposes one list, and signs one of each other; alone it signs each price once, and so many windows. */
  #isTooMany(row: Row, { reporters }: ReporterSet): boolean {
    if (!isAlone(row.about)) return this.#store.countOf(row) >= reporters.length;
    return (
      row.about.kind === 'observations' && this.#store.countOf(row) >= MOST_WINDOWS_ALONE + reporters.length
    );
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
    const waitBlocks = headNumber - current.begunAt - BigInt(turns * turnBlocks);
    if (waitBlocks < 0n) return;
    // What is in a pool may never come into a block, by its sender's will: it holds nobody up for longer than a turn.
    const moment = waitBlocks < turnBlocks ? 'pending' : 'latest';
    const candidates = this.#store.lists(round).flatMap((list) => {
      if (list.about.items.every((item) => current.done.has(itemKey(item)))) return [];
      const report = composeReport(list, round, set);
      return report ? [{ about: list.about, report, due: dueOf(current, list.about, report) }] : [];
    });
    const wanted = await this.#wantedOf(
      current,
      candidates.flatMap(({ due }) => due),
      moment,
    );
    // The one with the most that is wanted first: it may leave nothing for the others. Of those with as much the shortest, as it costs least.
    const wantedIn = ({ due }: (typeof candidates)[number]) =>
      due.filter((item) => wanted.has(itemKey(item))).length;
    const lengthOf = ({ about }: { about: Items }) => about.items.length;
    candidates.sort((a, b) => wantedIn(b) - wantedIn(a) || lengthOf(a) - lengthOf(b));
    let isFirst = true;
    for (const { about, report, due } of candidates) {
      // What was just sent is done, too.
      const isOpen = (open: Set<string>) =>
        due.map(itemKey).some((key) => open.has(key) && !current.done.has(key));
      if (!isOpen(wanted)) continue;
      // Others report as well while one is sent.
      if (!isFirst && !isOpen(await this.#wantedOf(current, due, moment))) continue;
      isFirst = false;
      const outcome = await transmitter.send(about.kind, report.data, headNumber);
      if (outcome === 'full') return;
      if (outcome === 'refused') continue;
      for (const item of about.items) current.done.add(itemKey(item));
      log.info({ kind: about.kind, round, items: about.items.length, turns }, 'report transmitted');
    }
  }

  /** Keys of those that the chain is still without at this moment; what it has for certain is done. */
  async #wantedOf(
    { round, done }: Round,
    items: readonly (string | ObservationWindow)[],
    moment: Moment,
  ): Promise<Set<string>> {
    const { hub } = this.#parts;
    const open = new Map(items.map((item) => [itemKey(item), item]));
    for (const key of done) open.delete(key);
    const feeds = [...open.values()].filter((item) => typeof item === 'string');
    const windows = [...open.values()].filter((item) => typeof item !== 'string');
    const [prices, recorded] = await Promise.all([
      hub.pricesOf(feeds, moment),
      hub.areRecorded(windows, moment),
    ]);
    const reported = [
      ...feeds.filter((_, at) => (prices[at]?.round ?? 0) >= round),
      ...windows.filter((_, at) => recorded[at]),
    ].map(itemKey);
    if (moment === 'latest') for (const key of reported) done.add(key);
    for (const key of reported) open.delete(key);
    return new Set(open.keys());
  }
}

/**
 * Whether this reporter signs it, too: what somebody proposed; and what f + 1 signed alone, of whom one is honest and asked for it in
 * vain, though this one may not find it due, or have so many older ones that its list has no place for it.
 */
function isAnswered({ about, rows }: RowList, { set, signed }: Round): boolean {
  if ([...rows.values()].some(({ proposal }) => proposal !== undefined)) return true;
  if (!isAlone(about) || rows.size <= faultyOf(set.reporters.length)) return false;
  const isWindowAlone = (one: Items) => one.kind === 'observations' && isAlone(one);
  return !isWindowAlone(about) || [...signed.values()].filter(isWindowAlone).length < MOST_WINDOWS_ALONE;
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
