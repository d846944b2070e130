import type { BaseContract } from 'ethers';
import Payments from '../../../scripts/deploy/ignition/modules/Payments.ts';
import type { AccessManager, PaymentRouter, Stablecoin } from '../../../typechain-types/index.ts';
import { openNamedChain } from '../support/chain.ts';
import { field, tokenTypes } from '../support/tokenTypes.ts';

/** 10^6 units. */
export const COIN = 1_000_000n;
export const FUNDS = 1_000n * COIN;
export const OPERATOR_LIMIT = 500n * COIN;
export const WINDOW_SECONDS = 1_000;
export const REFERENCE = `0x${'ab'.repeat(32)}`;

/** EIP-712 types that holders sign, by primary type. */
export const signedTypes = {
  ...tokenTypes,
  SettleBatch: [
    field('address', 'payer'),
    field('address', 'token'),
    field('uint256', 'firstSequence'),
    field('bytes32[]', 'payments'),
    field('uint256', 'deadline'),
  ],
};

/**
 * A chain of its own for one test file, and `corridor`, the state in which each of its tests begins: deployed by the
 * same Ignition module as everywhere, the payer and a contract account hold money, the operator has its limit, one
 * account is frozen.
 */
export async function openChain() {
  const chain = await openNamedChain([
    'admin',
    'operator',
    'minter',
    'payer',
    'frozen',
    'recipient',
    'relayer',
    'stranger',
  ]);
  const { ethers, ignition, networkHelpers, accounts, now } = chain;
  const { admin, operator, minter, payer, frozen } = accounts;

  async function deployCorridor() {
    const deployed = await ignition.deploy(Payments);
    const coin = deployed.usd as unknown as Stablecoin;
    const router = deployed.paymentRouter as unknown as PaymentRouter;
    const manager = deployed.accessManager as unknown as AccessManager;
    const account = await ethers.deployContract('OwnedAccount', [payer]);

    await coin.configureMinter(minter, 10n * FUNDS, WINDOW_SECONDS);
    await coin.connect(minter).mint(payer, FUNDS);
    await coin.connect(minter).mint(account, FUNDS);
    await coin.freeze(frozen);
    await coin.connect(payer).approve(router, ethers.MaxUint256);
    await router.connect(payer).authorizeOperator(operator, coin, OPERATOR_LIMIT, WINDOW_SECONDS);
    return { coin, router, manager, account };
  }

  /** Signs as `signer` for the contract; names and versions are those that the contracts say of themselves. */
  async function sign(
    signer: { signTypedData: typeof admin.signTypedData },
    contract: BaseContract,
    primaryType: keyof typeof signedTypes,
    message: Record<string, unknown>,
  ) {
    const [, name, version, chainId, verifyingContract] = await contract.getFunction('eip712Domain')();
    const domain = { name, version, chainId, verifyingContract };
    const bytes = await signer.signTypedData(domain, { [primaryType]: signedTypes[primaryType] }, message);
    const { v, r, s } = ethers.Signature.from(bytes);
    return { bytes, v, r, s, vrs: [v, r, s] as const };
  }

  return {
    ethers,
    networkHelpers,
    accounts,
    corridor: async () => await networkHelpers.loadFixture(deployCorridor),
    sign,
    /** A packed payment. */
    pack: (to: { address: string } | string, amount: bigint) =>
      ethers.toBeHex((BigInt(typeof to === 'string' ? to : to.address) << 96n) | amount, 32),
    /** A new empty account. */
    someone: () => ethers.Wallet.createRandom().address,
    now,
  };
}
