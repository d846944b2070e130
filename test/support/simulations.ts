/** How a lane tries batches before it signs them. */
import { type EIP1193Parameters, type Hex, toFunctionSelector } from 'viem';
import { paymentRouterAbi } from '../../services/core/abi/paymentRouter.ts';

const settleBatch = toFunctionSelector(
  paymentRouterAbi.find((part) => part.type === 'function' && part.name === 'settleBatch') as never,
);

/** Whether the request runs a batch on the chain's state, to estimate its gas or with the gas that it is known to take. */
export function isSimulation({
  method,
  params,
}: Pick<EIP1193Parameters, 'method'> & { params?: unknown }): boolean {
  if (method !== 'eth_estimateGas' && method !== 'eth_call') return false;
  const [call] = params as [{ data?: Hex }];
  return call.data?.startsWith(settleBatch) ?? false;
}
