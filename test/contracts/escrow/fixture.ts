import { type AddressLike, type BaseContract, type BigNumberish, TypedDataEncoder } from 'ethers';
import type { Escrow, PaymentRouter } from '../../../typechain-types/index.ts';
import { openNamedChain } from '../support/chain.ts';
import { field, tokenTypes } from '../support/tokenTypes.ts';

/** 10^6 units. */
export const COIN = 1_000_000n;
export const FUNDS = 1_000n * COIN;
export const AMOUNT = 100n * COIN;

/** When each test begins, Unix seconds. */
export const START = 2_000_000_000n;
export const AUTHORIZATION_EXPIRY = START + 3_600n;
export const CAPTURE_EXPIRY = START + 86_400n;
export const REFUND_EXPIRY = START + 30n * 86_400n;
export const RULING_PERIOD = 7n * 86_400n;
export const PREIMAGE = `0x${'5e'.repeat(32)}`;
export const EVIDENCE = `0x${'e1'.repeat(32)}`;
export const RULING = `0x${'a7'.repeat(32)}`;

/** `IEscrow.Status`. */
export const status = { none: 0n, open: 1n, disputed: 2n, closed: 3n } as const;

export interface Terms {
  payer: string;
  payee: string;
  token: string;
  amount: bigint;
  operator: string;
  authorizationExpiry: bigint;
  captureExpiry: bigint;
  refundExpiry: bigint;
  minFeeBps: bigint;
  maxFeeBps: bigint;
  feeRecipient: string;
  arbiter: string;
  rulingPeriodSeconds: bigint;
  defaultPayeeBps: bigint;
  hashLock: string;
  salt: bigint;
  milestones: bigint[];
}

const termsFields = [
  field('address', 'payer'),
  field('address', 'payee'),
  field('address', 'token'),
  field('uint96', 'amount'),
  field('address', 'operator'),
  field('uint40', 'authorizationExpiry'),
  field('uint40', 'captureExpiry'),
  field('uint40', 'refundExpiry'),
  field('uint16', 'minFeeBps'),
  field('uint16', 'maxFeeBps'),
  field('address', 'feeRecipient'),
  field('address', 'arbiter'),
  field('uint32', 'rulingPeriodSeconds'),
  field('uint16', 'defaultPayeeBps'),
  field('bytes32', 'hashLock'),
  field('uint256', 'salt'),
  field('uint96[]', 'milestones'),
];
const releaseFields = [
  field('bytes32', 'escrowId'),
  field('uint256', 'payeeAmount'),
  field('uint256', 'payerAmount'),
  field('uint256', 'feeBps'),
  field('uint256', 'deadline'),
];

/**
 * A chain of its own for one test file, and `corridor`, the state in which each of its tests begins: payer, payee and
 * operator hold money and allow it to the escrow, the payer also to the router.
 */
