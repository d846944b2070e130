/** Tries a call on the chain's state, to learn what gas it takes, or why its contract refuses it. */
import {
  type Abi,
  type Address,
  BaseError,
  decodeErrorResult,
  type Hex,
  type PublicClient,
  toHex,
} from 'viem';
import { coverPoolAbi } from '../../../core/abi/coverPool.ts';
import { escrowAbi } from '../../../core/abi/escrow.ts';
import { parametricCoverAbi } from '../../../core/abi/parametricCover.ts';
import { paymentRouterAbi } from '../../../core/abi/paymentRouter.ts';
import { stablecoinAbi } from '../../../core/abi/stablecoin.ts';
import type { Call } from './calls.ts';
import { isSilence } from './routerCall.ts';

/** A quarter over the estimate: the state may have changed a little when the transaction runs. */
const GAS_MARGIN_PERCENT = 125n;

/** The errors of the contracts that calls go to, so that a refusal is told by name. */
const errors = [
  ...paymentRouterAbi,
  ...stablecoinAbi,
  ...parametricCoverAbi,
  ...coverPoolAbi,
  ...escrowAbi,
].filter((part) => part.type === 'error');

/**
 * Runs the call on the chain's latest state. A refusal, by the contract or by the node, is an answer about this call;
 * throws only when the node does not answer at all.
 */
export async function simulateCall(chain: PublicClient, from: Address, call: Call): Promise<CallSimulation> {
  try {
    const gas = await estimateGas(chain, from, call);
    const changed = await changeOf(chain, call);
    if (changed) return { refusal: changed };
    const given = (gas * GAS_MARGIN_PERCENT) / 100n;
    if (call.mostGas === null || given <= call.mostGas) return { gas: given };
    const detail = `it would be given ${given} gas, and at most ${call.mostGas} is paid for`;
    return { refusal: { name: 'GasTooHigh', detail } };
  } catch (error) {
    return { refusal: refusalOf(error) };
  }
}

/**
 * What the call takes, tried with no more gas than it may: others' code may run in it, which would keep the node busy with
 * all the gas that there is, and the lane waiting for it. viem's `estimateGas` leaves that limit out.
 */
async function estimateGas(chain: PublicClient, from: Address, { to, data, mostGas }: Call): Promise<bigint> {
  const limit = mostGas === null ? {} : { gas: toHex(mostGas) };
  return BigInt(
    await chain.request({ method: 'eth_estimateGas', params: [{ from, to, data, ...limit }, 'latest'] }),
  );
}

/** Why the call is refused on the state after a block, with the gas that it may take; undefined when it is not. */
export async function refusalAt(
  chain: PublicClient,
  from: Address,
  call: Pick<Call, 'to' | 'data' | 'mostGas'> & Partial<Pick<Call, 'guard'>>,
  blockNumber?: bigint,
): Promise<Refusal | undefined> {
  try {
    await chain.call({
      account: from,
      to: call.to,
      data: call.data,
      ...(call.mostGas !== null && { gas: call.mostGas }),
      ...(blockNumber !== undefined && { blockNumber }),
    });
    return await changeOf(chain, call, blockNumber);
  } catch (error) {
    return refusalOf(error);
  }
}

/** What a call was decided upon is not so any more. */
async function changeOf(
  chain: PublicClient,
  { to, guard }: Pick<Call, 'to'> & Partial<Pick<Call, 'guard'>>,
  blockNumber?: bigint,
): Promise<Refusal | undefined> {
  if (!guard) return undefined;
  const { data } = await chain.call({
    to,
    data: guard.data,
    ...(blockNumber !== undefined && { blockNumber }),
  });
  if (data === guard.result) return undefined;
  return { name: 'StateChanged', detail: 'StateChanged(what the call was decided upon is not so any more)' };
}

export type CallSimulation = { gas: bigint } | { refusal: Refusal };

export interface Refusal {
  /** The custom error's name, or that of the node's fault. */
  name: string;
  /** With the custom error's values. */
  detail: string;
}

/** @throws the error when it is no answer about the call */
function refusalOf(error: unknown): Refusal {
  if (!(error instanceof BaseError) || isSilence(error)) throw error;
  const data = revertDataOf(error);
  if (data && data !== '0x') {
    try {
      const { errorName: name, args } = decodeErrorResult({ abi: errors as Abi, data });
      return { name, detail: `${name}(${(args ?? []).map(String).join(', ')})` };
    } catch {
      return { name: data.slice(0, 10), detail: `an error that is not known here: ${data}` };
    }
  }
  return { name: error.name, detail: error.details || error.shortMessage };
}

/** What the contract gave back with its refusal; some nodes wrap it once more. */
function revertDataOf(error: BaseError): Hex | undefined {
  const holder = error.walk((cause) => cause instanceof Error && 'data' in cause) as {
    data?: unknown;
  } | null;
  const data = (holder?.data as { data?: unknown } | undefined)?.data ?? holder?.data;
  return typeof data === 'string' && /^0x[0-9a-f]*$/i.test(data) ? (data as Hex) : undefined;
}
