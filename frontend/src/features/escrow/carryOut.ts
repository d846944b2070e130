import {
  type Account,
  type Address,
  type Chain,
  type Hash,
  type Hex,
  type PublicClient,
  type Transport,
  type WalletClient,
  type WriteContractParameters,
  zeroHash,
} from 'viem';
import { escrowAbi } from '../../../../services/core/abi/escrow.ts';
import { stablecoinAbi } from '../../../../services/core/abi/stablecoin.ts';
import { receiveWithAuthorizationTypedData } from '../../../../services/core/evm/authorization.ts';
import {
  escrowAuthorizationTypedData,
  escrowIdOf,
  escrowReleaseTypedData,
} from '../../../../services/core/evm/escrowTerms.ts';
import { untilIncluded } from '../../lib/included.ts';
import type { Escrow, Offer, SignedAction } from './escrowApi.ts';
import { type Contract, termsOf } from './escrowTerms.ts';
import { type Party, unitsOf, type Verb } from './escrowVerbs.ts';

export interface Signer {
  chain: PublicClient;
  wallet: WalletClient<Transport, Chain, Account>;
  contract: Contract;
}

/** What a wallet is to send. Amounts are decimal strings of the escrow's currency. */
export interface Order {
  verb: Exclude<Verb, 'authorize' | 'release'>;
  amount?: string;
  /** sha256 of a document. */
  evidence?: Hex;
  /** The 32 bytes of the terms' hash lock. */
  preimage?: Hex;
  /** The payee's part by a ruling, 1/10,000. */
  payeeBps?: number;
}

/** What the payer signs: for the coin, with the terms' hash in it; or the terms themselves, and the contract is allowed the amount. */
export type Way = 'eip3009' | 'signature';

const WEEK_SECONDS = 7n * 86_400n;

/** The token's errors come through the contract, so both ABIs are needed to read them. */
const abi = [...escrowAbi, ...stablecoinAbi.filter((item) => item.type === 'error')] as const;

/** Lets the payer's wallet sign that the contract may take the amount once, for exactly these terms. */
export async function signAuthorization(escrow: Escrow, way: Way, signer: Signer): Promise<SignedAction> {
  const signature = way === 'eip3009' ? await signForCoin(escrow, signer) : await signTerms(escrow, signer);
  const body = JSON.stringify({ action: 'authorize', way, signature });
  return { id: escrow.id, attempt: crypto.randomUUID(), body };
}

/** The contract's own words, so that the wallet shows each term; the contract must be allowed the amount first. */
async function signTerms(escrow: Escrow, signer: Signer): Promise<Hex> {
  const terms = termsOf(escrow);
  await allow(terms.token, terms.amount, signer);
  return signer.wallet.signTypedData(escrowAuthorizationTypedData(signer.contract, terms));
}

/** EIP-3009: no transaction, and nothing is allowed beforehand. */
async function signForCoin(escrow: Escrow, { chain, wallet, contract }: Signer): Promise<Hex> {
  const terms = termsOf(escrow);
  const { domain } = await chain.getEip712Domain({ address: terms.token });
  const coin = { chainId: contract.chainId, token: terms.token, coinName: domain.name };
  const typedData = receiveWithAuthorizationTypedData(coin, {
    from: terms.payer,
    to: contract.escrow,
    value: terms.amount,
    validAfter: 0n,
    validBefore: BigInt(terms.authorizationExpiry) + 1n,
    // Made from the terms that the page shows, whatever the service says.
    nonce: escrowIdOf(contract, terms),
  });
  return wallet.signTypedData(typedData);
}

/** A split to sign, as a person agrees to it; without a deadline it counts for a week. */
export type Split = Pick<Offer, 'payeeAmount' | 'payerAmount'> & Partial<Pick<Offer, 'feeBps' | 'deadline'>>;

