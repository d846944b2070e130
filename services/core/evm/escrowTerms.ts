/** What an escrow is about, its id, and what its parties sign (EIP-712; contracts/escrow/interfaces/IEscrowTerms.sol). */
import { type Address, type Hex, hashTypedData } from 'viem';

/** As the contract has them: zero addresses and a hash lock of zeros mean none, times are Unix seconds, amounts token units. */
export interface EscrowTerms {
  payer: Address;
  payee: Address;
  token: Address;
  amount: bigint;
  operator: Address;
  authorizationExpiry: number;
  captureExpiry: number;
  refundExpiry: number;
  minFeeBps: number;
  maxFeeBps: number;
  feeRecipient: Address;
  arbiter: Address;
  rulingPeriodSeconds: number;
  defaultPayeeBps: number;
  hashLock: Hex;
  salt: bigint;
  milestones: readonly bigint[];
}

/** A split of everything that is capturable, as both parties sign it. */
export interface EscrowSplit {
  payeeAmount: bigint;
  payerAmount: bigint;
  feeBps: bigint;
  /** Last second in which the signatures count, Unix seconds. */
  deadline: bigint;
}

/** The contract that an escrow lives in. */
export interface EscrowContract {
  chainId: number;
  escrow: Address;
}

const termsType = [
  { name: 'payer', type: 'address' },
  { name: 'payee', type: 'address' },
  { name: 'token', type: 'address' },
  { name: 'amount', type: 'uint96' },
  { name: 'operator', type: 'address' },
  { name: 'authorizationExpiry', type: 'uint40' },
  { name: 'captureExpiry', type: 'uint40' },
  { name: 'refundExpiry', type: 'uint40' },
  { name: 'minFeeBps', type: 'uint16' },
  { name: 'maxFeeBps', type: 'uint16' },
  { name: 'feeRecipient', type: 'address' },
  { name: 'arbiter', type: 'address' },
  { name: 'rulingPeriodSeconds', type: 'uint32' },
  { name: 'defaultPayeeBps', type: 'uint16' },
  { name: 'hashLock', type: 'bytes32' },
  { name: 'salt', type: 'uint256' },
  { name: 'milestones', type: 'uint96[]' },
] as const;

const domainOf = ({ chainId, escrow }: EscrowContract) =>
  ({ name: 'Corridor Escrow', version: '1', chainId, verifyingContract: escrow }) as const;

/** The escrow's id: the contract's `escrowIdOf`, on a chain that has the id with which it was deployed. */
export function escrowIdOf(contract: EscrowContract, terms: EscrowTerms): Hex {
  const types = { Terms: termsType };
  return hashTypedData({ domain: domainOf(contract), primaryType: 'Terms', types, message: terms });
}

/** What the payer signs for `authorizeWithSignature` and `chargeWithSignature`: all terms in plain words, and the amount. */
export function escrowAuthorizationTypedData(contract: EscrowContract, terms: EscrowTerms) {
  return {
    domain: domainOf(contract),
    primaryType: 'Authorization',
    types: {
      Authorization: [
        { name: 'terms', type: 'Terms' },
        { name: 'amount', type: 'uint256' },
      ],
      Terms: termsType,
    },
    message: { terms, amount: terms.amount },
  } as const;
}

/** What payer and payee sign for `release`. */
export function escrowReleaseTypedData(contract: EscrowContract, escrowId: Hex, split: EscrowSplit) {
  return {
    domain: domainOf(contract),
    primaryType: 'Release',
    types: {
      Release: [
        { name: 'escrowId', type: 'bytes32' },
        { name: 'payeeAmount', type: 'uint256' },
        { name: 'payerAmount', type: 'uint256' },
        { name: 'feeBps', type: 'uint256' },
        { name: 'deadline', type: 'uint256' },
      ],
    },
    message: { escrowId, ...split },
  } as const;
}
