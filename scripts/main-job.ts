/**
 * The main job that `npm start` shows: a partner sends a file of supplier payments (ISO 20022 pain.001) and follows each
 * payment until it is final, through the same API and with the same signatures as any other partner.
 */
import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Account } from '../services/settlement/domains/accounts/schema.ts';
import type { Payment, PaymentBatch } from '../services/settlement/domains/payments/schema.ts';
import { root } from './command.ts';
import { openDemoPartner, setWebhookSecret } from './start/demo-partner.ts';
import { PartnerClient } from './start/partner-client.ts';
import { checkReconciliation } from './start/reconciliation.ts';
import { showOutcome, showPayments } from './start/show-payments.ts';
import { paint, say, shownPath, step } from './start/terminal.ts';
import { until } from './start/until.ts';
import { countsByType, readInbox, webhookLine } from './start/webhooks.ts';

const FILE = 'examples/supplier-payments.xml';
const WEBHOOKS_SHOWN = 3;

export interface MainJob {
  databaseUrl: string;
  rpcUrl: string;
  deploymentFile: string;
  urls: { settlement: string; sandbox: string };
  /** Where the demo partner's key and webhook secret are kept. */
  partnerFile: string;
  /** Where the reports are written. */
  folder: string;
}

/** What the partner has when its file is through. */
export interface MainJobDone {
  client: PartnerClient;
  accounts: Account[];
  payments: Payment[];
}

/** @throws when a payment has not ended in time, a webhook did not come, or the books do not agree with the chain. */
export async function runMainJob(job: MainJob): Promise<MainJobDone> {
  let client!: PartnerClient;
  let accounts: Account[] = [];
  await step('Demo partner: key, accounts, beneficiaries', async () => {
    client = new PartnerClient(job.urls.settlement, await openDemoPartner(job));
    const endpoint = await client.post<{ secret: string }>('/v1/webhook-endpoints', {
      url: `${job.urls.sandbox}/webhooks`,
    });
    setWebhookSecret(job.partnerFile, endpoint.secret);
    const beneficiaries = JSON.parse(
      readFileSync(path.join(root, 'examples/beneficiaries.json'), 'utf8'),
    ) as unknown[];
    await registerBeneficiaries(client, beneficiaries);
    accounts = await untilFunded(client);
    return `${beneficiaries.length} beneficiaries; ${accounts.map((a) => `${a.balance.available.value} ${a.currency}`).join(', ')}`;
  });

  const body = readFileSync(path.join(root, FILE));
  const idempotencyKey = randomUUID();
  const send = () =>
    client.request('POST', '/v1/payment-batches', { body, contentType: 'application/xml', idempotencyKey });
  const batch = (await (await send()).json()) as PaymentBatch;
  say(
    `\n${paint.strong(FILE)} sent: ${batch.id}, ${batch.count} payments, ${batch.accepted} accepted, ${batch.rejected} rejected (${batch.groupStatus}).`,
  );
  const repeated = await send();
  const again = (await repeated.json()) as { id: string };
  if (again.id !== batch.id || repeated.headers.get('idempotency-hit') !== 'true')
    throw new Error(`The same request with the same Idempotency-Key made ${again.id} beside ${batch.id}.`);
  say(
    `Sent once more with the same Idempotency-Key: ${again.id} again (Idempotency-Hit: true), nothing new.\n`,
  );

  const payments = await follow(client, job.urls.sandbox, batch);
  showOutcome(payments);
  await writeReports(client, batch.id, accounts, job.folder);
  await checkWebhooks(job.urls.sandbox, payments);
  // At a block not before the last payment's.
  await checkReconciliation(client, Math.max(...payments.map(({ blockNumber }) => blockNumber ?? 0)));
  return { client, accounts, payments };
}

async function registerBeneficiaries(client: PartnerClient, beneficiaries: unknown[]): Promise<void> {
  const known = new Set((await pages<{ iban: string }>(client, '/v1/beneficiaries')).map(({ iban }) => iban));
  for (const beneficiary of beneficiaries as { iban: string }[])
    if (!known.has(beneficiary.iban)) await client.post('/v1/beneficiaries', beneficiary);
}

/** The treasury's money counts once the ledger has followed the chain to the block that brought it, and that is final. */
async function untilFunded(client: PartnerClient): Promise<Account[]> {
  return until('the treasury to be funded', async () => {
    const accounts = await pages<Account>(client, '/v1/accounts');
    return accounts.length > 0 && accounts.every(({ balance }) => Number(balance.available.value) > 0)
      ? accounts
      : undefined;
  });
}

async function follow(
  client: PartnerClient,
  sandbox: string,
  { id, count }: PaymentBatch,
): Promise<Payment[]> {
  const show = showPayments(count);
  return until('every payment to end', async () => {
    const newestFirst = await pages<Payment>(client, `/v1/payments?paymentBatchId=${id}`);
    const payments = newestFirst.reverse();
    show(payments, countsByType((await readInbox(sandbox)).webhooks));
    const ended = payments.filter(({ status }) => ['settled', 'failed', 'returned'].includes(status));
    return ended.length === count ? payments : undefined;
  });
}

async function writeReports(
  client: PartnerClient,
  batchId: string,
  accounts: Account[],
  folder: string,
): Promise<void> {
  const reports = path.join(folder, 'reports');
  mkdirSync(reports, { recursive: true });
  const write = (name: string, text: string) => {
    writeFileSync(path.join(reports, name), text);
    say(`  ${shownPath(path.join(reports, name))}`);
  };
  say('\nReports for the partner:');
  write('pain.002.xml', await client.text(`/v1/payment-batches/${batchId}/pain.002`));
  const today = new Date().toISOString().slice(0, 10);
  for (const { id, currency } of accounts)
    write(`camt.053-${currency}.xml`, await client.text(`/v1/accounts/${id}/statement?date=${today}`));
}

/** Every payment's last webhook has come to the partner, signed. */
async function checkWebhooks(sandbox: string, payments: Payment[]): Promise<void> {
  const { webhooks, refused } = await until('the webhooks', async () => {
    const inbox = await readInbox(sandbox);
    const ended = new Set(
      inbox.webhooks
        .filter(({ type }) => /settled|failed|returned/.test(type))
        .map(({ data }) => (data as Payment).id),
    );
    return payments.every(({ id }) => ended.has(id)) ? inbox : undefined;
  });
  say(
    `\nWebhooks: ${webhooks.length} verified by the sandbox, ${refused} refused (${countsByType(webhooks)}), at last`,
  );
  for (const webhook of webhooks.slice(0, WEBHOOKS_SHOWN).reverse()) say(webhookLine(webhook));
}

/** Reads a whole list, page by page. */
async function pages<Item>(client: PartnerClient, path: string): Promise<Item[]> {
  const items: Item[] = [];
  let cursor: string | null | undefined;
  do {
    const query = `${path.includes('?') ? '&' : '?'}limit=200${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`;
    const page = await client.get<{ items: Item[]; nextCursor?: string | null }>(path + query);
    items.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor);
  return items;
}
