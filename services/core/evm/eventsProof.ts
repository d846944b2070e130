/**
 * The proof of what the cover said of a policy, or the escrow contract of an escrow: its events, in receipts that are in their
 * blocks. Made by the settlement service, verified by anybody. It cannot tell that there were no others.
 */
import { type Abi, type AbiEvent, toEventSelector } from 'viem';
import { coverPoolAbi } from '../abi/coverPool.ts';
import { escrowAbi } from '../abi/escrow.ts';
import { parametricCoverAbi } from '../abi/parametricCover.ts';
import { decodeArguments, type EventArgument } from './eventArguments.ts';
import { type EventsProof, eventsProofSchema } from './eventsProofFile.ts';
import type { ReceiptLog } from './receipt.ts';
import { ProofRefused, provenLogs, readProof } from './receiptProof.ts';
import type { ReceiptProof } from './receiptProofFile.ts';

export type ProofSubject = EventsProof['subject'];
type ProvenEvent = EventsProof['receipts'][number]['events'][number];

/** The contracts that speak of a subject, and what each may say. */
function contractsOf(subject: ProofSubject): Map<string, ReadonlyMap<string, AbiEvent>> {
  if (subject.kind === 'escrow') return new Map([[subject.contract, escrowEvents]]);
  return new Map([
    [subject.pool, poolEvents],
    [subject.contract, coverEvents],
  ]);
}

const escrowEvents = eventsBySelector(escrowAbi);
const coverEvents = eventsBySelector(parametricCoverAbi);
const poolEvents = eventsBySelector(coverPoolAbi);

/**
 * Verifies that the blocks of the proof's hashes have these events, and their receipts no others of the subject. What it
 * cannot tell: whether the blocks are of the chain (`compareWithChain` of each receipt); and that the contract is the one that
 * one means, for which its address is to be compared.
 * @param input what JSON.parse gave.
 * @throws ProofRefused
 */
export function verifyEventsProof(input: unknown): EventsProof {
  const proof = readProof(eventsProofSchema, input, 'proof of events');
  for (const [at, receipt] of proof.receipts.entries()) {
    const before = proof.receipts[at - 1];
    if (before && !isBehind(receipt, before))
      throw new ProofRefused(
        'events_out_of_order',
        `Receipt ${at} does not come behind the one before it, in one chain.`,
      );
  }
  const proven = eventsInReceipts(proof.subject, proof.receipts.map(provenLogs));
  requireBeginning(proof.subject, proven.flat());
  // What was handed in, not what was read of it: a member that reading leaves out must not look proven.
  const claimed = input as EventsProof;
  for (const [at, { transaction }] of proof.receipts.entries())
    if (inOneOrder(claimed.receipts[at]?.events) !== inOneOrder(proven[at]))
      throw new ProofRefused(
        'events_differ',
        `The receipt of transaction ${transaction.hash} has other events of the ${proof.subject.kind} than the proof says.`,
      );
  return proof;
}

/** Without what a policy began with, nobody could tell what else of a receipt belongs to it. */
function requireBeginning({ kind }: ProofSubject, events: readonly ProvenEvent[]): void {
  for (const beginning of kind === 'policy' ? ['PolicyIssued', 'RiskOpened'] : [])
    if (events.filter(({ name }) => name === beginning).length !== 1)
      throw new ProofRefused(
        'events_missing',
        `The proof of a policy has its ${beginning}, and has it once.`,
      );
}

function isBehind(receipt: ReceiptProof, before: ReceiptProof): boolean {
  const [height, heightBefore] = [receipt, before].map(({ block }) => BigInt(block.header.number)) as [
    bigint,
    bigint,
  ];
  if (height !== heightBefore) return height > heightBefore;
  return receipt.block.hash === before.block.hash && receipt.transaction.index > before.transaction.index;
}

