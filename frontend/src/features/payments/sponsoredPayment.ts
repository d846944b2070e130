import { useQuery } from '@tanstack/react-query';
import {
  type Account,
  bytesToHex,
  type Chain,
  type PublicClient,
  type Transport,
  type WalletClient,
} from 'viem';
import { authorizationTypedData } from '../../../../services/core/evm/authorization.ts';
import { formatMoney } from '../../../../services/core/money.ts';
import { useAppConfig } from '../../lib/appConfig.ts';
import { POLL_MS } from '../../lib/chain.ts';
import { askSandbox, askSandboxJson } from '../../lib/sandbox.ts';
import type { PaymentOrder } from './sendPayment.ts';

const VALID_SECONDS = 20n * 60n;
const PATH = '/partner/authorized-payments';

/** What the wallet signed, as the settlement API takes it. The same words again are the same payment. */
export type SignedOrder = string;

interface Signer {
  chain: PublicClient;
  wallet: WalletClient<Transport, Chain, Account>;
  router: `0x${string}`;
}

/** Lets the wallet sign the payment as typed data (EIP-3009): no transaction, so no ETH is needed. */
export async function signOrder(
  { coin, recipient, units, reference }: PaymentOrder,
  { chain, wallet, router }: Signer,
): Promise<SignedOrder> {
  const payer = wallet.account.address;
  const [{ domain }, block] = await Promise.all([
    chain.getEip712Domain({ address: coin.address }),
    chain.getBlock(),
  ]);
  const transfer = {
    payer,
    recipient,
    amount: units,
    paymentReference: reference,
    validAfter: 0n,
    // The chain's clock counts, not this computer's.
    validBefore: block.timestamp + VALID_SECONDS,
    salt: bytesToHex(crypto.getRandomValues(new Uint8Array(32))),
  };
  const contracts = { chainId: wallet.chain.id, token: coin.address, coinName: domain.name, router };
  const signature = await wallet.signTypedData(authorizationTypedData(contracts, transfer));
  const time = (seconds: bigint) => new Date(Number(seconds) * 1_000).toISOString().replace('.000Z', 'Z');
  const { amount, validAfter, validBefore, ...rest } = transfer;
  return JSON.stringify({
    ...rest,
    amount: { currency: coin.currency, value: formatMoney({ currency: coin.currency, units: amount }) },
    validAfter: time(validAfter),
    validBefore: time(validBefore),
    signature,
  });
}

/** Hands a signed payment in. It may be done again when no answer came: it is taken once. @returns its id, `aup_...` */
export async function handIn(sandboxUrl: string, body: SignedOrder): Promise<string> {
  const headers = { 'content-type': 'application/json' };
  const answer = await askSandbox(sandboxUrl, PATH, { method: 'POST', headers, body });
  return ((await answer.json()) as SponsoredPayment).id;
}

/** The settlement API's object, as far as the app shows it. */
export interface SponsoredPayment {
  id: string;
  status: 'accepted' | 'processing' | 'settled' | 'failed';
  reason?: { code: 'expired' | 'cancelled' | 'used_elsewhere'; detail: string };
  amount: { currency: string; value: string };
  recipient: string;
  transactionHash?: `0x${string}`;
}

/** Follows a handed-in payment until it has ended. */
export function useSponsoredPayment(id: string) {
  const { sandboxUrl } = useAppConfig();
  return useQuery({
    queryKey: ['sponsoredPayment', id],
    queryFn: () =>
      askSandboxJson<SponsoredPayment>(sandboxUrl as string, `${PATH}/${encodeURIComponent(id)}`),
    enabled: sandboxUrl !== null,
    refetchInterval: ({ state }) =>
      state.data?.status === 'settled' || state.data?.status === 'failed' ? false : POLL_MS,
  });
}
