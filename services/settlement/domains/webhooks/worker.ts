import { healthOf } from '../../../platform/health.ts';
import { Counter } from '../../../platform/metrics.ts';
import { listenForNotifications } from '../../../platform/notifications.ts';
import { startWorker } from '../../../platform/worker.ts';
import type { SettlementContext, Stoppable } from '../../context.ts';
import { WEBHOOK_CHANNEL } from './outbox.ts';
import { type ClaimedDelivery, claimDeliveries, recordAttempt } from './queue.ts';
import { createSender } from './send.ts';

const AT_ONCE = 64;
const PER_ENDPOINT = 8;
const PER_PARTNER = 16;
const POLL_MS = 500;
/** The lease outlives the longest attempt by this much. */
const LEASE_MARGIN_SECONDS = 5;
/** Retries are spread by up to this part of their pause, so that a receiver that comes back is not overrun. */
const JITTER = 0.2;

/**
 * Sends webhooks until stopped; any number of processes may. An attempt cut off by a stop or a crash is made again
 * when its lease ends: receivers see messages at least once and know them by `webhook-id`.
 */
export function startWebhookWorker({ database, config, log, metrics }: SettlementContext): Stoppable {
  const send = createSender({
    allowPrivate: config.WEBHOOK_ALLOW_PRIVATE,
    timeoutMs: config.WEBHOOK_TIMEOUT_MS,
  });
  const attempted = new Counter({
    name: 'webhook_attempts_total',
    help: 'Attempts to deliver a webhook, by outcome.',
    labelNames: ['outcome'],
    registers: [metrics],
  });
  const stopping = new AbortController();
  const underWay = new Set<Promise<void>>();

  const attempt = async (delivery: ClaimedDelivery) => {
    const outcome = await send(delivery, stopping.signal);
    if (stopping.signal.aborted && !outcome.delivered) return; // cut off by us: not the receiver's failure
    const pause = config.WEBHOOK_RETRY_SECONDS[delivery.attempts];
    const retryIn = pause === undefined ? undefined : pause * (1 + JITTER * (2 * Math.random() - 1));
    const state = await recordAttempt(database, delivery, outcome, retryIn);
    attempted.inc({
      outcome: outcome.delivered ? 'delivered' : state === 'exhausted' ? 'exhausted' : 'failed',
    });
    if (!outcome.delivered) {
      const { id, messageId } = delivery;
      log.warn({ deliveryId: id, messageId, state, ...outcome }, 'a webhook was not delivered');
    }
  };

  const worker = startWorker('webhooks', POLL_MS, healthOf({ metrics, log }), async () => {
    const free = AT_ONCE - underWay.size;
    if (free === 0) return false;
    const claimed = await claimDeliveries(database, {
      count: free,
      perEndpoint: PER_ENDPOINT,
      perPartner: PER_PARTNER,
      leaseSeconds: config.WEBHOOK_TIMEOUT_MS / 1000 + LEASE_MARGIN_SECONDS,
    });
    for (const delivery of claimed) {
      const running: Promise<void> = attempt(delivery)
        .catch((error: unknown) => {
          // Not recorded: the lease ends and the attempt is made again.
          log.error({ err: error, deliveryId: delivery.id }, 'the outcome of a webhook could not be stored');
        })
        .finally(() => {
          underWay.delete(running);
          worker.wake();
        });
      underWay.add(running);
    }
    return claimed.length > 0;
  });
  const notifications = listenForNotifications(config.DATABASE_URL, WEBHOOK_CHANNEL, log, worker.wake);

  return {
    async stop() {
      stopping.abort();
      await Promise.all([worker.stop(), notifications.stop()]);
      await Promise.all(underWay);
    },
  };
}
