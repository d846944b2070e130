/** The world's chain: a Hardhat node with money on it, and what can happen to it. One thing at a time. */
import { setTimeout as delay } from 'node:timers/promises';
import { type Address, type Hex, keccak256, maxUint96, maxUint256, toHex, zeroAddress } from 'viem';
import { mnemonicToAccount } from 'viem/accounts';
import { paymentRouterAbi } from '../../services/core/abi/paymentRouter.ts';
import { stablecoinAbi } from '../../services/core/abi/stablecoin.ts';
import type { CorridorCurrency } from '../../services/core/currency.ts';
import { startTestChain, type TestChain } from '../../test/support/chain.ts';
import { until } from '../../test/support/until.ts';
import { mineByInterval } from '../chain.ts';
import { localAccounts } from '../deploy/local.ts';
import type { Random } from '../iso20022/random.ts';
import { createTurns } from './inTurn.ts';
import { paymentIn } from './payment.ts';
import { FINALITY_DEPTH } from './schedule.ts';

/** Accounts of the local chain beside those that `localAccounts` names. */
const otherOperator = 7;
/** Each with a lane of its own, where the service takes several. */
export const signerAccounts = [localAccounts.operator, 9, 10] as const;
export const payers = [localAccounts.treasury, 5, 6] as const;
export const payerAccounts = payers.map(accountOf);
export const sharedRecipient = 8;
/** One for each partner: they sign payments, and never send a transaction. */
export const wallets = [11, 12, 13];
export const walletAccounts = wallets.map(accountOf);

const CURRENCIES: readonly CorridorCurrency[] = ['USD', 'EUR'];
const FUNDS = 1_000_000_000_000n;
const DAY_SECONDS = 86_400;
const RICH = 10n ** 22n;
/** Dear enough for every base fee that a fault brings. */
const DEAR = { maxFeePerGas: 10n ** 13n, maxPriorityFeePerGas: 10n ** 9n };
/** Shorter than this a block is not looked at by anybody. */
const BLOCK_PAUSE_MS = 100;
const PENDING_LIMIT_MS = 3_000;

function accountOf(addressIndex: number) {
  return mnemonicToAccount('test test test test test test test test test test test junk', { addressIndex });
}

export type WorldChain = Awaited<ReturnType<typeof startWorldChain>>;

