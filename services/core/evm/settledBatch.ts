/** Which payments a transaction made through the router: read from its events, batches proven by their commitment. */
import { type Hex, keccak256 } from 'viem';

/** A log, decoded by the ABI of its contract: addresses and bytes lower-case hex, whole numbers bigint. */
export interface DecodedEvent {
  contract: Hex;
  name: string;
  arguments: Record<string, unknown>;
}

/** A payment as a transaction's events tell of it. */
export interface SettledPayment<Event> {
  /** The Transfer (settled, batch), PaymentSettled (settled, single) or PaymentReturned event. */
  event: Event;
  /** The BatchSettled event; a single payment has none. */
  batch?: Event;
  payer: Hex;
  token: Hex;
  recipient: Hex;
  /** Smallest unit of the token. */
  amount: bigint;
  /** Of a payment in a batch. */
  sequence?: bigint;
  /** Of a single payment. */
  reference?: Hex;
  outcome: 'settled' | 'returned';
}

/** The events do not amount to what `BatchSettled` says: some were left out, or the ABI is not the contract's. */
export interface UnprovenBatch<Event> {
  batch: Event;
  reason: string;
}

/**
 * The payments that the events of one transaction, in order, tell of. Tokens that are not in `tokens` are left out: a
 * token of a stranger can say anything. `unproven` are batches whose payments are not known for sure.
 */
export function paymentsOfTransaction<Event extends DecodedEvent>(
  { router, tokens }: { router: Hex; tokens: ReadonlySet<string> },
  events: readonly Event[],
): { payments: SettledPayment<Event>[]; unproven: UnprovenBatch<Event>[] } {
  const payments: SettledPayment<Event>[] = [];
  const unproven: UnprovenBatch<Event>[] = [];
  let beforeFrom = 0;
  for (const [index, event] of events.entries()) {
    if (event.contract !== router) continue;
    const isKnownToken = tokens.has(event.arguments.token as string);
    if (event.name === 'PaymentSettled' && isKnownToken) payments.push(singlePayment(event));
    if (event.name !== 'BatchSettled') continue;
    const result = isKnownToken ? paymentsOfBatch(event, events.slice(beforeFrom, index)) : [];
    if (Array.isArray(result)) payments.push(...result);
    else unproven.push(result);
    beforeFrom = index + 1;
  }
  return { payments, unproven };
}

/**
 * The payments of a `BatchSettled` event, in order of sequence. A returned payment is told by `PaymentReturned`; the
 * others are, in order, the last Transfer events of the token from the payer that stand before `BatchSettled`.
 * @param before The events of the same transaction before `batch`, back to the batch before it at most.
 */
function paymentsOfBatch<Event extends DecodedEvent>(
  batch: Event,
  before: readonly Event[],
): SettledPayment<Event>[] | UnprovenBatch<Event> {
  const { payer, token, firstSequence, count, amount, commitment } = batch.arguments as {
    payer: Hex;
    token: Hex;
    firstSequence: bigint;
    count: bigint;
    amount: bigint;
    commitment: Hex;
  };
  const returned = new Map(
    before
      .filter((event) => event.name === 'PaymentReturned' && event.arguments.payer === payer)
      .map((event) => [event.arguments.sequence as bigint, event]),
  );
  const movedCount = Number(count) - returned.size;
  const moved = before
    .filter(
      (event) => event.name === 'Transfer' && event.contract === token && event.arguments.from === payer,
    )
    .slice(movedCount > 0 ? -movedCount : Number.POSITIVE_INFINITY);
  if (moved.length !== movedCount)
    return { batch, reason: `${count} payments, but ${moved.length} transfers and ${returned.size} returns` };

  const payments: SettledPayment<Event>[] = [];
  let transfersTaken = 0;
  for (let sequence = firstSequence; sequence < firstSequence + count; sequence++) {
    const back = returned.get(sequence);
    const event = back ?? moved[transfersTaken++];
    if (!event) return { batch, reason: 'a returned payment is not of this batch' };
    payments.push({
      event,
      batch,
      payer,
      token,
      recipient: (back ? event.arguments.recipient : event.arguments.to) as Hex,
      amount: (back ? event.arguments.amount : event.arguments.value) as bigint,
      sequence,
      outcome: back ? 'returned' : 'settled',
    });
  }
  // A recipient of 20 bytes and an amount of 12; an amount that needs more cannot match.
  const packed = payments.map(
    (payment) => payment.recipient.slice(2) + payment.amount.toString(16).padStart(24, '0'),
  );
  const settled = payments.filter((payment) => payment.outcome === 'settled');
  const sum = settled.reduce((total, payment) => total + payment.amount, 0n);
  if (keccak256(`0x${packed.join('')}`) !== commitment)
    return { batch, reason: 'the payments do not match the commitment' };
  if (sum !== amount) return { batch, reason: `the transfers add up to ${sum}, the event says ${amount}` };
  return payments;
}

function singlePayment<Event extends DecodedEvent>(event: Event): SettledPayment<Event> {
  const { payer, token, recipient, amount, paymentReference } = event.arguments;
  return {
    event,
    payer: payer as Hex,
    token: token as Hex,
    recipient: recipient as Hex,
    amount: amount as bigint,
    reference: paymentReference as Hex,
    outcome: 'settled',
  };
}
