/** Everything that the chain can tell of an authorised payment before it is taken. */
import { type Address, encodeFunctionData, type Hex, hashTypedData, type PublicClient } from 'viem';
import { paymentRouterAbi } from '../../../core/abi/paymentRouter.ts';
import { stablecoinAbi } from '../../../core/abi/stablecoin.ts';
import type { CorridorCurrency } from '../../../core/currency.ts';
import { type Deployment, isCorridorContract } from '../../../core/deployment.ts';
import {
  type AuthorizedTransfer,
  authorizationNonce,
  authorizationTypedData,
} from '../../../core/evm/authorization.ts';
import { formatMoney, parseMoney } from '../../../core/money.ts';
import type { Fault } from '../../../platform/http/problem.ts';
import { asking } from '../../http/chainAsked.ts';
import { problemsOf } from '../../http/problems.ts';
import { isSigned } from '../../http/signature.ts';
import type { refusalAt } from '../lanes/callSimulation.ts';
import { authorizedPaymentProblems } from './errors.ts';
import type { AuthorizedPaymentRequest } from './schema.ts';

const problem = problemsOf(authorizedPaymentProblems);

/** An authorisation must be valid so long after the chain's latest block, or it might not be in a block in time. */
const LEAST_VALIDITY_SECONDS = 60n;
/** And no longer: it is open until its time is over, and a partner may have only so many open. */
const MOST_VALIDITY_SECONDS = 30n * 86_400n;
/** Several times what a payment takes. A contract account checks its signature in code of its own, at our cost. */
export const MOST_GAS = 500_000n;

export interface AssessmentParts {
  chain: PublicClient;
  deployment: Deployment;
  /** Of the lanes: why the chain would refuse a call. */
  refusalAt: typeof refusalAt;
}

/** A request that the chain would carry out, now or when its time comes. */
export interface Assessed extends AuthorizedTransfer {
  currency: CorridorCurrency;
  amountValue: string;
  token: Address;
  nonce: Hex;
  signature: Hex;
  /** The router's payWithAuthorization. */
  data: Hex;
  /** What the payer had after this block, in token units. */
  balance: bigint;
  blockNumber: bigint;
}

/**
 * Asks the chain about a request, with no transaction of the database open.
 * @throws Problem `authorization_refused` with every fault and its place; `chain_unavailable`
 */
