/** People doing things on a test chain, several in a block, so that there is something to index. */
import {
  type Address,
  concatHex,
  type Hex,
  keccak256,
  maxUint256,
  numberToHex,
  toHex,
  zeroAddress,
  zeroHash,
} from 'viem';
import { localAccounts } from '../../../scripts/deploy/local.ts';
import { escrowAbi } from '../../../services/core/abi/escrow.ts';
import { paymentRouterAbi } from '../../../services/core/abi/paymentRouter.ts';
import { stablecoinAbi } from '../../../services/core/abi/stablecoin.ts';
import type { EscrowTerms } from '../../../services/core/evm/escrowTerms.ts';
import type { TestChain } from '../../support/chain.ts';

export const { admin, operator, minter, treasury, frozenSupplier } = localAccounts;
/** Wallets of suppliers and users. */
export const suppliers = [5, 6, 7, 8, 9, 10];
const GAS = 2_000_000n;

export type Currency = 'USD' | 'EUR' | 'CNY';
export interface BatchItem {
  recipient: Address;
  amount: bigint;
}

export function packed({ recipient, amount }: BatchItem): Hex {
  return concatHex([recipient, numberToHex(amount, { size: 12 })]);
}

export class Activity {
  readonly chain: TestChain;
  /** The treasury's next sequence; set it back together with the chain. */
  nextSequence = 1n;

  constructor(chain: TestChain) {
    this.chain = chain;
  }

  account(index: number): Address {
    const address = this.chain.accounts[index];
    if (!address) throw new Error(`no account ${index}`);
    return address;
  }

  token(currency: Currency): Address {
    return this.chain.deployment.stablecoins[currency].address;
  }

  transfer(from: number, to: number, amount: bigint, currency: Currency = 'USD'): Promise<Hex> {
    return this.#token(from, currency, 'transfer', [this.account(to), amount]);
  }

  mint(to: number, amount: bigint, currency: Currency = 'USD'): Promise<Hex> {
    return this.#token(minter, currency, 'mint', [this.account(to), amount]);
  }

  burn(from: number, amount: bigint, currency: Currency = 'USD'): Promise<Hex> {
    return this.#token(from, currency, 'burn', [amount]);
  }

  /** A single payment by the treasury. */
  pay(to: number, amount: bigint, reference: string, currency: Currency = 'USD'): Promise<Hex> {
    return this.#router(treasury, 'pay', [
      this.token(currency),
      this.account(to),
      amount,
      keccak256(toHex(reference)),
    ]);
  }

  /** A batch of the treasury, submitted by the operator. */
  settleBatch(items: BatchItem[], currency: Currency = 'USD'): Promise<Hex> {
    const firstSequence = this.nextSequence;
    this.nextSequence += BigInt(items.length);
    return this.#router(operator, 'settleBatch', [
      this.account(treasury),
      this.token(currency),
      firstSequence,
      items.map(packed),
    ]);
  }

  /** Lets the escrow take what the treasury puts in. */
  allowEscrow(): Promise<Hex> {
    return this.#token(treasury, 'USD', 'approve', [this.chain.deployment.escrow, maxUint256]);
  }

  /** Terms of the treasury for one to two hours, with the operator as operator and arbiter, but for what is given. */
  async terms(payee: number, amount: bigint, given: Partial<EscrowTerms> = {}): Promise<EscrowTerms> {
    const now = Number((await this.chain.client.getBlock()).timestamp);
    return {
      payer: this.account(treasury),
      payee: this.account(payee),
      token: this.token('USD'),
      amount,
      operator: this.account(operator),
      authorizationExpiry: now + 3_600,
      captureExpiry: now + 3_600,
      refundExpiry: now + 7_200,
      minFeeBps: 0,
      maxFeeBps: 0,
      feeRecipient: zeroAddress,
      arbiter: this.account(operator),
      rulingPeriodSeconds: 3_600,
      defaultPayeeBps: 5_000,
      hashLock: zeroHash,
      salt: BigInt(toHex(crypto.getRandomValues(new Uint8Array(32)))),
      milestones: [],
      ...given,
    };
  }

  /** Any verb of the escrow. */
  escrow(from: number, functionName: string, args: unknown[]): Promise<Hex> {
    const call = { address: this.chain.deployment.escrow, abi: escrowAbi, functionName, args, gas: GAS };
    return this.chain.wallet(from).writeContract(call as never);
  }

  /** Puts everything that `act` sends into one block. */
  async inOneBlock(act: () => Promise<unknown>): Promise<void> {
    await this.chain.request('evm_setAutomine', [false]);
    await act();
    await this.chain.request('evm_mine');
    await this.chain.request('evm_setAutomine', [true]);
  }

  async emptyBlocks(count: number): Promise<void> {
    for (let mined = 0; mined < count; mined++) await this.chain.request('evm_mine');
  }

  /** Takes back what happens in `abandoned`, as a chain does that reorganises. */
  async abandon(abandoned: () => Promise<unknown>): Promise<void> {
    const snapshot = await this.chain.request('evm_snapshot');
    const { nextSequence } = this;
    await abandoned();
    await this.chain.request('evm_revert', [snapshot]);
    this.nextSequence = nextSequence;
  }

  #token(
    from: number,
    currency: Currency,
    functionName: 'transfer' | 'mint' | 'burn' | 'approve',
    args: unknown[],
  ): Promise<Hex> {
    const call = { address: this.token(currency), abi: stablecoinAbi, functionName, args, gas: GAS };
    return this.chain.wallet(from).writeContract(call as never);
  }

  #router(from: number, functionName: 'pay' | 'settleBatch', args: unknown[]): Promise<Hex> {
    const call = {
      address: this.chain.deployment.paymentRouter,
      abi: paymentRouterAbi,
      functionName,
      args,
      gas: GAS,
    };
    return this.chain.wallet(from).writeContract(call as never);
  }
}
