/** Which call of the contract an action is, who may make it, and when the contract never will take it any more. */
import { type Address, encodeFunctionData, type Hex, isAddressEqual, zeroAddress, zeroHash } from 'viem';
import { escrowAbi } from '../../../core/abi/escrow.ts';
import { stablecoinAbi } from '../../../core/abi/stablecoin.ts';
import { type EscrowSplit, type EscrowTerms, escrowReleaseTypedData } from '../../../core/evm/escrowTerms.ts';
import { moneyFaults, parseMoney, UNIT_DECIMALS } from '../../../core/money.ts';
import type { Fault } from '../../../platform/http/problem.ts';
import { authorizeForData } from './account.ts';
import type { ActionRequest, EscrowVerb } from './actionSchema.ts';
import { type EscrowRow, termsOfRow } from './store.ts';
import { validBeforeOf } from './view.ts';

/** Where the contract says that an escrow stands: `stateOf`. */
export interface ContractState {
  status: number;
  capturable: bigint;
  milestonesLeft: number;
}

/** A call of the contract. */
export interface Intent {
  verb: EscrowVerb;
  data: Hex;
  /** Who must send it; undefined: anybody. */
  from?: Address | undefined;
  /** What `from` has to allow the contract first, in token units. */
  allowance?: bigint;
  /** The money comes out of a partner's account, where it has to be reserved. */
  isOutOfAccount?: boolean;
  /** The contract would take it twice. */
  isRepeatable: boolean;
  /** Unix seconds of the last block in which the contract takes it. */
  notAfter?: bigint | undefined;
  /** Errors after which it never will. */
  hopelessErrors: readonly string[];
}

/** What both parties have to sign before anything can be called. */
export interface Unsigned {
  typedData: ReturnType<typeof escrowReleaseTypedData>;
  split: EscrowSplit;
  /** The call, with the signatures that there are; the contract refuses it for the missing ones alone. */
  data: Hex;
}

const UNUSED = ['AlreadyAuthorized', 'AuthorizationExpired', 'AuthorizationAlreadyUsed'];
const ENDED = ['EscrowIsNotOpen'];
const UNDISPUTED = ['EscrowIsNotDisputed'];

/** What an uneven ruling or default split left is no whole minor unit; it can be split or refunded to the token's last digit. */
const EXACT = ['release', 'refund'];

/** Every amount of the request that is no money of the escrow's currency. */
export function amountFaults({ currency }: EscrowRow, request: ActionRequest): Fault[] {
  const members = ['amount', 'payeeAmount', 'payerAmount'] as const;
  return members.flatMap((member) => {
    const value = (request as Partial<Record<typeof member, string>>)[member];
    if (value === undefined) return [];
    return moneyFaults(currency, value, digitsOf(request)).map(({ code, detail, expected }) => ({
      code,
      detail,
      expected,
      pointer: `/${member}`,
    }));
  });
}

function digitsOf({ action }: ActionRequest): number | undefined {
  return EXACT.includes(action) ? UNIT_DECIMALS : undefined;
}

