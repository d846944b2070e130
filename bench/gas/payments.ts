/** Gas of payments beside their peers. */
import type { BaseContract, ContractTransactionResponse } from 'ethers';
import type { AccessManager, PaymentRouter, Stablecoin } from '../../typechain-types/index.ts';
import { gasOf, openChain } from './chain.ts';
import type { Measured, Operation } from './measure.ts';
import { deployPeers } from './peers.ts';

const BATCH = 200;
const AMOUNT = 125_500_000n; // 125.50 of a currency
const FUNDS = 10n ** 15n;

/** Transfers, and batches of 200 payments. */
export async function measurePayments(): Promise<Measured> {
  const { ethers, networkHelpers } = await openChain();
  const [owner, payer, operator] = await ethers.getSigners();
  if (!owner || !payer || !operator) throw new Error('The in-process chain has no accounts.');
  const existing = addresses('existing');
  const fresh = addresses('new');

  const manager = (await ethers.deployContract('AccessManager', [owner])) as unknown as AccessManager;
  const coin = (await ethers.deployContract('Stablecoin', [
    'Corridor USD',
    'cUSD',
    manager,
  ])) as unknown as Stablecoin;
  const router = (await ethers.deployContract('PaymentRouter', [manager])) as unknown as PaymentRouter;
  await coin.configureMinter(owner, 2n ** 95n, 86_400);
  await coin.mint(payer, FUNDS);
  const peers = await deployPeers(owner);
  for (const token of [peers.openZeppelin, peers.solady]) await call(token, 'transfer', payer.address, FUNDS);
  for (const token of [coin, peers.openZeppelin, peers.solady]) {
    for (const holder of existing) await call(token.connect(payer), 'transfer', holder, AMOUNT);
  }
  // An authorization takes effect after the second it is signed for.
  await networkHelpers.time.increase(3_600);

  const transfer = async (token: BaseContract, to: string) =>
    await gasOf(call(token.connect(payer), 'transfer', to, AMOUNT));
  const [holder = payer.address] = existing;
  const stranger = ethers.computeAddress(ethers.id('stranger'));

  const authorize = async (token: BaseContract, name: string) => {
    const message = {
      from: payer.address,
      to: holder,
      value: AMOUNT,
      validAfter: 0,
      validBefore: 4_102_444_799, // the end of 2099
      nonce: ethers.id('authorization'),
    };
    const domain = {
      name,
      version: '1',
      chainId: 31_337,
      verifyingContract: await token.getAddress(),
    };
    const { v, r, s } = ethers.Signature.from(
      await payer.signTypedData(domain, { TransferWithAuthorization: authorizationType }, message),
    );
    const values = Object.values(message);
    const signature =
      'transferWithAuthorization(address,address,uint256,uint256,uint256,bytes32,uint8,bytes32,bytes32)';
    return await gasOf(call(token.connect(operator), signature, ...values, v, r, s));
  };

  await coin.connect(payer).approve(router, ethers.MaxUint256);
  await router.connect(payer).authorizeOperator(operator, coin, 10n ** 15n, 86_400);
  const settle = async (firstSequence: number, recipients: string[]) => {
    const payments = recipients.map((to) => ethers.toBeHex((BigInt(to) << 96n) | AMOUNT, 32));
    return await gasOf(router.connect(operator).settleBatch(payer, coin, firstSequence, payments));
  };
  await settle(0, existing); // so that the sequences measured begin in a started word, as they mostly do

  await call(peers.openZeppelin.connect(payer), 'approve', peers.requestNetwork, ethers.MaxUint256);
  const request = async (recipients: string[]) =>
    await gasOf(
      call(
        peers.requestNetwork.connect(payer),
        'batchERC20PaymentsWithReference',
        await peers.openZeppelin.getAddress(),
        recipients,
        recipients.map(() => AMOUNT),
        recipients.map((_, i) => ethers.dataSlice(ethers.id(`reference ${i}`), 0, 8)),
        recipients.map(() => 0n),
        owner.address, // gets a fee of 0; the contract refuses to have nobody here
      ),
    );
  const each = (total: number) => Math.ceil(total / BATCH);

  const solady = 'Solady ERC20';
  const openZeppelin = 'OpenZeppelin ERC20';
  const operations: Operation[] = [
    {
      name: 'token.transfer.existing',
      gas: await transfer(coin, holder),
      peer: solady,
      peerGas: await transfer(peers.solady, holder),
    },
    {
      name: 'token.transfer.new',
      gas: await transfer(coin, stranger),
      peer: solady,
      peerGas: await transfer(peers.solady, stranger),
    },
    {
      name: 'token.transferWithAuthorization',
      gas: await authorize(coin, 'Corridor USD'),
      peer: 'OpenZeppelin ERC3009',
      peerGas: await authorize(peers.openZeppelin, 'OpenZeppelin'),
    },
    {
      name: 'payments.batch200.existing',
      gas: each(await settle(BATCH, existing)),
      peer: 'Request Network BatchPayments',
      peerGas: each(await request(existing)),
    },
    {
      name: 'payments.batch200.new',
      gas: each(await settle(2 * BATCH, fresh)),
      peer: 'Request Network BatchPayments',
      peerGas: each(await request(fresh)),
    },
  ];
  const [existingHolder, newHolder] = operations as [Operation, Operation];
  return {
    operations,
    furtherPeers: [
      { ...existingHolder, peer: openZeppelin, peerGas: await transfer(peers.openZeppelin, holder) },
      { ...newHolder, peer: openZeppelin, peerGas: await transfer(peers.openZeppelin, stranger) },
    ],
  };

  function addresses(kind: string): string[] {
    return Array.from({ length: BATCH }, (_, i) => ethers.computeAddress(ethers.id(`${kind} ${i}`)));
  }
}

const authorizationType = [
  { name: 'from', type: 'address' },
  { name: 'to', type: 'address' },
  { name: 'value', type: 'uint256' },
  { name: 'validAfter', type: 'uint256' },
  { name: 'validBefore', type: 'uint256' },
  { name: 'nonce', type: 'bytes32' },
];

async function call(contract: BaseContract, name: string, ...parameters: unknown[]) {
  return (await contract.getFunction(name)(...parameters)) as ContractTransactionResponse;
}