export async function openChain() {
  const chain = await openNamedChain([
    'admin',
    'payer',
    'payee',
    'operator',
    'feeRecipient',
    'arbiter',
    'relayer',
    'stranger',
  ]);
  const { ethers, networkHelpers, accounts, deploy, at } = chain;
  const { admin, payer, payee, operator, feeRecipient, arbiter } = accounts;
  const zero = ethers.ZeroAddress;

  async function deployEscrow() {
    const manager = await chain.deployManager();
    const coin = await chain.deployCoin(manager);
    const router = await deploy<PaymentRouter>('PaymentRouter', [manager]);
    const escrow = await deploy<Escrow>('Escrow', [manager, router]);
    const account = await ethers.deployContract('OwnedAccount', [payer]);
    const token = await coin.getAddress();
    const escrowAddress = await escrow.getAddress();
    const domain = {
      name: 'Corridor Escrow',
      version: '1',
      chainId: 31_337,
      verifyingContract: escrowAddress,
    };

    await coin.configureMinter(admin, 100n * FUNDS, 1);
    for (const holder of [payer, payee, operator]) {
      await coin.mint(holder, FUNDS);
      await coin.connect(holder).approve(escrow, ethers.MaxUint256);
    }
    await coin.connect(payer).approve(router, ethers.MaxUint256);
    await networkHelpers.time.increaseTo(START);

    /** Terms with an operator and a fee of 1 to 3 %, but for what is given. */
    const terms = (given: Partial<Terms> = {}): Terms => ({
      payer: payer.address,
      payee: payee.address,
      token,
      amount: AMOUNT,
      operator: operator.address,
      authorizationExpiry: AUTHORIZATION_EXPIRY,
      captureExpiry: CAPTURE_EXPIRY,
      refundExpiry: REFUND_EXPIRY,
      minFeeBps: 100n,
      maxFeeBps: 300n,
      feeRecipient: feeRecipient.address,
      arbiter: zero,
      rulingPeriodSeconds: 0n,
      defaultPayeeBps: 0n,
      hashLock: ethers.ZeroHash,
      salt: 1n,
      milestones: [],
      ...given,
    });
    const idOf = (of: Terms) => TypedDataEncoder.hash(domain, { Terms: termsFields }, of);

    return {
      manager,
      coin,
      router,
      escrow,
      account,
      token,
      domain,
      terms,
      /** With an arbiter, whose silence gives the payee 40 %. */
      disputable: (given: Partial<Terms> = {}) =>
        terms({
          arbiter: arbiter.address,
          rulingPeriodSeconds: RULING_PERIOD,
          defaultPayeeBps: 4_000n,
          ...given,
        }),
      hashLocked: (given: Partial<Terms> = {}) =>
        terms({ operator: zero, hashLock: ethers.sha256(PREIMAGE), ...given }),
      /** The id as EIP-712 says it, not as the contract does. */
      idOf,
      /** Authorizes, by the payer, and says the id. */
      open: async (of: Terms, amount = of.amount) => {
        await escrow.connect(payer).authorize(of, amount);
        return idOf(of);
      },
      /** What the escrow holds and who has what. */
      async balances() {
        const of = (holder: AddressLike) => coin.balanceOf(holder);
        return {
          payer: await of(payer),
          payee: await of(payee),
          operator: await of(operator),
          feeRecipient: await of(feeRecipient),
          escrow: await of(escrow),
        };
      },
      async stateOf(id: string) {
        const { capturable, refundable, rulingDeadline, milestonesLeft, status } = await escrow.stateOf(id);
        return { capturable, refundable, rulingDeadline, milestonesLeft, status };
      },
      signAuthorization: (by: typeof payer, of: Terms, amount: BigNumberish) =>
        by.signTypedData(
          domain,
          { Authorization: [field('Terms', 'terms'), field('uint256', 'amount')], Terms: termsFields },
          { terms: of, amount },
        ),
      signRelease: (by: typeof payer, message: Record<string, unknown>) =>
        by.signTypedData(domain, { Release: releaseFields }, message),
      signPermit: async (by: typeof payer, value: bigint, deadline: bigint) => {
        const message = {
          owner: by.address,
          spender: escrowAddress,
          value,
          nonce: await coin.nonces(by),
          deadline,
        };
        return ethers.Signature.from(
          await by.signTypedData(
            { ...domain, name: 'Corridor USD', verifyingContract: token },
            { Permit: tokenTypes.Permit },
            message,
          ),
        );
      },
      signReceive: (by: typeof payer, message: Record<string, unknown>) =>
        by.signTypedData(
          { ...domain, name: 'Corridor USD', verifyingContract: token },
          { ReceiveWithAuthorization: tokenTypes.ReceiveWithAuthorization },
          { to: escrowAddress, ...message },
        ),
    };
  }

  const corridor = async () => await networkHelpers.loadFixture(deployEscrow);

  /** The token of this kind: payer, payee and operator hold 1,000 and allow them to the escrow. */
  async function withToken(name: string) {
    const contracts = await corridor();
    const token = (await ethers.deployContract(name)) as BaseContract;
    const address = await token.getAddress();
    for (const holder of [payer, payee, operator]) {
      await token.getFunction('mint')(holder, 1_000n);
      const asHolder = token.connect(holder) as BaseContract;
      await asHolder.getFunction('approve')(contracts.escrow, ethers.MaxUint256);
    }
    const terms = (given: Partial<Terms> = {}) =>
      contracts.disputable({ token: address, amount: 1_000n, ...given });
    const balanceOf = async (of: unknown): Promise<bigint> => await token.getFunction('balanceOf')(of);
    return { ...contracts, token, address, terms, balanceOf };
  }

  return {
    ethers,
    networkHelpers,
    accounts,
    corridor,
    withToken,
    at,
  };
}

/** What an event says of terms. */
export const asEmitted = (terms: Terms) => Object.values(terms);
