/** Shows the webhooks that the sandbox has verified: its inbox holds no others. */
import type { VerifiedWebhook } from '../../services/sandbox/domains/webhooks/inbox.ts';
import { paint, say } from './terminal.ts';

const LOOK_MS = 1_000;
/** Most webhooks that one look shows a line each; more come as a count, as after a file of thousands. */
const LINES_A_LOOK = 50;

export interface Inbox {
  /** Newest first. */
  webhooks: VerifiedWebhook[];
  refused: number;
}

/** @param limit How many of the newest to read; all without it. */
export async function readInbox(sandbox: string, limit?: number): Promise<Inbox> {
  const answer = await fetch(`${sandbox}/webhooks${limit ? `?limit=${limit}` : ''}`, {
    signal: AbortSignal.timeout(10_000),
  });
  if (!answer.ok) throw new Error(`The sandbox answered ${answer.status} at /webhooks.`);
  return (await answer.json()) as Inbox;
}

/** Such as `1 payment.returned, 32 payment.settled`. */
export function countsByType(webhooks: VerifiedWebhook[]): string {
  return Object.entries(Object.groupBy(webhooks, ({ type }) => type))
    .map(([type, some]) => `${some?.length} ${type}`)
    .sort()
    .join(', ');
}

export function webhookLine({ id, type, data }: VerifiedWebhook): string {
  const paymentId = (data as { id?: string } | null)?.id ?? '';
  return `  ${paint.good('✓')} webhook ${type.padEnd(18)} ${paymentId} ${paint.quiet(id)}`;
}

/**
 * Prints a line for each webhook that is verified from now on.
 * @param known the newest webhook that was shown before.
 * @returns how to stop it.
 */
export function followWebhooks(sandbox: string, known: VerifiedWebhook | undefined): () => Promise<void> {
  let newestId = known?.id;
  let looking = Promise.resolve();
  const look = async () => {
    const { webhooks } = await readInbox(sandbox, LINES_A_LOOK + 1);
    const shown = webhooks.findIndex(({ id }) => id === newestId);
    const fresh = shown < 0 ? webhooks : webhooks.slice(0, shown);
    newestId = webhooks[0]?.id ?? newestId;
    if (fresh.length > LINES_A_LOOK) say(`  More than ${LINES_A_LOOK} webhooks at once; the newest of them:`);
    for (const webhook of fresh.slice(0, LINES_A_LOOK).reverse()) say(webhookLine(webhook));
  };
  let isAway = false;
  const timer = setInterval(() => {
    looking = looking.then(look).then(
      () => {
        isAway = false;
      },
      (error: Error) => {
        if (!isAway) say(paint.warn(`The sandbox's webhooks cannot be read now: ${error.message}`));
        isAway = true;
      },
    );
  }, LOOK_MS);
  return async () => {
    clearInterval(timer);
    await looking;
  };
}
