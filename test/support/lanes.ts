/** Signers and payers besides the two that every local chain has. */
import { type Address, type Hex, maxUint256, toHex } from 'viem';
import { mnemonicToAccount } from 'viem/accounts';
import { localAccounts } from '../../scripts/deploy/local.ts';
import { paymentRouterAbi } from '../../services/core/abi/paymentRouter.ts';
import { stablecoinAbi } from '../../services/core/abi/stablecoin.ts';
import type { CorridorCurrency } from '../../services/core/currency.ts';
import { createSigner, type Signer } from '../../services/platform/signer.ts';
import type { TestChain } from './chain.ts';
import { FINALITY_DEPTH, freshWallet, instruction, type Stage } from './stage.ts';

/** Private key of an account of the local chain. */
export function localKey(index: number): Hex {
  const { privateKey } = mnemonicToAccount('test test test test test test test test test test test junk', {
    addressIndex: index,
  }).getHdKey();
  return toHex(privateKey as Uint8Array);
}

export const localSigner = (index: number): Signer => createSigner(localKey(index));

/** Lets signers settle for a wallet of the chain; the transactions wait for a block. */
export async function authorise(
  chain: TestChain,
  payerIndex: number,
  operators: readonly Address[],
  currency: CorridorCurrency = 'USD',
): Promise<void> {
  for (const operator of operators)
    await chain.wallet(payerIndex).writeContract({
      address: chain.deployment.paymentRouter,
      abi: paymentRouterAbi,
      functionName: 'authorizeOperator',
      args: [operator, chain.deployment.stablecoins[currency].address, 10n ** 12n, 86_400],
      gas: 200_000n,
    });
}

/** Gives a wallet money that the router may move; the transactions wait for a block. */
export async function fund(
  chain: TestChain,
  payerIndex: number,
  currency: CorridorCurrency = 'USD',
): Promise<void> {
  const token = { address: chain.deployment.stablecoins[currency].address, abi: stablecoinAbi } as const;
  const payer = chain.accounts[payerIndex] as Address;
  const minter = chain.wallet(localAccounts.minter);
  await minter.writeContract({ ...token, functionName: 'mint', args: [payer, 10n ** 10n], gas: 500_000n });
  const args = [chain.deployment.paymentRouter, maxUint256] as const;
  await chain.wallet(payerIndex).writeContract({ ...token, functionName: 'approve', args, gas: 200_000n });
}

/** A funded account of a wallet of the chain, for which the operators may settle. */
export async function openPayer(
  stage: Stage,
  payerIndex: number,
  operators: readonly Address[],
): Promise<Address> {
  await fund(stage.chain, payerIndex);
  await authorise(stage.chain, payerIndex, operators);
  await stage.mine(FINALITY_DEPTH + 1);
  await stage.follow();
  const payer = stage.chain.accounts[payerIndex] as Address;
  await stage.openAccount('USD', payer);
  return payer;
}

/** No lease runs out before the next round of its holder, however slow the machine is. */
export function keepLeases({ database }: Stage) {
  return database.query(
    `update settlement.lanes set lease_until = lease_until + interval '10 minutes' where owner is not null`,
  );
}

/** Takes one payment of 10.00 USD as far as its batch. */
export async function batched(stage: Stage, payer: Address = stage.treasury) {
  const wallet = freshWallet();
  const debtorAccount = { scheme: 'EVM' as const, identification: payer };
  const [id] = (await stage.accept(instruction({ to: wallet, debtorAccount }))) as [string];
  await stage.batch();
  return { id, wallet };
}

export interface AttemptRow {
  signer: string;
  nonce: bigint;
  state: string;
  transaction_hash: Hex | null;
  raw_transaction: Hex | null;
  settlement_batch_id: string | null;
}

/** The attempts of a payment's batch; without a payment, those that only use up their nonce. */
export async function attemptsOf(stage: Stage, paymentId?: string): Promise<AttemptRow[]> {
  const { rows } = await stage.database.query<AttemptRow>(
    `select signer, nonce, state, transaction_hash, raw_transaction, settlement_batch_id from settlement.attempts
      where settlement_batch_id is not distinct from
            (select settlement_batch_id from settlement.payments where id = $1) order by id`,
    [paymentId ?? null],
  );
  return rows;
}
