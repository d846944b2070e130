/** A reporter's row: its own values of a round, signed for the hub. The same message goes over HTTP and into a report. */
import {
  type Address,
  compactSignatureToSignature,
  concat,
  type Hex,
  hashDomain,
  hashStruct,
  isAddressEqual,
  keccak256,
  parseCompactSignature,
  recoverAddress,
  serializeCompactSignature,
  serializeSignature,
  signatureToCompactSignature,
} from 'viem';
import { z } from 'zod';
import {
  fromBytes32,
  type ObservationWindow,
  observationsTypes,
  packValues,
  pricesTypes,
  toBytes32,
} from '../../../core/oracleReport.ts';
import { Problem } from '../../../platform/http/problem.ts';
import type { Signer } from '../../../platform/signer.ts';

/** Things that one report speaks of. */
export const MOST_ITEMS = 64;
const MOST_UNITS = 2n ** 95n - 1n;
/** Of secp256k1: a signature with a greater s is refused by the hub (EIP-2). */
const HALF_ORDER = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0n;

/** What rows are about; every item stands once, in ascending order of {@link itemKey}. */
export type Items =
  | { kind: 'prices'; items: readonly string[] }
  | { kind: 'observations'; items: readonly ObservationWindow[] };

/** One reporter's values of one round, in the order of the items. */
export interface Row {
  about: Items;
  setVersion: number;
  /** Unix seconds: number of the round, and the time of its observations. */
  round: number;
  values: readonly bigint[];
  reporter: Address;
  /** EIP-2098. */
  signature: Hex;
  /** Signed as well, by whoever finds that these are due; without it the reporter signed what another proposed. */
  proposal?: Hex | undefined;
}

export type UnsignedRow = Pick<Row, 'about' | 'setVersion' | 'round' | 'values'>;

const domainTypes: Record<string, { name: string; type: string }[]> = {
  EIP712Domain: [
    { name: 'name', type: 'string' },
    { name: 'version', type: 'string' },
    { name: 'chainId', type: 'uint256' },
    { name: 'verifyingContract', type: 'address' },
  ],
};

/** Where the signatures count: EIP-712. */
export interface HubDomain {
  chainId: number;
  address: Address;
}

/** The bytes whose keccak256 the reporter signs (EIP-712). */
function rowBytes({ about, setVersion, round, values }: UnsignedRow, hub: HubDomain): Hex {
  const common = { setVersion, observedAt: round, values: packValues(values) };
  return typedBytes(
    hub,
    about.kind === 'prices'
      ? {
          types: pricesTypes,
          primaryType: 'Prices',
          data: { ...common, round, feeds: about.items.map(toBytes32) },
        }
      : {
          types: observationsTypes,
          primaryType: 'Observations',
          data: { ...common, windows: about.items },
        },
  );
}

function typedBytes(hub: HubDomain, struct: Parameters<typeof hashStruct>[0]): Hex {
  const domain = {
    name: 'Corridor OracleHub',
    version: '1',
    chainId: hub.chainId,
    verifyingContract: hub.address,
  };
  return concat(['0x1901', hashDomain({ domain, types: domainTypes }), hashStruct(struct)]);
}

/** The bytes by whose signature a reporter makes a row its proposal. They mean nothing to the hub. */
function proposalBytes(row: UnsignedRow, hub: HubDomain): Hex {
  return typedBytes(hub, {
    types: { Proposal: [{ name: 'row', type: 'bytes32' }] },
    primaryType: 'Proposal',
    data: { row: keccak256(rowBytes(row, hub)) },
  });
}

/** @throws SignerError */
export async function signRow(
  { isProposal, ...row }: UnsignedRow & { isProposal: boolean },
  hub: HubDomain,
  signer: Signer,
): Promise<Row> {
  const sign = async (bytes: Hex) =>
    serializeCompactSignature(signatureToCompactSignature(await signer.signBytes(bytes)));
  const signature = await sign(rowBytes(row, hub));
  const signed = { ...row, reporter: signer.address, signature };
  return isProposal ? { ...signed, proposal: await sign(proposalBytes(row, hub)) } : signed;
}

/** True when the reporter that the row names signed it, in the one form that the hub takes. */
export function isSigned(row: Row, hub: HubDomain): Promise<boolean> {
  return isSignedBy(row.reporter, row.signature, rowBytes(row, hub));
}

