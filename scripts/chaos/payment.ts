/** What a transaction of ours pays that others than its signer may pay as well. */
import { type Address, decodeFunctionData, type Hex, isAddressEqual, parseTransaction } from 'viem';
import { parametricCoverAbi } from '../../services/core/abi/parametricCover.ts';
import { paymentRouterAbi } from '../../services/core/abi/paymentRouter.ts';
import type { Deployment } from '../../services/core/deployment.ts';

/** By contract; the cover's multicalls are of its two others. The ledger's anchor and what only uses up a nonce move no money. */
const paying: Record<'paymentRouter' | 'parametricCover', readonly string[]> = {
  paymentRouter: ['settleBatch', 'payWithAuthorization'],
  parametricCover: ['settleRisk', 'payPolicies', 'multicall'],
};

/** @param raw The transaction's bytes. */
export function paymentIn(raw: Hex, deployment: Deployment): { to: Address; data: Hex } | undefined {
  const { to, data } = parseTransaction(raw);
  if (!to || !data) return undefined;
  const isPaying = (
    contract: keyof typeof paying,
    abi: typeof paymentRouterAbi | typeof parametricCoverAbi,
  ) =>
    isAddressEqual(to, deployment[contract]) &&
    paying[contract].includes(decodeFunctionData({ abi, data }).functionName);
  const isOne =
    isPaying('paymentRouter', paymentRouterAbi) || isPaying('parametricCover', parametricCoverAbi);
  return isOne ? { to, data } : undefined;
}