/** Lets the wallet of a party sign a split of all that is held: no transaction. */
export async function signSplit(
  escrow: Escrow,
  party: Party,
  asked: Split,
  { chain, wallet, contract }: Signer,
): Promise<SignedAction> {
  const terms = termsOf(escrow);
  // The chain's clock counts, not this computer's.
  const { timestamp } = await chain.getBlock();
  const deadline = asked.deadline ? BigInt(Date.parse(asked.deadline) / 1_000) : timestamp + WEEK_SECONDS;
  const { payeeAmount, payerAmount, feeBps = terms.minFeeBps } = asked;
  const typedData = escrowReleaseTypedData(contract, escrowIdOf(contract, terms), {
    ...{
      payeeAmount: unitsOf(payeeAmount),
      payerAmount: unitsOf(payerAmount),
      feeBps: BigInt(feeBps),
      deadline,
    },
  });
  const signature = await wallet.signTypedData(typedData);
  const body = JSON.stringify({
    ...{ action: 'release', payeeAmount, payerAmount, feeBps, [`${party}Signature`]: signature },
    deadline: new Date(Number(deadline) * 1_000).toISOString().replace('.000Z', 'Z'),
  });
  return { id: escrow.id, attempt: crypto.randomUUID(), body };
}

/**
 * Sends the wallet's own transaction, after it was tried out on the chain's present state; a refund is allowed first.
 * @returns its hash, once it is in a block
 */
export async function sendVerb(
  escrow: Escrow,
  { verb, amount, evidence = zeroHash, preimage = zeroHash, payeeBps }: Order,
  signer: Signer,
): Promise<Hash> {
  const { chain, wallet, contract } = signer;
  const terms = termsOf(escrow);
  const units = amount === undefined ? 0n : unitsOf(amount);
  const at = { abi, address: contract.escrow, account: wallet.account } as const;
  if (verb === 'refund') await allow(terms.token, units, signer);
  const tryOut = {
    cancel: () => chain.simulateContract({ ...at, functionName: 'cancelAuthorization', args: [terms] }),
    capture: () => {
      const args = [terms, units, BigInt(terms.minFeeBps)] as const;
      return chain.simulateContract({ ...at, functionName: 'capture', args });
    },
    present: () =>
      chain.simulateContract({ ...at, functionName: 'captureWithPreimage', args: [terms, preimage] }),
    reclaim: () => chain.simulateContract({ ...at, functionName: 'reclaim', args: [terms] }),
    resolve: () => chain.simulateContract({ ...at, functionName: 'resolveByDefault', args: [terms] }),
    refund: () => chain.simulateContract({ ...at, functionName: 'refund', args: [terms, units] }),
    void: () => chain.simulateContract({ ...at, functionName: 'void', args: [terms] }),
    dispute: () => chain.simulateContract({ ...at, functionName: 'openDispute', args: [terms, evidence] }),
    evidence: () =>
      chain.simulateContract({ ...at, functionName: 'submitEvidence', args: [terms, evidence] }),
    rule: () => {
      if (payeeBps === undefined) throw new Error('a ruling without the payee’s part');
      const args = [terms, BigInt(payeeBps), evidence] as const;
      return chain.simulateContract({ ...at, functionName: 'rule', args });
    },
  };
  const { request } = await tryOut[verb]();
  const hash = await wallet.writeContract({ ...request, chain: wallet.chain } as WriteContractParameters);
  return untilIncluded(chain, hash);
}

/** Lets the contract take exactly `units` of the wallet's coins. */
async function allow(token: Address, units: bigint, { chain, wallet, contract }: Signer): Promise<void> {
  const coin = { abi: stablecoinAbi, address: token } as const;
  const args = [wallet.account.address, contract.escrow] as const;
  if ((await chain.readContract({ ...coin, functionName: 'allowance', args })) === units) return;
  const hash = await wallet.writeContract({
    ...coin,
    functionName: 'approve',
    args: [contract.escrow, units],
    chain: wallet.chain,
    account: wallet.account,
  });
  await untilIncluded(chain, hash);
}
