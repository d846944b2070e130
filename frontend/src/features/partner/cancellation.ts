import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type Address, BaseError, ContractFunctionRevertedError, type PublicClient } from 'viem';
import { coverPoolAbi } from '../../../../services/core/abi/coverPool.ts';
import { parametricCoverAbi } from '../../../../services/core/abi/parametricCover.ts';
import { COVER_STEP } from '../../../../services/core/insurance/premium.ts';
import { subjectWord } from '../../../../services/core/insurance/product.ts';
import { useAppConfig } from '../../lib/appConfig.ts';
import { useChainClient } from '../../lib/balances.ts';
import { useSender } from '../../lib/sender.ts';
import { type PartnerPolicy, REFRESH_MS } from './partnerApi.ts';

/** What the contract has of a policy. Amounts are token units. */
export interface Cover {
  holder: Address;
  insured: bigint;
  buyer: Address;
  unearnedPremium: bigint;
}

interface CoverState {
  /** Of the latest block. */
  time: Date;
  /** Undefined when the policy was cancelled or paid. */
  cover: Cover | undefined;
}

/** An issued policy as the chain has it at its latest block, ahead of what is final. */
export function useCover(policy: PartnerPolicy, isEnabled: boolean) {
  const chain = useChainClient();
  const { parametricCover } = useAppConfig().deployment;
  return useQuery({
    queryKey: ['cover', policy.id],
    queryFn: () => readCover(chain, parametricCover, policy),
    enabled: isEnabled && policy.status === 'issued',
    refetchInterval: REFRESH_MS,
  });
}

/** Has the holder's wallet give up so many token units of the sum insured; resolves once that is in a block. */
export function useCancellation(policy: PartnerPolicy) {
  const openWallet = useSender();
  const queryClient = useQueryClient();
  const { parametricCover: address } = useAppConfig().deployment;
  return useMutation({
    mutationFn: async (units: bigint) => {
      const { send } = await openWallet();
      // The cover hands on the pool's errors.
      const abi = [...parametricCoverAbi, ...coverPoolAbi.filter((item) => item.type === 'error')];
      await send({
        address,
        abi,
        functionName: 'cancel',
        args: [BigInt(policy.policyNumber as string), units],
      });
    },
    onSettled: () => queryClient.invalidateQueries(),
  });
}

/** @throws Error when the contract has something else by the policy's number than the page shows */
async function readCover(chain: PublicClient, address: Address, policy: PartnerPolicy): Promise<CoverState> {
  const { number: blockNumber, timestamp } = await chain.getBlock();
  const contract = { address, abi: parametricCoverAbi, blockNumber } as const;
  const number = BigInt(policy.policyNumber as string);
  const found = await chain
    .readContract({ ...contract, functionName: 'policyOf', args: [number] })
    .catch((error: unknown) => {
      if (isPolicyNotFound(error)) return undefined;
      throw error;
    });
  const time = new Date(Number(timestamp) * 1_000);
  if (!found) return { time, cover: undefined };
  const [{ holder, insuredSteps, riskNumber }, { buyer, unearnedPremium }] = found;
  const risk = await chain.readContract({ ...contract, functionName: 'riskOf', args: [BigInt(riskNumber)] });
  const window = [policy.windowStart, policy.windowEnd].map((text) => Date.parse(text) / 1_000);
  if (
    risk.subject !== subjectWord(policy.subject) ||
    risk.windowStart !== window[0] ||
    risk.windowEnd !== window[1]
  )
    throw new Error(`The contract has another cover than this page shows by the number ${number}.`);
  return { time, cover: { holder, insured: insuredSteps * COVER_STEP, buyer, unearnedPremium } };
}

function isPolicyNotFound(error: unknown): boolean {
  const reverted =
    error instanceof BaseError && error.walk((cause) => cause instanceof ContractFunctionRevertedError);
  return reverted instanceof ContractFunctionRevertedError && reverted.data?.errorName === 'PolicyNotFound';
}
