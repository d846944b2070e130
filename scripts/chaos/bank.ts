/** The bank of the reserves: it books each mint and burn, and sends statements late, twice, or with money that came back. */
import { setTimeout as delay } from 'node:timers/promises';
import { type Hex, zeroAddress } from 'viem';
import type { CorridorCurrency } from '../../services/core/currency.ts';
import { type BankStatement, parseBankStatements } from '../../services/core/iso20022/bankStatement.ts';
import type { Database } from '../../services/platform/database.ts';
import {
  BankStatementRefused,
  storeBankStatements,
} from '../../services/settlement/domains/reconciliation/bankStatements.ts';
import {
  closingOf,
  decimal,
  statementXml,
  type WrittenEntry,
  type WrittenStatement,
} from '../../test/support/bankStatement.ts';
import type { WorldChain } from './chain.ts';

const HAND_IN_LIMIT_MS = 120_000;
const REPEAT_MS = 200;
/** Token units of a cent. */
export const CENT = 10_000n;

/** A mint or burn, as the chain has it. */
export interface Movement {
  direction: 'CRDT' | 'DBIT';
  units: bigint;
  /** UTC. */
  date: string;
  transactionHash: Hex;
  logIndex: number;
}

/** What an entry is to the reconciliation: of a movement, or how it is found otherwise. */
type Meaning = Movement | 'bank_duplicate' | 'bank_return' | 'offset';

export interface Statement extends WrittenStatement {
  currency: CorridorCurrency;
  sequence: number;
  closing: bigint;
  /** Of each entry. */
  meanings: Meaning[];
  /** Subjects of earlier entries whose money it gives back. */
  takesBack: readonly string[];
}

export type Bank = ReturnType<typeof createBank>;

export function createBank(chain: WorldChain, database: Database) {
  const issued: Statement[] = [];
  /** In the order of their coming. */
  const handed: Statement[] = [];

  const today = async () => dateOf((await chain.client.getBlock()).timestamp);

  async function movements(currency: CorridorCurrency): Promise<Movement[]> {
    const logs = await chain.supplyLogs(currency);
    return Promise.all(
      logs.map(async ({ args: { from, value }, blockNumber, transactionHash, logIndex }) => {
        const { timestamp } = await chain.client.getBlock({ blockNumber });
        const direction = from === zeroAddress ? 'CRDT' : 'DBIT';
        return { direction, units: value, date: dateOf(timestamp), transactionHash, logIndex } as const;
      }),
    );
  }

  /** Writes the next statement: every movement that none has yet, then `more`. */
  async function issue(
    currency: CorridorCurrency,
    more: readonly { entry: WrittenEntry; meaning: Meaning }[] = [],
    takesBack: readonly string[] = [],
  ): Promise<Statement> {
    const earlier = issued.filter((each) => each.currency === currency);
    const booked = new Set(earlier.flatMap(({ meanings }) => meanings.map(keyOf)));
    const date = await today();
    const [first = { date }] = earlier;
    const all = await movements(currency);
    const before = all.filter((movement) => movement.date < first.date);
    const opening =
      earlier.at(-1)?.closing ??
      before.reduce((sum, { direction, units }) => sum + (direction === 'CRDT' ? units : -units) / CENT, 0n);
    const fresh = all.filter((movement) => movement.date >= first.date && !booked.has(keyOf(movement)));
    const rows = [...fresh.map((movement) => ({ entry: entryOf(movement), meaning: movement })), ...more];
    const sequence = earlier.length + 1;
    const entries = rows.map(({ entry }) => entry);
    const statement: Statement = {
      id: `${currency}-${sequence}`,
      account: `RESERVE-${currency}`,
      currency,
      sequence,
      date,
      opening,
      closing: closingOf({ opening, entries }),
      entries,
      meanings: rows.map(({ meaning }) => meaning),
      takesBack,
    };
    issued.push(statement);
    return statement;
  }

  /**
   * As `npm run bank-statement`, until it is taken: in one file with all that came before, in their order, as what a backup
   * has forgotten has to be handed in again.
   * @returns whether the last one was new
   */
  async function handIn(statement: Statement): Promise<boolean> {
    if (!handed.includes(statement)) handed.push(statement);
    const parsed = handed
      .filter(({ currency }) => currency === statement.currency)
      .flatMap((each) => read(each));
    const endsAt = performance.now() + HAND_IN_LIMIT_MS;
    for (;;) {
      try {
        return (await storeBankStatements(database, statement.currency, parsed)).at(-1)?.isNew === true;
      } catch (error) {
        // The database may be down, or full; what is refused stays refused.
        if (error instanceof BankStatementRefused || performance.now() > endsAt) throw error;
        await delay(REPEAT_MS);
      }
    }
  }

  return {
    handed: handed as readonly Statement[],
    movements,
    issue,
    handIn,
    /** Whatever was handed in once more, in its order, as after a restored backup. */
    async handInAgain(): Promise<void> {
      for (const statement of Map.groupBy(handed, ({ currency }) => currency).values())
        await handIn(statement.at(-1) as Statement);
    },
    /** Statements that were kept back come now. */
    async handInOwed(): Promise<void> {
      for (const statement of issued) if (!handed.includes(statement)) await handIn(statement);
    },
  };
}

function read(statement: Statement): BankStatement[] {
  const parsed = parseBankStatements(statementXml(statement));
  if (parsed.ok) return parsed.value;
  throw new Error(`${statement.id} cannot be read: ${parsed.errors.map(({ detail }) => detail).join(', ')}`);
}

/** Names the transaction, as a payer who knows it does. */
export function entryOf({ direction, units, transactionHash, logIndex }: Movement): WrittenEntry {
  const reference = `${transactionHash.slice(2, 30)}-${logIndex}`;
  return { direction, amount: decimal(units / CENT), reference, remittance: transactionHash };
}

/** The money of an entry on its way back. */
export function reversalOf(entry: WrittenEntry): WrittenEntry {
  return { ...entry, direction: entry.direction === 'DBIT' ? 'CRDT' : 'DBIT', isReversal: true };
}

export function keyOf(meaning: Meaning): string {
  return typeof meaning === 'string' ? '' : `${meaning.transactionHash}/${meaning.logIndex}`;
}

function dateOf(seconds: bigint): string {
  return new Date(Number(seconds) * 1_000).toISOString().slice(0, 10);
}
