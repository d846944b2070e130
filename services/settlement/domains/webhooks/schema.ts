import { z } from 'zod';
import { isIdentifier } from '../../../core/identifier.ts';
import { rule } from '../../http/faults.ts';
import { pageQuery } from '../../http/requests.ts';
import { webhookTypes } from './outbox.ts';

const time = z.iso.datetime();

/**
 * Body of POST /v1/webhook-endpoints. Where the name leads is checked at every attempt, when it is resolved: an answer
 * of today's DNS proves nothing about tomorrow's.
 */
export const newWebhookEndpoint = (allowPrivate: boolean) =>
  z
    .strictObject({
      url: z
        .string()
        .max(2000)
        .meta({
          description: 'Public https address that takes the POST.',
          example: 'https://bank.example/corridor',
        })
        .transform((text, context) => {
          const url = URL.parse(text);
          if (url && !url.username && !url.password && !url.hash && isAllowed(url, allowPrivate))
            return url.href;
          context.addIssue(rule('url_invalid', 'an absolute https URL without user, password and fragment'));
          return z.NEVER;
        }),
    })
    .meta({ id: 'NewWebhookEndpoint' });

function isAllowed({ protocol }: URL, allowPrivate: boolean): boolean {
  return protocol === 'https:' || (allowPrivate && protocol === 'http:');
}

export const webhookEndpoint = z
  .strictObject({ id: z.string().regex(/^whe_[0-9a-f]{32}$/), url: z.string(), createdAt: time })
  .meta({ id: 'WebhookEndpoint' });

export type WebhookEndpoint = z.output<typeof webhookEndpoint>;

export const webhookEndpointWithSecret = webhookEndpoint
  .extend({
    secret: z.string().startsWith('whsec_').meta({
      description: 'Signs the webhooks (Standard Webhooks, HMAC-SHA256). Shown in this answer only: keep it.',
    }),
  })
  .meta({ id: 'WebhookEndpointWithSecret' });

export type WebhookEndpointWithSecret = z.output<typeof webhookEndpointWithSecret>;

export const deliveryStates = ['pending', 'delivered', 'exhausted'] as const;

export const deliveryQuery = pageQuery.extend({
  state: z.enum(deliveryStates).optional(),
  endpointId: z.string().refine(isIdentifier, 'the id of an endpoint').optional(),
  paymentId: z.string().refine(isIdentifier, 'the id of a payment').optional(),
});

export const webhookDelivery = z
  .strictObject({
    id: z.string().regex(/^dlv_[0-9a-f]{32}$/),
    messageId: z.string().meta({ description: 'The `webhook-id` of every attempt.' }),
    endpointId: z.string(),
    type: z.enum(webhookTypes),
    paymentId: z.string().nullable(),
    state: z
      .enum(deliveryStates)
      .meta({ description: '`exhausted`: given up; resend it when you are ready.' }),
    attempts: z.int().meta({ description: 'Attempts so far in the present retry schedule.' }),
    nextAttemptAt: time.nullable(),
    lastStatus: z
      .int()
      .nullable()
      .meta({ description: 'HTTP status of the last answer; null when there was none.' }),
    lastError: z.string().nullable(),
    createdAt: time,
    deliveredAt: time.nullable(),
  })
  .meta({ id: 'WebhookDelivery' });

export type WebhookDelivery = z.output<typeof webhookDelivery>;

export const webhookDeliveryWithLog = webhookDelivery
  .extend({
    body: z.string().meta({ description: 'The signed body, to the byte.' }),
    log: z.array(
      z.strictObject({
        at: time,
        status: z.int().nullable(),
        error: z.string().nullable(),
        durationMs: z.int(),
      }),
    ),
  })
  .meta({ id: 'WebhookDeliveryWithLog' });

export type WebhookDeliveryWithLog = z.output<typeof webhookDeliveryWithLog>;