export async function assess(parts: AssessmentParts, request: AuthorizedPaymentRequest): Promise<Assessed> {
  const { currency, value } = request.amount;
  const { units } = parseMoney(currency, value);
  const { paymentRouter: router, stablecoins } = parts.deployment;
  const token = stablecoins[currency].address;
  const transfer: AuthorizedTransfer = { ...request, amount: units };
  const { payer, recipient, paymentReference, validAfter, validBefore, salt } = transfer;
  const { signature } = request;
  const data = encodeFunctionData({
    abi: paymentRouterAbi,
    functionName: 'payWithAuthorization',
    args: [token, payer, recipient, units, paymentReference, validAfter, validBefore, salt, signature],
  });
  const assessed = {
    ...transfer,
    currency,
    amountValue: formatMoney({ currency, units }),
    token,
    nonce: authorizationNonce(transfer),
    signature,
    data,
  };
  const { faults, balance, blockNumber } = await asking(() => findFaults(parts, assessed));
  const [first] = faults;
  if (first) throw problem('authorization_refused', `${first.detail}.`, faults);
  return { ...assessed, balance, blockNumber };

  async function findFaults(
    { chain, deployment, refusalAt: simulate }: AssessmentParts,
    { nonce }: Pick<Assessed, 'nonce'>,
  ): Promise<{ faults: Fault[]; balance: bigint; blockNumber: bigint }> {
    const { number: blockNumber, timestamp } = await chain.getBlock();
    const coin = { address: token, abi: stablecoinAbi, blockNumber } as const;
    const [coinName, isUsed, held, isPayerFrozen, isRecipientFrozen, isCoinPaused, isRouterPaused] =
      await Promise.all([
        chain.readContract({ ...coin, functionName: 'name' }),
        chain.readContract({ ...coin, functionName: 'authorizationState', args: [payer, nonce] }),
        chain.readContract({ ...coin, functionName: 'balanceOf', args: [payer] }),
        chain.readContract({ ...coin, functionName: 'isFrozen', args: [payer] }),
        chain.readContract({ ...coin, functionName: 'isFrozen', args: [recipient] }),
        chain.readContract({ ...coin, functionName: 'paused' }),
        chain.readContract({ address: router, abi: paymentRouterAbi, functionName: 'paused', blockNumber }),
      ]);
    const contracts = { chainId: deployment.chainId, token, coinName, router };
    const digest = hashTypedData(authorizationTypedData(contracts, transfer));
    const isGenuine = await isSigned(chain, transfer.payer, digest, signature, {
      blockNumber,
      mostGas: MOST_GAS,
    });
    const found: Fault[] = [];
    const unless = (isFine: boolean, code: string, pointer: string, detail: string, expected: string) => {
      if (!isFine) found.push({ code, pointer, detail, expected });
    };
    unless(
      isGenuine,
      'signature_invalid',
      '/signature',
      `This is not the signature of ${payer} over this payment`,
      `what the payer signs as ReceiveWithAuthorization of ${coinName}, version 1, chain ${deployment.chainId}, to ${router}, with the nonce ${nonce}`,
    );
    unless(
      !isUsed,
      'authorization_used',
      '/salt',
      'The authorisation was used or cancelled',
      'one that is new: let the wallet sign with another salt',
    );
    unless(
      timestamp + LEAST_VALIDITY_SECONDS <= validBefore,
      'validity_too_short',
      '/validBefore',
      `It is valid until ${timeOf(validBefore)}, and the chain's time is ${timeOf(timestamp)}`,
      `at least ${LEAST_VALIDITY_SECONDS} s after the chain's time: let the wallet sign a later one`,
    );
    unless(
      validBefore <= timestamp + MOST_VALIDITY_SECONDS,
      'validity_too_long',
      '/validBefore',
      `It is valid until ${timeOf(validBefore)}, and the chain's time is ${timeOf(timestamp)}`,
      `at most ${MOST_VALIDITY_SECONDS} s after the chain's time: let the wallet sign an earlier one`,
    );
    unless(
      held >= units,
      'balance_insufficient',
      '/amount',
      `The payer has ${formatMoney({ currency, units: held })} ${currency}`,
      'at most what the payer has',
    );
    unless(
      !isCorridorContract(deployment, recipient) && recipient !== payer,
      'recipient_invalid',
      '/recipient',
      `${recipient} is one of Corridor's contracts, or the payer`,
      'the wallet of somebody else',
    );
    const frozen = 'an account that can send and receive this coin: its issuer can say why it is frozen';
    unless(!isPayerFrozen, 'payer_frozen', '/payer', `${payer} is frozen`, frozen);
    unless(!isRecipientFrozen, 'recipient_frozen', '/recipient', `${recipient} is frozen`, frozen);
    const paused = 'one that is not paused: send it again later, while it is valid';
    unless(!isCoinPaused, 'coin_paused', '/amount/currency', `${coinName} is paused`, paused);
    unless(!isRouterPaused, 'router_paused', '', 'The payment router is paused', paused);
    if (found.length === 0 && validAfter < timestamp) {
      const refusal = await simulate(chain, payer, { to: router, data, mostGas: MOST_GAS });
      const expected = 'a payment that the contract takes';
      if (refusal)
        unless(false, 'contract_refuses', '', `The contract refuses it: ${refusal.detail}`, expected);
    }
    return { faults: found, balance: held, blockNumber };
  }
}

/** RFC 3339; what is beyond the calendar as seconds. */
function timeOf(seconds: bigint): string {
  return new Date(Number(seconds) * 1_000).toISOString();
}
