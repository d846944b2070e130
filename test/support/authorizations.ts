/** Payments that wallets sign and others submit (EIP-3009 through the router). */
import { randomBytes } from 'node:crypto';
import {
  type Address,
  encodeAbiParameters,
  encodeFunctionData,
  type Hex,
  keccak256,
  type LocalAccount,
} from 'viem';
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts';
import { localAccounts } from '../../scripts/deploy/local.ts';
import { paymentRouterAbi } from '../../services/core/abi/paymentRouter.ts';
import { stablecoinAbi } from '../../services/core/abi/stablecoin.ts';
import type { CorridorCurrency } from '../../services/core/currency.ts';
import type { TestChain } from './chain.ts';
import { freshWallet } from './stage.ts';

export interface SignedAuthorization {
  token: Address;
  payer: Address;
  recipient: Address;
  amount: bigint;
  paymentReference: Hex;
  validAfter: bigint;
  validBefore: bigint;
  salt: Hex;
  nonce: Hex;
  signature: Hex;
}

/** Of a chain: what signatures hang on. */
type SignedFor = Pick<TestChain, 'client' | 'deployment'>;

export const randomBytes32 = (): Hex => `0x${randomBytes(32).toString('hex')}`;

/** A wallet with coins and not a wei of ETH. The transaction waits for a block. */
export async function fundedWallet(
  chain: TestChain,
  units = 100_000_000n,
  currency: CorridorCurrency = 'USD',
): Promise<LocalAccount> {
  const wallet = privateKeyToAccount(generatePrivateKey());
  await mintTo(chain, wallet.address, units, currency);
  return wallet;
}

/** Gives an account coins; the transaction waits for a block. */
export async function mintTo(
  chain: TestChain,
  account: Address,
  units: bigint,
  currency: CorridorCurrency = 'USD',
): Promise<void> {
  await chain.wallet(localAccounts.minter).writeContract({
    address: chain.deployment.stablecoins[currency].address,
    abi: stablecoinAbi,
    functionName: 'mint',
    args: [account, units],
    gas: 500_000n,
  });
}

/** What a wallet signs to pay 10.00 for the next hour by the chain's clock; `over` changes what a test is about. */
export async function authorization(
  chain: SignedFor,
  wallet: LocalAccount,
  over: Partial<SignedAuthorization> = {},
): Promise<SignedAuthorization> {
  const { timestamp } = await chain.client.getBlock();
  const content = {
    token: chain.deployment.stablecoins.USD.address,
    payer: wallet.address,
    recipient: freshWallet(),
    amount: 10_000_000n,
    paymentReference: randomBytes32(),
    validAfter: 0n,
    validBefore: timestamp + 3_600n,
    salt: randomBytes32(),
    ...over,
  };
  const { recipient, paymentReference, salt, token, payer, amount, validAfter, validBefore } = content;
  const nonce =
    over.nonce ??
    keccak256(
      encodeAbiParameters(
        [{ type: 'address' }, { type: 'bytes32' }, { type: 'bytes32' }],
        [recipient, paymentReference, salt],
      ),
    );
  const domain = await domainOf(chain, token);
  const signature =
    over.signature ??
    (await wallet.signTypedData({
      domain,
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
      message: {
        from: payer,
        to: chain.deployment.paymentRouter,
        value: amount,
        validAfter,
        validBefore,
        nonce,
      },
    }));
  return { ...content, nonce, signature };
}

/** The payer's word that takes an authorization back, as the coin takes it. */
export async function cancellation(
  chain: SignedFor,
  wallet: LocalAccount,
  { token, nonce }: Pick<SignedAuthorization, 'token' | 'nonce'>,
): Promise<Hex> {
  return wallet.signTypedData({
    domain: await domainOf(chain, token),
    primaryType: 'CancelAuthorization',
    types: {
      CancelAuthorization: [
        { name: 'authorizer', type: 'address' },
        { name: 'nonce', type: 'bytes32' },
      ],
    },
    message: { authorizer: wallet.address, nonce },
  });
}

async function domainOf(chain: SignedFor, token: Address) {
  const name = await chain.client.readContract({ address: token, abi: stablecoinAbi, functionName: 'name' });
  return { name, version: '1', chainId: chain.deployment.chainId, verifyingContract: token } as const;
}

/** Calldata of the router's payWithAuthorization. */
export function payData(signed: SignedAuthorization): Hex {
  const { token, payer, recipient, amount, paymentReference, validAfter, validBefore, salt, signature } =
    signed;
  return encodeFunctionData({
    abi: paymentRouterAbi,
    functionName: 'payWithAuthorization',
    args: [token, payer, recipient, amount, paymentReference, validAfter, validBefore, salt, signature],
  });
}

/** Submits an authorization from another account of the chain; the transaction waits for a block. */
export function submitElsewhere(chain: TestChain, signed: SignedAuthorization, from = 8): Promise<Hex> {
  return chain
    .wallet(from)
    .sendTransaction({ to: chain.deployment.paymentRouter, data: payData(signed), gas: 500_000n });
}
