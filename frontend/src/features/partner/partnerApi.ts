import {
  type InfiniteData,
  type UseInfiniteQueryResult,
  type UseQueryResult,
  useInfiniteQuery,
  useQuery,
} from '@tanstack/react-query';
import { useAppConfig } from '../../lib/appConfig.ts';
import { askSandboxJson } from '../../lib/sandbox.ts';

export interface Amount {
  currency: string;
  value: string;
}

/** The settlement API's objects, as far as the app shows them. Amounts are decimal strings, times RFC 3339. */
export interface PartnerPayment {
  id: string;
  endToEndId: string;
  status: string;
  state: string;
  reason?: { code: string; detail: string };
  amount: Amount;
  debtorAccount: string;
  creditor: { name: string; account: { scheme: string; identification: string } };
  remittanceInformation?: string;
  paymentBatchId?: string;
  sequence?: number;
  transactionHash?: string;
  blockNumber?: number;
  createdAt: string;
  events?: TimelineEvent[];
}

export interface PartnerPolicy {
  id: string;
  status: string;
  reason?: { code: string; detail: string };
  product: string;
  subject: string;
  windowStart: string;
  windowEnd: string;
  insured: Amount;
  premium?: Amount;
  refundCredit?: Amount;
  holder: string;
  reference?: string;
  cancellableUntil: string;
  policyNumber?: string;
  transactionHash?: string;
  claim?: {
    status: string;
    observation?: string;
    payoutPercent?: string;
    amount: Amount;
    credit?: Amount;
    paidTransactionHash?: string;
  };
  events?: TimelineEvent[];
}

export interface TimelineEvent {
  at: string;
  state: string;
  detail: Record<string, string | number>;
}

export interface PartnerAccount {
  id: string;
  currency: string;
  balance: { posted: Amount; held: Amount; available: Amount };
}

export interface Reconciliation {
  latest: { blockNumber: number; accountsChecked: number; breaks: number; at: string } | null;
  breaks: {
    id: string;
    kind: string;
    accountId: string | null;
    observed: Amount;
    expected: Amount;
    openedAt: string;
  }[];
}

export interface Webhook {
  id: string;
  type: string;
  timestamp: string;
  receivedAt: string;
  attempts: number;
  data: { id?: string; endToEndId?: string; subject?: string } | null;
}

interface Page<Item> {
  items: Item[];
  nextCursor: string | null;
}

/** All that is seen here changes by itself, so it is asked again and again. */
export const REFRESH_MS = 2_500;

export function usePartnerPayments(status: string) {
  return usePages<PartnerPayment>('/partner/payments', status);
}

export function usePartnerPolicies(status: string) {
  return usePages<PartnerPolicy>('/partner/policies', status);
}

export type PartnerPages<Item> = UseInfiniteQueryResult<InfiniteData<Page<Item>>>;

/** A list of the partner's, newest first; of one status unless that is empty. */
function usePages<Item>(path: string, status: string): PartnerPages<Item> {
  const sandboxUrl = useSandboxUrl();
  return useInfiniteQuery({
    queryKey: ['partner-pages', path, status],
    queryFn: ({ pageParam }) => {
      const query = new URLSearchParams({ limit: '25' });
      if (status) query.set('status', status);
      if (pageParam) query.set('cursor', pageParam);
      return askSandboxJson<Page<Item>>(sandboxUrl, `${path}?${query}`);
    },
    initialPageParam: '',
    getNextPageParam: (page) => page.nextCursor,
    refetchInterval: REFRESH_MS,
    placeholderData: (previous) => previous,
  });
}

export function usePartnerPayment(id: string) {
  return usePartner<PartnerPayment>(`/partner/payments/${encodeURIComponent(id)}`);
}

export function usePartnerPolicy(id: string) {
  return usePartner<PartnerPolicy>(`/partner/policies/${encodeURIComponent(id)}`);
}

export function usePartnerAccounts() {
  return usePartner<Page<PartnerAccount>>('/partner/accounts');
}

export function useReconciliation() {
  return usePartner<Reconciliation>('/partner/reconciliation');
}

/** The webhooks that the sandbox verified, newest first; of one payment or policy when its id is given. */
export function useWebhooks(paymentId?: string) {
  const query = paymentId ? `?paymentId=${encodeURIComponent(paymentId)}` : '';
  return usePartner<{ webhooks: Webhook[]; refused: number }>(`/webhooks${query}`);
}

export function useSandboxUrl(): string {
  const { sandboxUrl } = useAppConfig();
  if (sandboxUrl === null) throw new Error('This installation has no sandbox');
  return sandboxUrl;
}

function usePartner<Answer>(path: string): UseQueryResult<Answer> {
  const sandboxUrl = useSandboxUrl();
  return useQuery({
    queryKey: ['partner', path],
    queryFn: () => askSandboxJson<Answer>(sandboxUrl, path),
    refetchInterval: REFRESH_MS,
  });
}
