import type { BaseContract, TypedDataField } from 'ethers';
import { network } from 'hardhat';
import Payments from '../../../scripts/deploy/ignition/modules/Payments.ts';
import type { AccessManager, PaymentRouter, Stablecoin } from '../../../typechain-types/index.ts';

/** 10^6 units. */
export const COIN = 1_000_000n;
export const FUNDS = 1_000n * COIN;
export const OPERATOR_LIMIT = 500n * COIN;
export const WINDOW_SECONDS = 1_000;
export const REFERENCE = `0x${'ab'.repeat(32)}`;

const address = (name: string): TypedDataField => ({ name, type: 'address' });
const uint256 = (name: string): TypedDataField => ({ name, type: 'uint256' });
const bytes32 = (name: string): TypedDataField => ({ name, type: 'bytes32' });
const authorization = [
  address('from'),
  address('to'),
  uint256('value'),
  uint256('validAfter'),
  uint256('validBefore'),
  bytes32('nonce'),
];

/** EIP-712 types that holders sign, by primary type. */
export const signedTypes = {
  Permit: [address('owner'), address('spender'), uint256('value'), uint256('nonce'), uint256('deadline')],
  TransferWithAuthorization: authorization,
  ReceiveWithAuthorization: authorization,
  CancelAuthorization: [address('authorizer'), bytes32('nonce')],
  SettleBatch: [
    address('payer'),
    address('token'),
    uint256('firstSequence'),
    { name: 'payments', type: 'bytes32[]' },
    uint256('deadline'),
  ],
};

/**
 * A chain of its own for one test file, and `corridor`, the state in which each of its tests begins: deployed by the
 * same Ignition module as everywhere, the payer and a contract account hold money, the operator has its limit, one
 * account is frozen.
 */
export async function openChain() {
  const { ethers, ignition, networkHelpers } = await network.create();
  const signers = await ethers.getSigners();
  const signer = (index: number) => {
    const found = signers[index];
    if (!found) throw new Error(`The in-process chain has no account ${index}.`);
    return found;
  };
  const [admin, operator, minter, payer] = [signer(0), signer(1), signer(2), signer(3)];
  const [frozen, recipient, relayer, stranger] = [signer(4), signer(5), signer(6), signer(7)];

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
    accounts: {
      admin,
      operator,
      minter,
      payer,
      frozen,
      recipient,
      relayer,
      stranger,
    },
    corridor: async () => await networkHelpers.loadFixture(deployCorridor),
    sign,
    /** A packed payment. */
    pack: (to: { address: string } | string, amount: bigint) =>
      ethers.toBeHex((BigInt(typeof to === 'string' ? to : to.address) << 96n) | amount, 32),
    /** A new empty account. */
    someone: () => ethers.Wallet.createRandom().address,
    now: async () => BigInt(await networkHelpers.time.latest()),
  };
}
