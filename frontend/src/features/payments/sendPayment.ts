import {
  type Account,
  type Address,
  BaseError,
  type Chain,
  type Hash,
  type Hex,
  MethodNotFoundRpcError,
  MethodNotSupportedRpcError,
  type PublicClient,
  parseSignature,
  type Transport,
  UnsupportedProviderMethodError,
  type WalletClient,
} from 'viem';
import { paymentRouterAbi } from '../../../../services/core/abi/paymentRouter.ts';
import { stablecoinAbi } from '../../../../services/core/abi/stablecoin.ts';
import type { Stablecoin } from '../../lib/stablecoins.ts';

/** A payment that the person has checked and wants to make. `units` counts the coin's smallest unit. */
export interface PaymentOrder {
  coin: Stablecoin;
  recipient: Address;
  units: bigint;
  reference: Hex;
}

/** What the wallet is being asked for. */
export type SigningStep = 'simulate' | 'permit' | 'approve' | 'pay';

interface Sender {
  chain: PublicClient;
  wallet: WalletClient<Transport, Chain, Account>;
  router: Address;
  onStep: (step: SigningStep) => void;
}

const PERMIT_SECONDS = 20n * 60n;
/** The router hands on the token's errors, so both ABIs are needed to read them. */
const abi = [...paymentRouterAbi, ...stablecoinAbi.filter((item) => item.type === 'error')] as const;

/**
 * Pays through the router: one EIP-2612 signature over exactly this amount and one transaction that uses it up.
 * A wallet that cannot sign typed data (a contract account, some hardware) approves the exact amount instead.
 * Each transaction is tried out against the chain's state before the wallet is asked for it.
 * @returns the hash of the payment's transaction, as soon as the network has it
 */
export async function sendPayment(order: PaymentOrder, sender: Sender): Promise<Hash> {
  const code = await sender.chain.getCode({ address: sender.wallet.account.address });
  if (code && !code.startsWith('0xef0100')) return payAfterApproval(order, sender);
  try {
    return await payWithPermit(order, sender);
  } catch (error) {
    if (!isMethodMissing(error)) throw error;
    return payAfterApproval(order, sender);
  }
}

async function payWithPermit(
  { coin, recipient, units, reference }: PaymentOrder,
  sender: Sender,
): Promise<Hash> {
  const { chain, wallet, router, onStep } = sender;
  const owner = wallet.account.address;
  const [{ domain }, nonce, block] = await Promise.all([
    chain.getEip712Domain({ address: coin.address }),
    chain.readContract({ abi: stablecoinAbi, address: coin.address, functionName: 'nonces', args: [owner] }),
    chain.getBlock(),
  ]);
  // The chain's clock counts for the deadline, not this computer's.
  const deadline = block.timestamp + PERMIT_SECONDS;

  onStep('permit');
  const signature = await wallet.signTypedData({
    domain: {
      name: domain.name,
      version: domain.version,
      chainId: wallet.chain.id,
      verifyingContract: coin.address,
    },
    types: {
      Permit: [
        { name: 'owner', type: 'address' },
        { name: 'spender', type: 'address' },
        { name: 'value', type: 'uint256' },
        { name: 'nonce', type: 'uint256' },
        { name: 'deadline', type: 'uint256' },
      ],
    },
    primaryType: 'Permit',
    message: { owner, spender: router, value: units, nonce, deadline },
  });
  const { r, s, yParity } = parseSignature(signature);

  onStep('simulate');
  const { request } = await chain.simulateContract({
    abi,
    address: router,
    functionName: 'payWithPermit',
    args: [coin.address, recipient, units, reference, deadline, 27 + yParity, r, s],
    account: wallet.account,
  });
  onStep('pay');
  return wallet.writeContract({ ...request, chain: wallet.chain });
}

async function payAfterApproval(
  order: PaymentOrder,
  { chain, wallet, router, onStep }: Sender,
): Promise<Hash> {
  const { coin, recipient, units, reference } = order;
  onStep('approve');
  const approval = await wallet.writeContract({
    abi: stablecoinAbi,
    address: coin.address,
    functionName: 'approve',
    args: [router, units],
    chain: wallet.chain,
    account: wallet.account,
  });
  await chain.waitForTransactionReceipt({ hash: approval });

  onStep('simulate');
  const { request } = await chain.simulateContract({
    abi,
    address: router,
    functionName: 'pay',
    args: [coin.address, recipient, units, reference],
    account: wallet.account,
  });
  onStep('pay');
  return wallet.writeContract({ ...request, chain: wallet.chain });
}

function isMethodMissing(error: unknown): boolean {
  const types = [MethodNotFoundRpcError, MethodNotSupportedRpcError, UnsupportedProviderMethodError];
  return (
    error instanceof BaseError && error.walk((cause) => types.some((type) => cause instanceof type)) !== null
  );
}
