import type { TypedDataField } from 'ethers';

export const field = (type: string, name: string): TypedDataField => ({ name, type });

const authorization = [
  field('address', 'from'),
  field('address', 'to'),
  field('uint256', 'value'),
  field('uint256', 'validAfter'),
  field('uint256', 'validBefore'),
  field('bytes32', 'nonce'),
];

/** What holders of a token sign (ERC-2612, ERC-3009): EIP-712 types by their names. */
export const tokenTypes = {
  Permit: [
    field('address', 'owner'),
    field('address', 'spender'),
    field('uint256', 'value'),
    field('uint256', 'nonce'),
    field('uint256', 'deadline'),
  ],
  TransferWithAuthorization: authorization,
  ReceiveWithAuthorization: authorization,
  CancelAuthorization: [field('address', 'authorizer'), field('bytes32', 'nonce')],
};
