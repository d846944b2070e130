/** What a wallet signs so that somebody else may submit its payment and pay the network's fee (EIP-3009, EIP-712). */
import { type Address, encodeAbiParameters, type Hex, keccak256 } from 'viem';

/** A single payment through the router, as the wallet signs it. */
export interface AuthorizedTransfer {
  payer: Address;
  recipient: Address;
  /** Smallest unit of the token. */
  amount: bigint;
  paymentReference: Hex;
  /** Unix seconds: it is valid in a block whose time is after the one and before the other. */
  validAfter: bigint;
  validBefore: bigint;
  /** 32 random bytes, so that equal payments are not the same. */
  salt: Hex;
}

/** The contracts that the signature is for. `coinName` is the token's `name()`, which its EIP-712 domain has. */
export interface AuthorizationContracts {
  chainId: number;
  token: Address;
  coinName: string;
  router: Address;
}

/** The nonce that ties the authorisation to recipient and reference: the router's `authorizationNonce`. */
export function authorizationNonce({
  recipient,
  paymentReference,
  salt,
}: Pick<AuthorizedTransfer, 'recipient' | 'paymentReference' | 'salt'>): Hex {
  return keccak256(
    encodeAbiParameters(
      [{ type: 'address' }, { type: 'bytes32' }, { type: 'bytes32' }],
      [recipient, paymentReference, salt],
    ),
  );
}

/** EIP-712 typed data of the authorisation: only the router can submit it, only for this recipient and reference. */
export function authorizationTypedData(contracts: AuthorizationContracts, transfer: AuthorizedTransfer) {
  const { payer, amount: value, validAfter, validBefore } = transfer;
  return receiveWithAuthorizationTypedData(contracts, {
    from: payer,
    to: contracts.router,
    value,
    validAfter,
    validBefore,
    nonce: authorizationNonce(transfer),
  });
}

/** What a wallet signs so that the contract `to` may take the value once, as EIP-3009 has it. */
export function receiveWithAuthorizationTypedData(
  { chainId, token, coinName }: Omit<AuthorizationContracts, 'router'>,
  message: {
    from: Address;
    to: Address;
    value: bigint;
    validAfter: bigint;
    validBefore: bigint;
    nonce: Hex;
  },
) {
  return {
    domain: { name: coinName, version: '1', chainId, verifyingContract: token },
    primaryType: 'ReceiveWithAuthorization',
    types: {
      ReceiveWithAuthorization: [
        { name: 'from', type: 'address' },
        { name: 'to', type: 'address' },
        { name: 'value', type: 'uint256' },
        { name: 'validAfter', type: 'uint256' },
        { name: 'validBefore', type: 'uint256' },
        { name: 'nonce', type: 'bytes32' },
      ],
    },
    message,
  } as const;
}
