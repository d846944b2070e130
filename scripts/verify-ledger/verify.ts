/** Recomputes the ledger from its first posting. */
import type { Hex, PublicClient } from 'viem';
import type { Deployment } from '../../services/core/deployment.ts';
import { type Database, oneRow } from '../../services/platform/database.ts';
import { FIRST_HEAD, nextSeal } from '../../services/settlement/domains/ledger/seal.ts';
import { type Anchors, compareAnchor, readAnchors } from './anchors.ts';
import { verifyBalances } from './balances.ts';
import { LedgerDiffers } from './difference.ts';
import { verifyEvents } from './events.ts';
import { readPostings, type SealedPosting } from './postings.ts';

const PAGE = 2_000;

export interface VerifyOptions {
  database: Database;
  /** To compare postings with events, and seals with anchors; without it only the database is compared with itself. */
  onChain?: { chain: PublicClient; deployment: Deployment } | undefined;
  onProgress?: (done: bigint, all: bigint) => void;
}

export interface Verified {
  ledgerId: Hex;
  postings: bigint;
  accounts: number;
  head: Hex;
  /** Of this ledger on the chain; undefined where the chain was not asked. */
  anchors?: number;
  lastAnchored?: bigint;
  otherLedgers?: Anchors['others'];
}

/**
 * Verifies numbers, seals, balances, events and anchors, as far as the ledger had come at the beginning. It may go on meanwhile.
 * @throws LedgerDiffers at the first difference
 */
export async function verifyLedger({ database, onChain, onProgress }: VerifyOptions): Promise<Verified> {
  const ledger = await readHead(database);
  const anchors =
    onChain && (await readAnchors(database, onChain.chain, onChain.deployment, ledger.ledgerId));
  const { number: last } = await readHead(database); // after the anchors: whatever they are of is in it
  const accounts = await verifyBalances(database);

  let [number, head] = [0n, FIRST_HEAD];
  while (number < last) {
    const page = await readPostings(database, number, PAGE);
    for (const posting of page) {
      head = verifyPosting(posting, number + 1n, head);
      number = posting.number;
      const anchor = anchors?.byNumber.get(number);
      if (anchor) compareAnchor(anchor, head);
      if (number === last) break;
    }
    if (page.length === 0) throw missing(number + 1n, undefined);
    if (onChain)
      await verifyEvents(
        onChain.chain,
        page.filter((posting) => posting.number <= last),
      );
    onProgress?.(number, last);
  }
  await verifyHead(database, number, head);
  for (const anchor of anchors?.byNumber.values() ?? [])
    if (anchor.number > last) compareAnchor(anchor, undefined);
  return {
    ledgerId: ledger.ledgerId,
    postings: last,
    accounts,
    head,
    ...(anchors && {
      anchors: anchors.byNumber.size,
      lastAnchored: [...anchors.byNumber.keys()].reduce((a, b) => (a > b ? a : b), 0n),
      otherLedgers: anchors.others,
    }),
  };
}

/** @returns its seal, as computed. */
function verifyPosting(posting: SealedPosting, number: bigint, head: Hex): Hex {
  const where = `Posting ${posting.number} (${posting.id})`;
  if (posting.number !== number) throw missing(number, posting.number);
  const sums = Map.groupBy(posting.entries, ({ currency }) => currency);
  for (const [currency, entries] of sums) {
    const sum = entries.reduce((total, { amount }) => total + amount, 0n);
    if (sum !== 0n) throw new LedgerDiffers(where, `entries in ${currency} that sum to 0`, `a sum of ${sum}`);
  }
  const seal = nextSeal(head, posting);
  if (seal !== posting.seal)
    throw new LedgerDiffers(
      `${where}, or its seal, was changed`,
      `the seal ${posting.seal} (stored)`,
      `${seal} (computed)`,
    );
  return seal;
}

function missing(number: bigint, found: bigint | undefined): LedgerDiffers {
  return new LedgerDiffers(
    `Posting ${number} is missing`,
    `number ${number}`,
    found ? `number ${found}` : 'no more postings',
  );
}

async function readHead(database: Database): Promise<{ ledgerId: Hex; number: bigint }> {
  const { ledger_id: ledgerId, number } = oneRow(
    await database.query<{ ledger_id: Hex; number: bigint }>(
      'select ledger_id, number from settlement.ledger_head',
    ),
  );
  return { ledgerId, number };
}

/** The stored head, unless the ledger has gone on meanwhile. */
async function verifyHead(database: Database, number: bigint, head: Hex): Promise<void> {
  const { rows } = await database.query<{ hash: Hex }>(
    'select hash from settlement.ledger_head where number = $1',
    [number],
  );
  if (rows[0] && rows[0].hash !== head)
    throw new LedgerDiffers(`The head after posting ${number}`, head, rows[0].hash);
}
