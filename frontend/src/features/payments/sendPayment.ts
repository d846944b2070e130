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
import { untilIncluded } from '../../lib/included.ts';
import type { Stablecoin } from '../../lib/stablecoins.ts';
import { troubleOf } from '../../lib/trouble.ts';

/** A payment that the person has checked and wants to make. `units` counts the coin's smallest unit. */
export interface PaymentOrder {
  coin: Stablecoin;
  recipient: Address;
  units: bigint;
  reference: Hex;
  /** Corridor submits it and pays the network fee; the wallet only signs. */
  isSponsored: boolean;
}

/** What the wallet is being asked for. */
export type SigningStep = 'simulate' | 'permit' | 'approve' | 'pay' | 'authorize' | 'handIn';

/** What is known of a transaction that the wallet was asked to send. */
type Outcome = 'notSent' | 'perhapsSent';

/** A payment that came to no hash: whether it can have been sent all the same, and whether an approval remains. */
export class PaymentStopped extends Error {
  override readonly name = 'PaymentStopped';
  readonly payment: Outcome;
  readonly approval: Outcome | 'remains';

  constructor(cause: unknown, payment: Outcome, approval: Outcome | 'remains') {
    super('The payment stopped before its transaction was known', { cause });
    this.payment = payment;
    this.approval = approval;
  }
}

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
 * @throws PaymentStopped with what was thrown as its cause
 */
export async function sendPayment(order: PaymentOrder, sender: Sender): Promise<Hash> {
  const reached = { step: 'simulate' as SigningStep, isApproved: false };
  const followed: Follower = {
    ...sender,
    onStep: (next) => {
      reached.step = next;
      sender.onStep(next);
    },
    onApproved: () => {
      reached.isApproved = true;
    },
  };
  try {
    const code = await sender.chain.getCode({ address: sender.wallet.account.address });
    if (code && !code.startsWith('0xef0100')) return await payAfterApproval(order, followed);
    try {
      return await payWithPermit(order, followed);
    } catch (error) {
      if (reached.step !== 'permit' || !isMethodMissing(error)) throw error;
      return await payAfterApproval(order, followed);
    }
  } catch (error) {
    const { step, isApproved } = reached;
    const outcome = wasRefused(error) ? 'notSent' : 'perhapsSent';
    const payment = step === 'pay' ? outcome : 'notSent';
    const approval = step === 'approve' ? outcome : isApproved ? approvalAfter(payment) : 'notSent';
    throw new PaymentStopped(error, payment, approval);
  }
}

/** A payment that was sent has used the approval up. */
function approvalAfter(payment: Outcome): 'perhapsSent' | 'remains' {
  return payment === 'perhapsSent' ? 'perhapsSent' : 'remains';
}

/**
 * True for what can only come from before a broadcast. Everything else can come after it too, -32002 as well: wallets
 * answer so while an earlier request waits, nodes when they ran out of time.
 */
function wasRefused(error: unknown): boolean {
  const { kind } = troubleOf(error);
  return kind !== 'unknown' && kind !== 'nodeUnreachable' && kind !== 'walletBusy';
}

interface Follower extends Sender {
  /** The router has leave to take exactly the amount. */
  onApproved: () => void;
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
  { chain, wallet, router, onStep, onApproved }: Follower,
): Promise<Hash> {
  const { coin, recipient, units, reference } = order;
  const approved = await chain.readContract({
    abi: stablecoinAbi,
    address: coin.address,
    functionName: 'allowance',
    args: [wallet.account.address, router],
  });
  if (approved === units) onApproved();
  else {
    onStep('approve');
    const approval = await wallet.writeContract({
      abi: stablecoinAbi,
      address: coin.address,
      functionName: 'approve',
      args: [router, units],
      chain: wallet.chain,
      account: wallet.account,
    });
    await untilIncluded(chain, approval);
    onApproved();
  }

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