/** The call that a request asks for; where it needs signatures that are not there, what to sign. */
export function intentOf(row: EscrowRow, state: ContractState, request: ActionRequest): Intent | Unsigned {
  const terms = termsOfRow(row);
  const units = (value: string) => parseMoney(row.currency, value, digitsOf(request)).units;
  const { payer, payee, amount } = terms;
  const operator = isAddressEqual(terms.operator, zeroAddress) ? undefined : terms.operator;
  const authorizationExpiry = BigInt(terms.authorizationExpiry);
  const captureExpiry = BigInt(terms.captureExpiry);
  const once = { verb: request.action, isRepeatable: false };
  switch (request.action) {
    case 'authorize': {
      const limits = { notAfter: authorizationExpiry, hopelessErrors: UNUSED };
      if (request.way === 'account')
        return { ...once, ...limits, data: authorizeForData(row), isOutOfAccount: true };
      if (request.way === 'signature')
        return {
          ...once,
          ...limits,
          data: dataOf('authorizeWithSignature', terms, amount, request.signature),
        };
      const validBefore = validBeforeOf(terms);
      const data = dataOf('authorizeWithAuthorization', terms, amount, 0n, validBefore, request.signature);
      return { ...once, ...limits, data };
    }
    case 'charge': {
      const feeBps = BigInt(request.feeBps ?? terms.minFeeBps);
      const data = dataOf('chargeWithSignature', terms, amount, feeBps, request.signature);
      const from = operator ?? payer;
      return { ...once, data, from, notAfter: authorizationExpiry, hopelessErrors: UNUSED };
    }
    case 'cancel':
      return { ...once, data: dataOf('cancelAuthorization', terms), from: payer, hopelessErrors: UNUSED };
    case 'capture': {
      const captured = request.amount === undefined ? nextPart(terms, state) : units(request.amount);
      const data = dataOf('capture', terms, captured, BigInt(request.feeBps ?? terms.minFeeBps));
      const isRepeatable = captured < state.capturable;
      const limits = { notAfter: captureExpiry, hopelessErrors: ENDED };
      return { ...once, ...limits, data, from: operator ?? payer, isRepeatable };
    }
    case 'present': {
      const data = dataOf('captureWithPreimage', terms, request.preimage);
      return { ...once, data, notAfter: captureExpiry, hopelessErrors: ENDED };
    }
    case 'void': {
      const from = operator && row.status !== 'disputed' ? operator : payee;
      return { ...once, data: dataOf('void', terms), from, hopelessErrors: ENDED };
    }
    case 'refund': {
      const refunded = units(request.amount);
      const data = dataOf('refund', terms, refunded);
      // Out of the caller's own money: the payee's, as ours is nobody's to give.
      const limits = { notAfter: BigInt(terms.refundExpiry), hopelessErrors: [] };
      return { ...once, ...limits, data, from: payee, allowance: refunded };
    }
    case 'release': {
      const split = splitOf(row, request);
      const { payerSignature = '0x', payeeSignature = '0x' } = request;
      const contract = { chainId: Number(row.chain_id), escrow: row.contract };
      const data = dataOf('release', terms, split, payerSignature, payeeSignature);
      if (payerSignature === '0x' || payeeSignature === '0x')
        return { typedData: escrowReleaseTypedData(contract, row.escrow_id, split), split, data };
      const hopelessErrors = [...ENDED, 'SplitMismatch', 'SignatureExpired'];
      return { ...once, data, notAfter: request.deadline, hopelessErrors };
    }
    case 'dispute':
    case 'evidence': {
      const verb = request.action === 'dispute' ? 'openDispute' : 'submitEvidence';
      const data = dataOf(verb, terms, request.evidenceHash ?? zeroHash);
      return { ...once, data, from: request.by === 'payer' ? payer : payee, hopelessErrors: ENDED };
    }
    case 'rule': {
      const data = dataOf('rule', terms, BigInt(request.payeeBps), request.rulingHash ?? zeroHash);
      return { ...once, data, from: terms.arbiter, hopelessErrors: [...UNDISPUTED, 'RulingExpired'] };
    }
    case 'reclaim':
      return { ...once, data: dataOf('reclaim', terms), hopelessErrors: ENDED };
    case 'resolve':
      return { ...once, data: dataOf('resolveByDefault', terms), hopelessErrors: UNDISPUTED };
    case 'withdraw':
      return {
        ...once,
        data: dataOf('withdrawCredit', terms.token, request.account),
        hopelessErrors: ['NoCredit'],
      };
  }
}

export type ReleaseRequest = Extract<ActionRequest, { action: 'release' }>;

/** What the parties sign of a request. */
export function splitOf(row: EscrowRow, request: ReleaseRequest): EscrowSplit {
  const units = (value: string) => parseMoney(row.currency, value, digitsOf(request)).units;
  return {
    payeeAmount: units(request.payeeAmount),
    payerAmount: units(request.payerAmount),
    feeBps: BigInt(request.feeBps ?? row.terms.minFeeBps),
    deadline: request.deadline,
  };
}

/** The next milestone, or all that is there. */
function nextPart({ milestones }: EscrowTerms, { capturable, milestonesLeft }: ContractState): bigint {
  const index = milestones.length - milestonesLeft;
  return milestonesLeft > 0 ? (milestones[index] ?? capturable) : capturable;
}

/** Calldata of a verb of the escrow. */
function dataOf(functionName: string, ...args: unknown[]): Hex {
  return encodeFunctionData({ abi: escrowAbi, functionName, args } as never);
}

/** What a party has to send for an intent, in order. */
export function transactionsOf({ contract, terms }: EscrowRow, { data, from, allowance }: Intent) {
  const sender = (from ?? zeroAddress).toLowerCase();
  const call = { from: sender, to: contract, data };
  if (allowance === undefined) return [call];
  const args = [contract, allowance] as const;
  const approve = encodeFunctionData({ abi: stablecoinAbi, functionName: 'approve', args });
  return [{ from: sender, to: terms.token, data: approve }, call];
}
