import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import type { Address, Hex } from 'viem';
import { useAppConfig } from '../../lib/appConfig.ts';
import { askSandbox, askSandboxJson } from '../../lib/sandbox.ts';

/** The settlement API's object, as far as the app shows it. Amounts are decimal strings, times RFC 3339. */
export interface Escrow {
  id: string;
  status: string;
  contract: Address;
  escrowId: Hex;
  amount: { currency: string; value: string };
  terms: {
    payer: Address;
    payee: Address;
    token: Address;
    operator: Address | null;
    authorizationExpiry: string;
    captureExpiry: string;
    refundExpiry: string;
    minFeeBps: number;
    maxFeeBps: number;
    feeRecipient: Address | null;
    arbiter: Address | null;
    rulingPeriodSeconds: number;
    defaultPayeeBps: number;
    hashLock: Hex | null;
    salt: Hex;
    milestones: string[];
  };
  balances: Record<'authorized' | 'capturable' | 'captured' | 'returned' | 'refunded', string>;
  rulingDeadline: string | null;
  releaseRules: ReleaseRule[];
  releases: Offer[];
  credits: Credit[];
  bankReference: string;
  createdAt: string;
  events?: EscrowEvent[];
}

/** What could not be received; `withdrawnAt` is null as long as it waits. */
export interface Credit {
  account: Address;
  amount: { value: string };
  withdrawnAt: string | null;
}

/** A split that one party has signed. */
export interface Offer {
  signedBy: 'payer' | 'payee';
  payeeAmount: string;
  payerAmount: string;
  feeBps: number;
  deadline: string;
}

export interface ReleaseRule {
  when: { type: 'time' | 'bank_payout' | 'observation' } & Record<string, string>;
  do: { capture?: string; void?: boolean };
  heldAtBlock: number | null;
  isDone: boolean;
  failure: string | null;
}

export interface EscrowEvent {
  at: string;
  state: string;
  detail: Record<string, string | number>;
}

/** What both parties see changes by what others do, so it is asked again and again. */
const REFRESH_MS = 2_000;

/** The escrows in which the account is payer, payee or arbiter, newest first. */
export function useEscrows(account: Address | undefined) {
  const { sandboxUrl } = useAppConfig();
  return useInfiniteQuery({
    queryKey: ['escrows', account],
    queryFn: ({ pageParam }) => {
      const query = new URLSearchParams({ limit: '25', party: account as Address });
      if (pageParam) query.set('cursor', pageParam);
      const path = `/partner/escrows?${query}`;
      return askSandboxJson<{ items: Escrow[]; nextCursor: string | null }>(sandboxUrl as string, path);
    },
    initialPageParam: '',
    getNextPageParam: (page) => page.nextCursor,
    enabled: sandboxUrl !== null && account !== undefined,
    refetchInterval: REFRESH_MS,
  });
}

export function useEscrow(id: string) {
  const { sandboxUrl } = useAppConfig();
  return useQuery({
    queryKey: ['escrow', id],
    queryFn: () => askSandboxJson<Escrow>(sandboxUrl as string, pathOf(id)),
    enabled: sandboxUrl !== null,
    refetchInterval: REFRESH_MS,
  });
}

/** What a party signed, as the settlement API takes it. The same words again are the same request. */
export interface SignedAction {
  id: string;
  attempt: string;
  body: string;
}

/** Hands in what a party signed. It may be done again when no answer came: it is taken once. */
export async function handIn(sandboxUrl: string, { id, attempt, body }: SignedAction): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const path = `${pathOf(id)}/actions?attempt=${attempt}`;
  await askSandbox(sandboxUrl, path, { method: 'POST', headers, body });
}

const pathOf = (id: string) => `/partner/escrows/${encodeURIComponent(id)}`;