/** True when the reporter that the row names proposed it: whoever passes a row on cannot say so for it. */
export async function isProposed(row: Row, hub: HubDomain): Promise<boolean> {
  return row.proposal !== undefined && isSignedBy(row.reporter, row.proposal, proposalBytes(row, hub));
}

async function isSignedBy(reporter: Address, compact: Hex, bytes: Hex): Promise<boolean> {
  try {
    const signature = compactSignatureToSignature(parseCompactSignature(compact));
    if (BigInt(signature.s) > HALF_ORDER) return false;
    const signer = await recoverAddress({
      hash: keccak256(bytes),
      signature: serializeSignature(signature),
    });
    return isAddressEqual(signer, reporter);
  } catch {
    return false; // numbers that are no point of the curve throw in many ways
  }
}

/** What makes an item itself; rows are sorted by it. */
export function itemKey(item: string | ObservationWindow): string {
  if (typeof item === 'string') return item;
  const time = (seconds: number) => String(seconds).padStart(13, '0');
  return `${item.feed} ${item.subject} ${time(item.windowStart)} ${time(item.windowEnd)}`;
}

export function isAlone({ items }: Items): boolean {
  return items.length === 1;
}

/** Rows with the same key are about the same, and can go into one report. */
export function itemsKey({ kind, items }: Items): string {
  return `${kind}\n${items.map(itemKey).join('\n')}`;
}

const unixSeconds = z
  .int()
  .min(0)
  .max(2 ** 40 - 1);
const feedName = z.string().regex(/^[\x21-\x7e]{1,31}$/);
const compactSignature = z
  .string()
  .regex(/^0x[0-9a-fA-F]{128}$/)
  .transform((text) => text as Hex);
const rowSchema = z
  .strictObject({
    kind: z.enum(['prices', 'observations']),
    setVersion: z
      .int()
      .min(1)
      .max(2 ** 32 - 1),
    round: z
      .int()
      .min(0)
      .max(2 ** 32 - 1),
    feeds: z.array(feedName).min(1).max(MOST_ITEMS).optional(),
    windows: z
      .array(
        z.strictObject({
          feed: feedName,
          subject: z.string().regex(/^0x[0-9a-f]{64}$/),
          windowStart: unixSeconds,
          windowEnd: unixSeconds,
        }),
      )
      .min(1)
      .max(MOST_ITEMS)
      .optional(),
    values: z
      .array(z.string().regex(/^-?\d{1,29}$/))
      .min(1)
      .max(MOST_ITEMS),
    reporter: z.string().regex(/^0x[0-9a-fA-F]{40}$/),
    signature: compactSignature,
    proposal: compactSignature.optional(),
  })
  .refine(({ kind, feeds, windows }) => (kind === 'prices' ? feeds && !windows : windows && !feeds));

/** A row as JSON has it: names as text, values as decimal strings. */
export function writeRow({ about, values, ...row }: Row): unknown {
  const items =
    about.kind === 'prices'
      ? { feeds: about.items }
      : { windows: about.items.map((window) => ({ ...window, feed: fromBytes32(window.feed) })) };
  return { kind: about.kind, ...row, ...items, values: values.map(String) };
}

/** @throws Problem `row_malformed` */
export function readRow(json: unknown): Row {
  const { data, error } = rowSchema.safeParse(json);
  if (!data) throw malformed(z.prettifyError(error).slice(0, 500));
  const { kind, feeds = [], windows = [], values, reporter, ...rest } = data;
  const about: Items =
    kind === 'prices'
      ? { kind, items: feeds }
      : {
          kind,
          items: windows.map((window) => ({
            ...window,
            feed: toBytes32(window.feed),
            subject: window.subject as Hex,
          })),
        };
  const keys = about.items.map(itemKey);
  if (keys.some((key, at) => at > 0 && key <= (keys[at - 1] as string)))
    throw malformed('Feeds or windows are not in ascending order, each once.');
  const units = values.map(BigInt);
  if (units.length !== keys.length || units.some((one) => one > MOST_UNITS || one < -MOST_UNITS - 1n))
    throw malformed('Expected one value of 96 bits for each feed or window.');
  return { ...rest, about, values: units, reporter: reporter as Address };
}

function malformed(detail: string): Problem {
  return new Problem(400, 'row_malformed', detail);
}

/** `r` and `vs` of rows, as a report has them. */
export function signatureWords(rows: readonly Row[]): Hex[] {
  return rows.flatMap(({ signature }) => [signature.slice(0, 66) as Hex, `0x${signature.slice(66)}` as Hex]);
}
