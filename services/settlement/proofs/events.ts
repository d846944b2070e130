/** The proof of what a contract said of a policy or an escrow, made of what the node has of its blocks. */
import { eventsInReceipts, type ProofSubject, verifyEventsProof } from '../../core/evm/eventsProof.ts';
import { EVENTS_PROOF_FORMAT, type EventsProof } from '../../core/evm/eventsProofFile.ts';
import { provenLogs } from '../../core/evm/receiptProof.ts';
import type { ReceiptProof } from '../../core/evm/receiptProofFile.ts';
import { problemsOf } from '../http/problems.ts';
import { type Place, type Prover, proofProblems } from './receipts.ts';

const problem = problemsOf(proofProblems);

/**
 * A party may do some things as often as it likes, and with as many logs as a block has room for. What matters least is left out, in whole
 * transactions. In characters of JSON.
 */
export const TRANSACTIONS_PROVEN = 100;
const MOST_CHARACTERS = 8 * 1024 * 1024;

/**
 * Makes the proof and verifies it as its reader will.
 * @param places of transactions in final blocks, what matters most first, at most {@link TRANSACTIONS_PROVEN}.
 * @throws Problem `nothing_final` without a place; `proof_not_obtainable` when the node does not answer, or what it answers
 * does not prove the events.
 */
export async function proveEvents(
  prover: Prover,
  { partnerId, chainId }: { partnerId: string; chainId: number },
  subject: ProofSubject,
  places: readonly Place[],
): Promise<EventsProof> {
  if (places.length === 0)
    throw problem('nothing_final', `No final block has anything of the ${subject.kind}.`);
  return prover.prove(partnerId, async (receiptOf) => {
    const receipts: ReceiptProof[] = [];
    let characters = 0;
    for (const place of places) {
      const receipt = await receiptOf(place);
      characters += receipt.receipt.length + receipt.receiptProof.join('').length;
      if (characters > MOST_CHARACTERS && receipts.length > 0) break;
      receipts.push(receipt);
    }
    receipts.sort(byPlace);
    const events = eventsInReceipts(subject, receipts.map(provenLogs));
    return verifyEventsProof({
      format: EVENTS_PROOF_FORMAT,
      chainId,
      subject,
      receipts: receipts.map((receipt, at) => ({ events: events[at], ...receipt })),
    });
  });
}

function byPlace(a: ReceiptProof, b: ReceiptProof): number {
  const heights = Number(a.block.header.number) - Number(b.block.header.number);
  return heights || a.transaction.index - b.transaction.index;
}
