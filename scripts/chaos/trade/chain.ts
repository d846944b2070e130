/** What a world of trade has on its chain: cover with capital, signers that may sell it, money for the reporters. */
import { type Address, maxUint96, maxUint256, toHex } from 'viem';
import { accessManagerAbi } from '../../../services/core/abi/accessManager.ts';
import { escrowAbi } from '../../../services/core/abi/escrow.ts';
import { parametricCoverAbi } from '../../../services/core/abi/parametricCover.ts';
import { stablecoinAbi } from '../../../services/core/abi/stablecoin.ts';
import type { TestChain } from '../../../test/support/chain.ts';
import { roles } from '../../deploy/ignition/access.ts';
import { localAccounts } from '../../deploy/localAccounts.ts';
import { seedLocalInsurance } from '../../deploy/localInsurance.ts';
import { localReporters } from '../../deploy/localReporters.ts';
import { payers, signerAccounts, wallets } from '../chain.ts';

const DAY_SECONDS = 86_400;
const RICH = 10n ** 22n;

/** Opens cover and escrows for every payer and every signer, and lets the wallets put money into escrows. */
export async function openTrade(chain: TestChain): Promise<void> {
  const { deployment, rpcUrl } = chain;
  await seedLocalInsurance({ rpcUrl, deployment });
  const account = (index: number) => chain.accounts[index] as Address;
  const coins = Object.values(deployment.stablecoins).map(({ address }) => ({ address, abi: stablecoinAbi }));
  const approve = (index: number, coin: (typeof coins)[number], spender: Address) =>
    chain
      .wallet(index)
      .writeContract({ ...coin, functionName: 'approve', args: [spender, maxUint256] } as const);

  for (const signer of signerAccounts)
    await chain.wallet(localAccounts.admin).writeContract({
      address: deployment.accessManager,
      abi: accessManagerAbi,
      functionName: 'grantRole',
      args: [roles.SCHEDULER, account(signer), 0],
    });
  for (const payer of payers) {
    for (const coin of coins)
      for (const spender of [deployment.coverPool, deployment.escrow]) await approve(payer, coin, spender);
    for (const signer of signerAccounts) {
      for (const { address } of coins)
        await chain.wallet(payer).writeContract({
          address: deployment.escrow,
          abi: escrowAbi,
          functionName: 'authorizeOperator',
          args: [account(signer), address, maxUint96, DAY_SECONDS],
        });
      await chain.wallet(payer).writeContract({
        address: deployment.parametricCover,
        abi: parametricCoverAbi,
        functionName: 'authorizeOperator',
        args: [account(signer), maxUint96, DAY_SECONDS],
      });
    }
  }
  for (const wallet of wallets) for (const coin of coins) await approve(wallet, coin, deployment.escrow);
  for (const { address } of localReporters) await chain.request('hardhat_setBalance', [address, toHex(RICH)]);
}
