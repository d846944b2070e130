/** Gas of the escrow's verbs beside Request Network's escrow, each as a whole transaction. */
import type { BaseContract, ContractTransactionResponse } from 'ethers';
import type { AccessManager, Escrow, PaymentRouter, Stablecoin } from '../../typechain-types/index.ts';
import { gasOf, openChain, STARTS_AT } from './chain.ts';
import type { Operation } from './measure.ts';
import { deployPeers } from './peers.ts';

const FUNDS = 10n ** 12n;
const AMOUNT = 125_500_000n; // 125.50 of a currency
const UNTIL = 4_102_444_799n; // the end of 2099

/**
 * Measures the verbs between parties that hold the coin already, in an escrow that holds other payments too. An operator
 * captures, voids and refunds everything, after the time in which it could be authorized; the terms have no fee.
 */
export async function measureEscrow(): Promise<Operation[]> {
  const { ethers, networkHelpers } = await openChain();
  const [owner, payer, payee, operator] = await ethers.getSigners();
  if (!owner || !payer || !payee || !operator) throw new Error('The in-process chain has no accounts.');
  const deploy = async <T>(name: string, ...parameters: unknown[]) =>
    (await ethers.deployContract(name, parameters)) as unknown as T;
  const manager = await deploy<AccessManager>('AccessManager', owner);
  const router = await deploy<PaymentRouter>('PaymentRouter', manager);
  const escrow = await deploy<Escrow>('Escrow', manager, router);
  const coin = await deploy<Stablecoin>('Stablecoin', 'Corridor USD', 'cUSD', manager);
  await coin.configureMinter(owner, 2n ** 95n, 86_400);
  for (const account of [payer, payee, operator]) {
    await coin.mint(account, FUNDS);
    await coin.connect(account).approve(escrow, ethers.MaxUint256);
  }
  const { openZeppelin: peerToken, requestNetworkEscrow: peerEscrow } = await deployPeers(owner);
  await peerToken.getFunction('transfer')(payer, FUNDS);
  const authorizationExpiry = BigInt(STARTS_AT + 86_400);
  const terms = (salt: bigint) => ({
    payer: payer.address,
    payee: payee.address,
    token: coin.target,
    amount: AMOUNT,
    operator: operator.address,
    authorizationExpiry,
    captureExpiry: UNTIL,
    refundExpiry: UNTIL,
    minFeeBps: 0n,
    maxFeeBps: 0n,
    feeRecipient: ethers.ZeroAddress,
    arbiter: ethers.ZeroAddress,
    rulingPeriodSeconds: 0n,
    defaultPayeeBps: 0n,
    hashLock: ethers.ZeroHash,
    salt,
    milestones: [],
  });
  const [other, captured, voided] = [terms(1n), terms(2n), terms(3n)];
  await escrow.connect(payer).authorize(other, AMOUNT);
  const authorize = await gasOf(escrow.connect(payer).authorize(captured, AMOUNT));
  await escrow.connect(payer).authorize(voided, AMOUNT);
  await networkHelpers.time.increaseTo(authorizationExpiry + 1n); // from the checkout to the delivery
  const capture = await gasOf(escrow.connect(operator).capture(captured, AMOUNT, 0n));
  const refund = await gasOf(escrow.connect(operator).refund(captured, AMOUNT));
  const void_ = await gasOf(escrow.connect(operator).void(voided));

  const asPayer = async (contract: BaseContract, name: string, ...parameters: unknown[]) =>
    (await (contract.connect(payer) as BaseContract).getFunction(name)(
      ...parameters,
    )) as ContractTransactionResponse;
  const pay = (reference: string) =>
    asPayer(peerEscrow, 'payEscrow', peerToken, payee, AMOUNT, reference, 1n, payee); // it refuses a fee of 0
  const reference = (name: string) => ethers.dataSlice(ethers.id(name), 0, 8);
  await asPayer(peerToken, 'approve', peerEscrow, ethers.MaxUint256);
  await asPayer(peerEscrow, 'approvePaymentProxyToSpend', peerToken);
  await asPayer(peerToken, 'transfer', payee, AMOUNT);
  await pay(reference('other'));
  const peerPay = await gasOf(pay(reference('captured')));
  await pay(reference('voided'));
  const peerCapture = await gasOf(asPayer(peerEscrow, 'payRequestFromEscrow', reference('captured')));
  await asPayer(peerEscrow, 'freezeRequest', reference('voided'));
  await networkHelpers.time.increase(366 * 86_400);
  const peerVoid = await gasOf(asPayer(peerEscrow, 'refundFrozenFunds', reference('voided')));

  const peer = 'Request Network ERC20EscrowToPay';
  return [
    { name: 'escrow.authorize', gas: authorize, peer, peerGas: peerPay },
    { name: 'escrow.capture', gas: capture, peer, peerGas: peerCapture },
    { name: 'escrow.void', gas: void_, peer, peerGas: peerVoid },
    { name: 'escrow.refund', gas: refund, peer: null, peerGas: null },
  ];
}
