/** Which payments a batch of the router holds: read from the events around it, proven by its commitment. */
import { type Hex, keccak256 } from 'viem';
import type { ContractEvent, WatchedContracts } from '../../contractEvents.ts';

export interface ChainPayment {
  blockNumber: bigint;
  logIndex: number;
  transactionHash: Hex;
  payer: Hex;
  token: Hex;
  recipient: Hex;
  /** Smallest unit of the token. */
  amount: bigint;
  sequence?: bigint;
  reference?: Hex;
  outcome: 'settled' | 'returned';
}

/** The events do not amount to what `BatchSettled` says: the node left some out, or the ABI is not the contract's. */
export interface UnprovenBatch {
  batch: ContractEvent;
  reason: string;
}

/**
 * The payments of a `BatchSettled` event, in order of sequence. A returned payment is told by `PaymentReturned`; the
 * others are, in order, the last Transfer events of the token from the payer that stand before `BatchSettled`.
 * @param before The events of the same transaction before `batch`, back to the batch before it at most.
 */
function paymentsOfBatch(batch: ContractEvent, before: ContractEvent[]): ChainPayment[] | UnprovenBatch {
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

  const payments: ChainPayment[] = [];
  let transfersTaken = 0;
  for (let sequence = firstSequence; sequence < firstSequence + count; sequence++) {
    const back = returned.get(sequence);
    const event = back ?? moved[transfersTaken++];
    if (!event) return { batch, reason: 'a returned payment is not of this batch' };
    payments.push({
      blockNumber: event.blockNumber,
      logIndex: event.logIndex,
      transactionHash: event.transactionHash,
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

/**
 * The payments that `events` (whole transactions, in order) tell of. Tokens that the deployment does not know are left
 * out: a token of a stranger can say anything. `unproven` are batches whose payments are not known for sure.
 */
export function paymentsOf(
  contracts: WatchedContracts,
  events: ContractEvent[],
): { payments: ChainPayment[]; unproven: UnprovenBatch[] } {
  const payments: ChainPayment[] = [];
  const unproven: UnprovenBatch[] = [];
  let beforeFrom = 0;
  for (const [index, event] of events.entries()) {
    if (event.transactionHash !== events[beforeFrom]?.transactionHash) beforeFrom = index;
    if (event.contract !== contracts.router) continue;
    const isKnownToken = contracts.tokens.has(event.arguments.token as string);
    if (event.name === 'PaymentSettled' && isKnownToken) payments.push(singlePayment(event));
    if (event.name !== 'BatchSettled') continue;
    const result = isKnownToken ? paymentsOfBatch(event, events.slice(beforeFrom, index)) : [];
    if (Array.isArray(result)) payments.push(...result);
    else unproven.push(result);
    beforeFrom = index + 1;
  }
  return { payments, unproven };
}

function singlePayment(event: ContractEvent): ChainPayment {
  const { payer, token, recipient, amount, paymentReference } = event.arguments;
  return {
    blockNumber: event.blockNumber,
    logIndex: event.logIndex,
    transactionHash: event.transactionHash,
    payer: payer as Hex,
    token: token as Hex,
    recipient: recipient as Hex,
    amount: amount as bigint,
    reference: paymentReference as Hex,
    outcome: 'settled',
  };
}
