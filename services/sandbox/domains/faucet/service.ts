import {
  type Account,
  type Address,
  BaseError,
  type Chain,
  ContractFunctionRevertedError,
  type Hash,
  type PublicClient,
  parseEther,
  type Transport,
  type WalletClient,
} from 'viem';
import { stablecoinAbi } from '../../../core/abi/stablecoin.ts';
import type { Deployment } from '../../../core/deployment.ts';
import { Problem } from '../../../platform/http/problem.ts';

/** What one visit to the faucet gives: 1,000 whole units of each stablecoin, and gas for many payments. */
const COINS = 1_000n;
const GAS_WEI = parseEther('1');
const PAUSE_MS = 60_000;

export interface Drip {
  transactionHashes: Hash[];
}

interface FaucetOptions {
  wallet: WalletClient<Transport, Chain, Account>;
  chain: PublicClient;
  deployment: Deployment;
}

/** Mints test money. One drip at a time, because all of them take their nonces from one minter. */
export class Faucet {
  readonly #options: FaucetOptions;
  readonly #lastDripMs = new Map<Address, number>();
  #queue: Promise<unknown> = Promise.resolve();

  constructor(options: FaucetOptions) {
    this.#options = options;
  }

  /**
   * Sends test money and gas to `address`; resolves when all of it is in a block.
   * @throws Problem `faucet_too_soon` (429) or `faucet_refused` (409), or viem's error when a transaction is refused
   */
  async drip(address: Address, nowMs = Date.now()): Promise<Drip> {
    const waitMs = (this.#lastDripMs.get(address) ?? Number.NEGATIVE_INFINITY) + PAUSE_MS - nowMs;
    if (waitMs > 0) throw tooSoon(Math.ceil(waitMs / 1_000));
    this.#forgetBefore(nowMs - PAUSE_MS);
    this.#lastDripMs.set(address, nowMs);

    const drip = this.#queue.then(() => this.#send(address));
    // The queue goes on after a failed drip; the failure itself reaches the caller through `drip`.
    this.#queue = drip.catch(() => undefined);
    try {
      return await drip;
    } catch (error) {
      this.#lastDripMs.delete(address);
      throw error;
    }
  }

  async #send(address: Address): Promise<Drip> {
    const { chain, wallet, deployment } = this.#options;
    let nonce = await chain.getTransactionCount({ address: wallet.account.address, blockTag: 'pending' });
    const transactionHashes: Hash[] = [];
    for (const coin of Object.values(deployment.stablecoins)) {
      const mint = {
        abi: stablecoinAbi,
        address: coin.address,
        functionName: 'mint',
        args: [address, COINS * 10n ** BigInt(coin.decimals)],
      } as const;
      transactionHashes.push(await wallet.writeContract({ ...mint, nonce: nonce++ }).catch(refused));
    }
    transactionHashes.push(await wallet.sendTransaction({ to: address, value: GAS_WEI, nonce }));
    const receipts = await Promise.all(
      transactionHashes.map((hash) =>
        chain.waitForTransactionReceipt({ hash, timeout: 30_000, pollingInterval: 250 }),
      ),
    );
    const reverted = receipts.find((receipt) => receipt.status !== 'success');
    if (reverted) throw new Error(`The faucet's transaction ${reverted.transactionHash} was reverted.`);
    return { transactionHashes };
  }

  #forgetBefore(timeMs: number): void {
    for (const [address, at] of this.#lastDripMs) if (at < timeMs) this.#lastDripMs.delete(address);
  }
}

function tooSoon(seconds: number): Problem {
  const detail = `This address got test money a moment ago. Ask again in ${seconds} s.`;
  return new Problem(429, 'faucet_too_soon', detail, [], { 'retry-after': String(seconds) });
}

/** A mint that the coin refuses (frozen account, paused coin, used-up limit) is the caller's to know. */
function refused(error: unknown): never {
  const cause =
    error instanceof BaseError && error.walk((one) => one instanceof ContractFunctionRevertedError);
  if (!(cause instanceof ContractFunctionRevertedError)) throw error;
  throw new Problem(409, 'faucet_refused', `The coin refuses it: ${cause.data?.errorName ?? cause.reason}.`);
}
