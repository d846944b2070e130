/** Escrows and policies in the states that are worth a picture, with one wallet that is party of all of them. */
import { createWalletClient, type Hex, http, type PrivateKeyAccount, sha256 } from 'viem';
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts';
import { hardhat } from 'viem/chains';
import { localAccounts } from '../../../scripts/deploy/local.ts';
import type { PartnerClient } from '../../../scripts/start/partner-client.ts';
import { coverPoolAbi } from '../../../services/core/abi/coverPool.ts';
import { stablecoinAbi } from '../../../services/core/abi/stablecoin.ts';
import { observe } from '../../support/observation.ts';
import { until } from '../../support/until.ts';
import { administer, fund } from './money.ts';
import type { Stack } from './stack.ts';

const COIN = 1_000_000n;
const DAY = 86_400;

export interface Trades {
  /** The wallet's key, as the app's test wallet keeps it. */
  key: Hex;
  /** Ids of escrows by what they show. */
  escrows: Record<'open' | 'held' | 'captured' | 'disputed' | 'locked', string>;
}

interface Agreed {
  id: string;
  status: string;
  authorization: { eip3009: { typedData: never } };
}

/** Needs `addInsurance` and `addPartner`. Takes the chain's clock some days further. */
export async function makeTrades(stack: Stack, partner: PartnerClient): Promise<Trades> {
  const key = generatePrivateKey();
  const [trader, other] = [privateKeyToAccount(key), privateKeyToAccount(generatePrivateKey())];
  for (const { address } of [trader, other]) await fund(stack.chain, address, 90_000n * COIN);
  await underwrite(stack, trader);
  await sellPolicies(stack, partner, trader.address);
  return { key, escrows: await makeEscrows(stack, partner, trader, other) };
}

async function underwrite({ chain }: Stack, trader: PrivateKeyAccount): Promise<void> {
  const { deployment, client } = chain;
  const wallet = walletOf(chain.rpcUrl, trader);
  const pool = { address: deployment.coverPool, abi: coverPoolAbi } as const;
  const coin = { address: deployment.stablecoins.USD.address, abi: stablecoinAbi } as const;
  const assets = 25_000n * COIN;
  const included = async (hash: Hex) => client.waitForTransactionReceipt({ hash, pollingInterval: 100 });
  await included(
    await wallet.writeContract({ ...coin, functionName: 'approve', args: [pool.address, assets] }),
  );
  await included(
    await wallet.writeContract({ ...pool, functionName: 'deposit', args: [assets, trader.address] }),
  );
  const shares = await client.readContract({ ...pool, functionName: 'balanceOf', args: [trader.address] });
  await included(await wallet.writeContract({ ...pool, functionName: 'requestRedeem', args: [shares / 5n] }));
}

/** One is paid, while its holder was frozen, so that a credit waits for it; the others are open. */
async function sellPolicies({ chain }: Stack, partner: PartnerClient, holder: Hex): Promise<void> {
  const accounts = () =>
    partner.get<{ items: { id: string; currency: string; balance: { available: { value: string } } }[] }>(
      '/v1/accounts',
    );
  const account = await until('the treasury is funded', async () => {
    const found = (await accounts()).items.find(({ currency }) => currency === 'USD');
    return found && Number(found.balance.available.value) > 0 && found.id;
  });
  const sell = async (product: string, subject: string, days: number, hours: number, more: object = {}) => {
    const { timestamp } = await chain.client.getBlock();
    const start = Math.floor(Number(timestamp) / DAY + days) * DAY + 36_000;
    const cover = {
      ...{ product, subject, insured: { currency: 'USD', value: '1500.00' } },
      ...{ windowStart: time(start), windowEnd: time(start + hours * 3_600) },
    };
    const maxPremium = { currency: 'USD', value: '500.00' };
    const order = { cover, maxPremium, account, holder, ...more };
    const { id } = await partner.post<{ id: string }>('/v1/policies', order);
    await becomes(partner, `/v1/policies/${id}`, 'issued');
    return { id, ...cover };
  };
  const late = await sell('flight-delay', 'FRA:LH400', 2, 4, { reference: 'Trip 4711' });
  await administer(chain, 'freeze', holder);
  await chain.request('evm_increaseTime', [4 * DAY]);
  await chain.request('evm_mine');
  await observe(chain, late, 'flight-delay-minutes', 145n);
  await becomes(partner, `/v1/policies/${late.id}`, 'paid');
  await administer(chain, 'unfreeze', holder);
  await sell('flight-delay', 'PVG:MU553', 3, 6, { reference: 'Trip 4712' });
  await sell('cargo-delay', '095201234567891235', 3, 120);
}