/** @param prepare What else there is on it, made while each transaction is mined at once. */
export async function startWorldChain(prepare?: (chain: TestChain) => Promise<void>) {
  const chain = await startTestChain();
  const { client, request, deployment } = chain;
  const account = (index: number) => chain.accounts[index] as Address;
  const token = (currency: CorridorCurrency) =>
    ({ address: deployment.stablecoins[currency].address, abi: stablecoinAbi }) as const;
  const router = { address: deployment.paymentRouter, abi: paymentRouterAbi } as const;
  const signers = signerAccounts.map(account);

  for (const index of payers)
    for (const currency of CURRENCIES) {
      const { address } = token(currency);
      await chain
        .wallet(localAccounts.minter)
        .writeContract({ ...token(currency), functionName: 'mint', args: [account(index), FUNDS] });
      await chain.wallet(index).writeContract({
        ...token(currency),
        functionName: 'approve',
        args: [router.address, maxUint256],
      });
      for (const who of [...signers, account(otherOperator)])
        await chain.wallet(index).writeContract({
          ...router,
          functionName: 'authorizeOperator',
          args: [who, address, maxUint96, DAY_SECONDS],
        });
    }

  for (const { address } of walletAccounts)
    for (const currency of CURRENCIES)
      await chain
        .wallet(localAccounts.minter)
        .writeContract({ ...token(currency), functionName: 'mint', args: [address, FUNDS] });

  await prepare?.(chain);

  /** Bytes that services handed to the node, by hash. */
  const sent = new Map<Hex, Hex>();
  let blockIntervalMs = 150;
  let isMining = false;
  const alone = createTurns();

  async function mineAlways(isOn: boolean): Promise<void> {
    isMining = isOn;
    await mineByInterval(chain.rpcUrl, isOn ? blockIntervalMs : 0);
  }

  /** Runs `work` while no block comes by itself. */
  async function standing(work: () => Promise<void>): Promise<void> {
    await mineAlways(false);
    try {
      await work();
    } finally {
      await mineAlways(true);
    }
  }

  /** A transaction of ours, in a block when this resolves. */
  async function done(hash: Promise<Hex>): Promise<void> {
    const sentHash = await hash;
    if (!isMining) await request('evm_mine');
    await until(
      `transaction ${sentHash} to be in a block`,
      async () => (await request('eth_getTransactionReceipt', [sentHash])) !== null,
      60_000,
    );
  }

  const pending = () => request<{ hash: Hex }[]>('eth_pendingTransactions');

  async function forgetPending(): Promise<void> {
    for (const { hash } of await pending()) await request('hardhat_dropTransaction', [hash]);
  }

  /** Waits for a transaction in the mempool, so that what follows befalls one; not for ever. */
  async function untilPending(): Promise<void> {
    const endsAt = performance.now() + PENDING_LIMIT_MS;
    while (performance.now() < endsAt && (await pending()).length === 0) await delay(20);
  }

  type Return = 'dropped' | 'moved' | 'twice';

  /** Undoes `depth` blocks, puts one more on the branch that wins, and lets transactions come back in the way that is asked for. */
  function reorganise(depth: number, way: Return, random: Random): Promise<void> {
    return alone(() =>
      standing(async () => {
        await untilPending();
        const snapshot = await request('evm_snapshot');
        const first = (await client.getBlockNumber({ cacheTime: 0 })) + 1n;
        for (let mined = 0; mined < depth; mined++) {
          await request('evm_mine');
          await delay(BLOCK_PAUSE_MS);
        }
        const undone = await transactionsFrom(first);
        await request('evm_revert', [snapshot]);
        // Without it an empty block would be the very same block again.
        await request('hardhat_setPrevRandao', [toHex(random.below(2 ** 31) + 1, { size: 32 })]);
        await forgetPending();
        let left = depth + 1;
        if (way !== 'dropped') {
          for (; left > 1 && random.chance(0.5); left--) await request('evm_mine');
          if (way === 'twice') for (const { hash } of undone) await settleElsewhere(sent.get(hash));
          for (const { hash } of undone.toReversed()) await resend(sent.get(hash));
        }
        for (; left > 0; left--) await request('evm_mine');
      }),
    );
  }

  async function transactionsFrom(first: bigint): Promise<{ hash: Hex }[]> {
    const head = await client.getBlockNumber({ cacheTime: 0 });
    const found: { hash: Hex }[] = [];
    for (let number = first; number <= head; number++) {
      const { transactions } = await client.getBlock({ blockNumber: number });
      found.push(...transactions.map((hash) => ({ hash })));
    }
    return found;
  }

  async function resend(raw: Hex | undefined): Promise<void> {
    // The services may have been faster.
    if (raw) await request('eth_sendRawTransaction', [raw]).catch(() => undefined);
  }

  /** What a transaction of ours pays once more, by somebody else who may: another operator of the payer, or anybody. */
  async function settleElsewhere(raw: Hex | undefined): Promise<void> {
    const call = raw && paymentIn(raw, deployment);
    if (call) await sendElsewhere(call.to, call.data);
  }

  async function sendElsewhere(to: Address, data: Hex): Promise<void> {
    await sendDear(account(otherOperator), to, data);
  }

  const sendDear = (from: Address, to: Address, data: Hex) =>
    request<Hex>('eth_sendTransaction', [
      {
        from,
        to,
        data,
        gas: toHex(8_000_000),
        maxFeePerGas: toHex(DEAR.maxFeePerGas),
        maxPriorityFeePerGas: toHex(DEAR.maxPriorityFeePerGas),
      },
    ]);

  await mineAlways(true);
  return {
    rpcUrl: chain.rpcUrl,
    deploymentFile: chain.deploymentFile,
    client,
    deployment,
    signers,
    signerKeys: signerAccounts.map(keyOf),
    account,
    wallet: chain.wallet,
    token,
    reorganise,
    /** Keeps bytes that a service sends, for the transaction's return after a reorganisation. */
    note(raw: unknown): void {
      sent.set(keccak256(raw as Hex), raw as Hex);
    },
    async setBlockInterval(milliseconds: number): Promise<void> {
      blockIntervalMs = milliseconds;
      sent.clear();
      await alone(() => mineAlways(true));
    },
    /** Sends a transaction that is not ours, and dearer than ours. */
    submitElsewhere: (to: Address, data: Hex) => alone(() => sendElsewhere(to, data)),
    /** What there is of each token. */
    supply: async () => {
      const amounts = CURRENCIES.map(async (currency) => [
        currency,
        await client.readContract({ ...token(currency), functionName: 'totalSupply' }),
      ]);
      return Object.fromEntries(await Promise.all(amounts)) as Record<string, bigint>;
    },
    /** Mints to the issuer what is above zero, burns of its own what is below; final when this resolves. */
    changeSupply: (currency: CorridorCurrency, changes: readonly bigint[]) =>
      alone(() =>
        standing(async () => {
          const issuer = chain.wallet(localAccounts.minter);
          for (const units of changes) {
            const call = { ...token(currency), ...DEAR, gas: 500_000n } as const;
            await done(
              units > 0n
                ? issuer.writeContract({
                    ...call,
                    functionName: 'mint',
                    args: [issuer.account.address, units],
                  })
                : issuer.writeContract({ ...call, functionName: 'burn', args: [-units] }),
            );
          }
          for (let mined = 0; mined < FINALITY_DEPTH; mined++) await request('evm_mine');
        }),
      ),
    /** Mints and burns from the beginning, in their order. */
    supplyLogs: async (currency: CorridorCurrency) => {
      const { address, abi } = token(currency);
      const logs = await client.getContractEvents({
        address,
        abi,
        eventName: 'Transfer',
        strict: true,
        fromBlock: 0n,
      });
      return logs.filter(({ args: { from, to } }) => from === zeroAddress || to === zeroAddress);
    },
    head: () => client.getBlockNumber({ cacheTime: 0 }),
    /** The chain's clock, Unix seconds. */
    now: async () => Number((await client.getBlock()).timestamp),
    /** Takes the chain's clock to a time that is ahead of it. */
    jumpTo: (seconds: number) =>
      alone(() =>
        standing(async () => {
          await request('evm_setNextBlockTimestamp', [seconds]);
          await request('evm_mine');
        }),
      ),
    /** Sends a transaction of anybody's. A reorganisation may undo it for good. */
    sendAs: (from: Address, to: Address, data: Hex) =>
      alone(async () => {
        await request('hardhat_impersonateAccount', [from]);
        await request('hardhat_setBalance', [from, toHex(RICH)]);
        return sendDear(from, to, data);
      }),
    /** Whether a transaction took effect; undefined while it may. */
    hasHappened: (hash: Hex) =>
      alone(async () => {
        const receipt = await request<{ status: Hex } | null>('eth_getTransactionReceipt', [hash]);
        if (receipt) return receipt.status === '0x1';
        return (await request('eth_getTransactionByHash', [hash])) === null ? false : undefined;
      }),
    dropPending: () =>
      alone(() =>
        standing(async () => {
          await untilPending();
          await forgetPending();
        }),
      ),
    raiseBaseFee: () =>
      alone(async () => {
        const { baseFeePerGas } = await client.getBlock();
        const fee = 40n * ((baseFeePerGas ?? 0n) + 10n ** 9n);
        await request('hardhat_setNextBlockBaseFeePerGas', [toHex(fee)]);
      }),
    /** Takes the signer's next nonce for something else, in place of what may wait in the mempool under it. */
    useSigner: (signer: Address) =>
      alone(async () => {
        const nonce = await client.getTransactionCount({ address: signer });
        await request('eth_sendTransaction', [
          {
            from: signer,
            to: signer,
            nonce: toHex(nonce),
            maxFeePerGas: toHex(DEAR.maxFeePerGas),
            maxPriorityFeePerGas: toHex(DEAR.maxPriorityFeePerGas),
            gas: toHex(21_000),
          },
        ]).catch(() => undefined); // one of ours was mined a moment ago
      }),
    setAllowance: (payer: number, currency: CorridorCurrency, isGiven: boolean) =>
      alone(() =>
        done(
          chain.wallet(payer).writeContract({
            ...token(currency),
            functionName: 'approve',
            args: [router.address, isGiven ? maxUint256 : 0n],
            ...DEAR,
          }),
        ),
      ),
    setSignerBalance: (signer: Address, isRich: boolean) =>
      alone(() => request('hardhat_setBalance', [signer, toHex(isRich ? RICH : 1n)])),
    /** The next nonce of a signer, and whether no transaction of it waits in the mempool. */
    nonceOf: async (address: Address) => {
      const [waiting, nonce] = await Promise.all([
        client.getTransactionCount({ address, blockTag: 'pending' }),
        client.getTransactionCount({ address }),
      ]);
      return { nonce, isQuiet: waiting === nonce };
    },
    setPaused: (currency: CorridorCurrency, isPaused: boolean) =>
      alone(() =>
        done(
          chain
            .wallet(localAccounts.admin)
            .writeContract({ ...token(currency), functionName: isPaused ? 'pause' : 'unpause', ...DEAR }),
        ),
      ),
    setFrozen: (wallet: Address, isFrozen: boolean) =>
      alone(async () => {
        for (const currency of CURRENCIES)
          await done(
            chain.wallet(localAccounts.admin).writeContract({
              ...token(currency),
              functionName: isFrozen ? 'freeze' : 'unfreeze',
              args: [wallet],
              ...DEAR,
            }),
          );
      }),
    stop: chain.stop,
  };
}

/** Everybody knows the keys of the local chain. */
function keyOf(addressIndex: number): Hex {
  const { privateKey } = mnemonicToAccount('test test test test test test test test test test test junk', {
    addressIndex,
  }).getHdKey();
  return toHex(privateKey as Uint8Array);
}