/**
 * What the receipts' logs have of the subject, receipt by receipt. To an escrow belong the credits under its id. To a policy
 * belong its risk, which PolicyIssued names, that risk's product, and the pool's credits for what was paid on it.
 */
export function eventsInReceipts(
  subject: ProofSubject,
  receipts: readonly (readonly ReceiptLog[])[],
): ProvenEvent[][] {
  const decoded = receipts.map((logs) => decode(contractsOf(subject), logs));
  if (subject.kind === 'policy') return eventsOfPolicy(subject, decoded);
  return decoded.map((events) =>
    events.filter(({ arguments: { escrowId, id } }) => (escrowId ?? id) === subject.escrowId),
  );
}

/** By which the pool pays holder or buyer. */
const paying = ['PolicyPaid', 'PremiumRefunded', 'PolicyCancelled'];

function eventsOfPolicy(
  { contract, policyNumber }: Extract<ProofSubject, { kind: 'policy' }>,
  decoded: readonly ProvenEvent[][],
): ProvenEvent[][] {
  const ofCover = decoded.flat().filter((event) => event.contract === contract);
  const isOfPolicy = (event: ProvenEvent) =>
    event.contract === contract && event.arguments.policyId === policyNumber;
  const issued = ofCover.find((event) => event.name === 'PolicyIssued' && isOfPolicy(event));
  const risk = issued?.arguments.riskNumber;
  const isOfRisk = ({ name, ...event }: ProvenEvent) =>
    risk !== undefined && name.startsWith('Risk') && event.arguments.riskNumber === risk;
  const opened = ofCover.find((event) => event.name === 'RiskOpened' && isOfRisk(event));
  const isOfProduct = ({ name, ...event }: ProvenEvent) =>
    opened !== undefined &&
    name === 'ProductCreated' &&
    event.arguments.productId === opened.arguments.productId;
  return decoded.map((events) => {
    const paid = events
      .filter((event) => isOfPolicy(event) && paying.includes(event.name))
      .map(({ arguments: { holder, buyer, amount, refund } }) => ({
        account: holder ?? buyer,
        amount: amount ?? refund,
      }));
    const isCredit = ({ name, arguments: said }: ProvenEvent) =>
      name === 'CreditAdded' &&
      BigInt(String(said.id)) === BigInt(String(risk)) &&
      paid.some(({ account, amount }) => account === said.account && amount === said.amount);
    return events.filter(
      (event) =>
        isOfPolicy(event) ||
        (event.contract === contract && (isOfRisk(event) || isOfProduct(event))) ||
        (risk !== undefined && event.contract !== contract && isCredit(event)),
    );
  });
}

/** The contracts' events in the words of their ABIs; a log that they do not have is left out. */
function decode(
  contracts: ReadonlyMap<string, ReadonlyMap<string, AbiEvent>>,
  logs: readonly ReceiptLog[],
): ProvenEvent[] {
  return logs.flatMap((log, logIndex) => {
    const event = contracts.get(log.address)?.get(log.topics[0] ?? '');
    if (!event) return [];
    return [{ contract: log.address, name: event.name, logIndex, arguments: read(event, log) }];
  });
}

function read(event: AbiEvent, log: ReceiptLog): Record<string, EventArgument> {
  try {
    return inJson(decodeArguments(event, log)) as Record<string, EventArgument>;
  } catch (error) {
    throw new ProofRefused(
      'receipt_malformed',
      `The receipt has a ${event.name} that is none: ${(error as Error).message}`,
      error,
    );
  }
}

function inJson(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_, member) => (typeof member === 'bigint' ? String(member) : member)),
  );
}

/** Members of an object have no order in JSON. */
function inOneOrder(value: unknown): string {
  const sorted = (_: string, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member;
  return JSON.stringify(value, sorted);
}

function eventsBySelector(abi: Abi): ReadonlyMap<string, AbiEvent> {
  return new Map(abi.filter((item) => item.type === 'event').map((event) => [toEventSelector(event), event]));
}
