/** Files and lists of payments, in the formats that partners send. */
import type { Request } from 'express';
import { MAX_INPUT_ERRORS, type Parsed } from '../../../core/inputError.ts';
import { parsePain001 } from '../../../core/iso20022/pain001.ts';
import { parsePaymentCsv } from '../../../core/paymentCsv.ts';
import type { PaymentInstruction } from '../../../core/paymentInstruction.ts';
import type { Fault } from '../../../platform/http/problem.ts';
import { problemsOf } from '../../http/problems.ts';
import { mediaTypeOf, readJson } from '../../http/requests.ts';
import { paymentProblems } from './errors.ts';
import { toInstruction } from './requests.ts';
import { MAX_PAYMENTS_PER_BATCH, paymentBatchRequestSchema } from './schema.ts';

const problem = problemsOf(paymentProblems);

export interface BatchFile {
  format: 'json' | 'csv' | 'pain.001';
  /** The partner's own number of the file, where the format has one. */
  messageId?: string | undefined;
  /** When the file says it was made. */
  createdAt?: string;
  instructions: PaymentInstruction[];
}

/**
 * Reads a batch by its Content-Type: `application/xml` (pain.001.001.09), `text/csv` or `application/json`.
 * @throws Problem with every fault and its place: `payment_file_invalid` for XML and CSV, those of `readJson` for JSON
 */
export function readBatchFile(request: Request): BatchFile {
  const bytes = request.body as Buffer;
  switch (mediaTypeOf(request)) {
    case 'application/xml':
    case 'text/xml': {
      const { messageId, createdAt, paymentInformations } = accepted(parsePain001(bytes));
      const instructions = paymentInformations.flatMap((block) => block.instructions);
      return { format: 'pain.001', messageId, createdAt, instructions: notTooMany(instructions) };
    }
    case 'text/csv':
      return { format: 'csv', instructions: notTooMany(accepted(parsePaymentCsv(bytes))) };
    default:
      return readList(request);
  }
}

function readList(request: Request): BatchFile {
  const { messageId, payments } = readJson(request, paymentBatchRequestSchema);
  return {
    format: 'json',
    messageId,
    instructions: payments.map((payment, index) => toInstruction(payment, `/payments/${index}`)),
  };
}

function accepted<T>(parsed: Parsed<T>): T {
  if (parsed.ok) return parsed.value;
  throw refused(parsed.errors);
}

function notTooMany(instructions: PaymentInstruction[]): PaymentInstruction[] {
  if (instructions.length <= MAX_PAYMENTS_PER_BATCH) return instructions;
  const detail = `The file has ${instructions.length} payments`;
  throw refused([
    { code: 'too_many_payments', detail, expected: `at most ${MAX_PAYMENTS_PER_BATCH} in a file` },
  ]);
}

function refused(faults: Fault[]) {
  return problem(
    'payment_file_invalid',
    `Nothing of it was taken: ${faults.length} fault(s).`,
    faults.slice(0, MAX_INPUT_ERRORS),
  );
}