async function makeEscrows(
  { chain }: Stack,
  partner: PartnerClient,
  trader: PrivateKeyAccount,
  other: PrivateKeyAccount,
): Promise<Trades['escrows']> {
  const { timestamp } = await chain.client.getBlock();
  const now = Number(timestamp);
  const [arbiter, feeRecipient] = [
    chain.accounts[localAccounts.admin],
    chain.accounts[localAccounts.operator],
  ];
  const disputable = { arbiter, rulingPeriodSeconds: 2 * DAY, defaultPayeeBps: 5_000 };
  const agree = (payer: PrivateKeyAccount, value: string, over: object) =>
    partner.post<Agreed>('/v1/escrows', {
      ...{ amount: { currency: 'USD', value }, payer: payer.address },
      payee: (payer === trader ? other : trader).address,
      ...{ authorizationExpiry: time(now + 3 * DAY), captureExpiry: time(now + 14 * DAY) },
      ...{ refundExpiry: time(now + 44 * DAY), ...over },
    });
  const act = (id: string, body: object) =>
    partner.post<{ transactions?: { to: Hex; data: Hex }[] }>(`/v1/escrows/${id}/actions`, body);
  const becomesOf = (id: string, status: string) => becomes(partner, `/v1/escrows/${id}`, status);
  /** Only then the next action may be asked for. */
  const happens = (id: string, state: string) =>
    until(`${state} of ${id}`, async () => {
      const { events } = await partner.get<{ events: { state: string }[] }>(`/v1/escrows/${id}`);
      return events.some((event) => event.state === state);
    });
  const hold = async (payer: PrivateKeyAccount, value: string, over: object) => {
    const { id, authorization } = await agree(payer, value, over);
    const signature = await payer.signTypedData(authorization.eip3009.typedData);
    await act(id, { action: 'authorize', way: 'eip3009', signature });
    await becomesOf(id, 'authorized');
    await happens(id, 'authorize_final');
    return id;
  };

  const captured = await hold(other, '3180.50', { operator: 'corridor' });
  await act(captured, { action: 'capture' });
  await becomesOf(captured, 'captured');
  const held = await hold(trader, '18400.00', {
    operator: 'corridor',
    ...{ minFeeBps: 25, maxFeeBps: 50, feeRecipient },
    releaseRules: releaseRules(now),
  });
  await act(held, { action: 'capture', amount: '4600.00' });
  await happens(held, 'capture_final');
  const disputed = await hold(trader, '7250.00', disputable);
  const { transactions = [] } = await act(disputed, { action: 'dispute', by: 'payee' });
  const wallet = walletOf(chain.rpcUrl, other);
  for (const { to, data } of transactions) await wallet.sendTransaction({ to, data });
  await becomesOf(disputed, 'disputed');
  const split = {
    ...{ action: 'release', payeeAmount: '5000.00', payerAmount: '2250.00' },
    deadline: time(now + 7 * DAY),
  };
  const { typedData } = await partner.post<{ typedData: never }>(`/v1/escrows/${disputed}/actions`, split);
  await act(disputed, { ...split, payeeSignature: await other.signTypedData(typedData) });
  const locked = await hold(other, '960.00', { hashLock: sha256(sha256('0x4711')) });
  const { id: open } = await agree(trader, '12500.00', {
    ...{ milestones: ['5000.00', '7500.00'], minFeeBps: 25, maxFeeBps: 25, feeRecipient },
    ...disputable,
  });
  return { open, held, captured, disputed, locked };
}

function releaseRules(now: number): object[] {
  const window = { windowStart: time(now), windowEnd: time(now + 7 * DAY) };
  const shipment = { feed: 'shipment-delay-minutes', subject: '340123450000000018', ...window, atMost: '60' };
  return [
    { when: { type: 'observation', ...shipment }, do: { capture: 'all' } },
    { when: { type: 'bank_payout', amount: '9200.00' }, do: { capture: '9200.00' } },
    { when: { type: 'time', at: time(now + 8 * DAY) }, do: { capture: '2300.00', void: true } },
  ];
}

async function becomes(partner: PartnerClient, path: string, status: string): Promise<void> {
  await until(
    `${path} is ${status}`,
    async () => (await partner.get<{ status: string }>(path)).status === status,
    120_000,
  );
}

function walletOf(rpcUrl: string, account: PrivateKeyAccount) {
  return createWalletClient({ account, chain: hardhat, transport: http(rpcUrl) });
}

const time = (seconds: number) => new Date(seconds * 1_000).toISOString().replace('.000Z', 'Z');
