/** What reporters that lie do with the keys that are theirs: they have those, and run none of the service's code. */
import type { Address, Hex } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { composeReport } from '../../../services/oracle/domains/rounds/report.ts';
import {
  type Items,
  type Row,
  readRow,
  signRow,
  writeRow,
} from '../../../services/oracle/domains/rounds/row.ts';
import { createSigner } from '../../../services/platform/signer.ts';
import type { TestChain } from '../../support/chain.ts';
import { ask, reporterAddress, reporterKey } from './reporting.ts';

/** Values at the limits of their 96 bits, of a price feed's bounds, and around zero. */
export const EXTREMES = [-(2n ** 95n), 2n ** 95n - 1n, 0n, 1n, -1n, 10n ** 15n, 10n ** 15n + 1n];

/** Seeds of a property test: the few of every run, or as many as ORACLE_SEEDS says. */
export function seedsOf(few: number): number[] {
  return Array.from({ length: Number(process.env.ORACLE_SEEDS ?? few) }, (_, at) => at + 1);
}

export async function rowsAt(origin: string): Promise<Row[]> {
  const { rows } = (await (await ask(`${origin}/rows`)).json()) as { rows: unknown[] };
  return rows.map(readRow);
}

/** @returns what became of each row */
export async function post(origin: string, rows: readonly Row[]): Promise<string[]> {
  const answer = await ask(`${origin}/rows`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ rows: rows.map(writeRow) }),
  });
  return ((await answer.json()) as { outcomes: string[] }).outcomes;
}

export interface Liar {
  readonly address: Address;
  sign(round: number, about: Items, values: readonly bigint[], isProposal?: boolean): Promise<Row>;
  /** Puts a report of these rows in the node's pool, before everybody else's; nothing when they are too few. */
  transmit(round: number, about: Items, rows: readonly Row[]): Promise<void>;
  /** Puts a transfer of nothing to itself in the place of what it sent last. */
  takeBack(): Promise<void>;
}

/** @param set the active one, of reporters 0 to `size` - 1 */
export function liarOf(chain: TestChain, index: number, set: { version: number; size: number }): Liar {
  const account = privateKeyToAccount(reporterKey(index));
  const { chainId, oracleHub } = chain.deployment;
  const send = async (
    call: { to: Address; data?: Hex; gas: bigint },
    moment: 'latest' | 'pending',
    tip: bigint,
  ) => {
    const nonce = await chain.client.getTransactionCount({ address: account.address, blockTag: moment });
    const fees = { maxFeePerGas: 2n * tip, maxPriorityFeePerGas: tip };
    const raw = await account.signTransaction({ type: 'eip1559', chainId, nonce, ...call, ...fees });
    await chain.client.sendRawTransaction({ serializedTransaction: raw });
  };
  return {
    address: account.address,
    sign: (round, about, values, isProposal = true) =>
      signRow(
        { about, setVersion: set.version, round, values, isProposal },
        { chainId, address: oracleHub },
        createSigner(reporterKey(index)),
      ),
    async transmit(round, about, rows) {
      const reporters = Array.from({ length: set.size }, (_, place) => reporterAddress(place));
      const list = { about, rows: new Map(rows.map((row) => [row.reporter, row])) };
      const report = composeReport(list, round, { version: set.version, reporters });
      if (!report) return;
      await send({ to: oracleHub, data: report.data, gas: 4_000_000n }, 'pending', 10n ** 11n);
    },
    takeBack: () => send({ to: account.address, gas: 21_000n }, 'latest', 10n ** 12n),
  };
}
