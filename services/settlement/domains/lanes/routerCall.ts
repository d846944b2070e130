/** The router's settleBatch call for a batch of ours, and why it would be refused. */
import {
  type Address,
  BaseError,
  ContractFunctionRevertedError,
  encodeFunctionData,
  type Hex,
  HttpRequestError,
  type PublicClient,
  pad,
  TimeoutError,
  toHex,
} from 'viem';
import { paymentRouterAbi } from '../../../core/abi/paymentRouter.ts';
import { stablecoinAbi } from '../../../core/abi/stablecoin.ts';
import type { SettlementBatch } from './settlementBatch.ts';

/** A quarter over the estimate: the state may have changed a little when the transaction runs. */
const GAS_MARGIN_PERCENT = 125n;

/** So many batches of an account go by an estimate before the next one is made. */
const BATCHES_PER_ESTIMATE = 4;
/** Of an estimate for as many payments, in percent: the next ones differ a little. */
const EXPERIENCE_PERCENT = 105n;

interface Estimate {
  gas: bigint;
  /** Payments in the batch. */
  count: number;
  /** How many batches it is still good for. */
  uses: number;
}

/** The last estimate of each account, by the chain that made it. */
const estimates = new WeakMap<PublicClient, Map<string, Estimate>>();

/** The tokens' errors come through the router, so that they are told by name too. */
const abi = [...paymentRouterAbi, ...stablecoinAbi.filter((part) => part.type === 'error')] as const;

const argumentsOf = ({ payer, token, firstSequence, payments }: SettlementBatch) =>
  [payer, token, firstSequence, payments.map(packed)] as const;

/** A payment as the contracts take it: recipient in the high 20 bytes, amount in the low 12. */
function packed({ recipient, units }: { recipient: Address; units: bigint }): Hex {
  return `${recipient}${pad(toHex(units), { size: 12 }).slice(2)}`;
}

/** Calldata; the same batch gives the same bytes whenever it is made. */
export function settleBatchData(batch: SettlementBatch): Hex {
  return encodeFunctionData({ abi, functionName: 'settleBatch', args: argumentsOf(batch) });
}

/** Why a batch would not go. */
export interface Refusal {
  name: string;
  args: readonly unknown[];
  /** Name and arguments in words. */
  detail: string;
  /** A contract said so; otherwise it was the node, for reasons of its own. */
  isByContract: boolean;
}

/** What a simulation found: the gas to give, or the reason to refuse. */
export type Simulation = { gas: bigint } | { refusal: Refusal };

/**
 * Runs the batch on the chain's latest state. A refusal, by the contract or by the node, is an answer about this batch;
 * throws only when the node does not answer at all.
 */
export async function simulate(
  chain: PublicClient,
  router: Address,
  operator: Address,
  batch: SettlementBatch,
): Promise<Simulation> {
  const call = {
    account: operator,
    address: router,
    abi,
    functionName: 'settleBatch',
    args: argumentsOf(batch),
  } as const;
  const account = `${batch.payer} ${batch.token}`;
  const count = batch.payments.length;
  const known = estimates.get(chain) ?? new Map<string, Estimate>();
  const gas = gasByExperience(known.get(account), count);
  if (gas !== undefined) {
    const refusal = await refusalOf(() => chain.simulateContract({ ...call, gas }));
    if (!refusal) return { gas: (gas * GAS_MARGIN_PERCENT) / 100n };
    // Without a reason of the contract's own it may have been the gas.
    if (refusal.isByContract && refusal.name !== 'InsufficientGas') return { refusal };
  }
  let estimate = 0n;
  const refusal = await refusalOf(async () => {
    estimate = await chain.estimateContractGas(call);
  });
  if (refusal) return { refusal };
  estimates.set(chain, known.set(account, { gas: estimate, count, uses: BATCHES_PER_ESTIMATE }));
  return { gas: (estimate * GAS_MARGIN_PERCENT) / 100n };
}

/**
 * What a batch of this size took by the last estimate of its account, and a little more. An estimate costs the node several
 * runs of a batch, to try it with this gas costs one: under load, when batches are full, that is most of the node's work.
 */
function gasByExperience(last: Estimate | undefined, count: number): bigint | undefined {
  if (!last || last.uses === 0 || last.count !== count) return undefined;
  last.uses--;
  return (last.gas * EXPERIENCE_PERCENT) / 100n;
}

/** Why the batch is refused, if it is. @throws when the node does not answer */
async function refusalOf(run: () => Promise<unknown>): Promise<Refusal | undefined> {
  try {
    await run();
    return undefined;
  } catch (error) {
    if (!(error instanceof BaseError) || isSilence(error)) throw error;
    const reverted = error.walk((cause) => cause instanceof ContractFunctionRevertedError);
    const isReverted = reverted instanceof ContractFunctionRevertedError;
    const isByContract = isReverted && reverted.raw !== undefined && reverted.raw !== '0x';
    if (!isReverted || !reverted.data)
      return { name: error.name, args: [], detail: error.shortMessage, isByContract };
    const { errorName: name, args = [] } = reverted.data;
    return { name, args, detail: `${name}(${args.map(String).join(', ')})`, isByContract };
  }
}

/** True when the node did not answer: that says nothing about the transaction. */
export function isSilence(error: unknown): boolean {
  if (!(error instanceof BaseError)) return false;
  return Boolean(error.walk((cause) => cause instanceof HttpRequestError || cause instanceof TimeoutError));
}
