import { type Address, parseEther } from 'viem';
import { localAccounts } from '../../../scripts/deploy/local.ts';
import { stablecoinAbi } from '../../../services/core/abi/stablecoin.ts';
import type { TestChain } from '../../support/chain.ts';

/** Gives an account cUSD (in units of 10^-6), and 1 ETH for fees unless it shall have none. */
export async function fund(
  chain: TestChain,
  to: Address,
  units: bigint,
  fees = parseEther('1'),
): Promise<void> {
  const minter = chain.wallet(localAccounts.minter);
  const hashes = [
    await minter.writeContract({
      abi: stablecoinAbi,
      address: chain.deployment.stablecoins.USD.address,
      functionName: 'mint',
      args: [to, units],
    }),
  ];
  if (fees > 0n) hashes.push(await minter.sendTransaction({ to, value: fees }));
  for (const hash of hashes) await chain.client.waitForTransactionReceipt({ hash, pollingInterval: 100 });
}

/** The admin's verbs on cUSD; resolves when done. */
export async function administer(
  chain: TestChain,
  verb: 'freeze' | 'unfreeze' | 'pause' | 'unpause',
  account?: Address,
): Promise<void> {
  const admin = chain.wallet(localAccounts.admin);
  const hash = await admin.writeContract({
    abi: stablecoinAbi,
    address: chain.deployment.stablecoins.USD.address,
    functionName: verb as 'freeze',
    args: (account ? [account] : []) as unknown as [Address],
  });
  await chain.client.waitForTransactionReceipt({ hash, pollingInterval: 100 });
}

/** cUSD of an account, in units of 10^-6. */
export function balanceOf(chain: TestChain, owner: Address): Promise<bigint> {
  const { address } = chain.deployment.stablecoins.USD;
  return chain.client.readContract({ abi: stablecoinAbi, address, functionName: 'balanceOf', args: [owner] });
}

/** cUSD that the router may take from an account, in units of 10^-6. */
export function routerAllowance(chain: TestChain, owner: Address): Promise<bigint> {
  const { paymentRouter, stablecoins } = chain.deployment;
  const args = [owner, paymentRouter] as const;
  return chain.client.readContract({
    abi: stablecoinAbi,
    address: stablecoins.USD.address,
    functionName: 'allowance',
    args,
  });
}
