import type { Operation } from '../../http/operation.ts';
import { pageSchema } from '../../http/requests.ts';
import {
  deliveryQuery,
  newWebhookEndpoint,
  webhookDelivery,
  webhookDeliveryWithLog,
  webhookEndpoint,
  webhookEndpointWithSecret,
} from './schema.ts';

const tag = 'Webhooks';

/** The routes of webhooks described. */
export const webhookOperations: readonly Operation[] = [
  {
    method: 'post',
    path: '/v1/webhook-endpoints',
    tag,
    summary: 'Register a webhook endpoint',
    description: 'Every message from now on is sent to it, signed by the secret of the answer.',
    request: { 'application/json': newWebhookEndpoint(false) },
    answer: {
      status: 201,
      description: 'Registered.',
      body: { 'application/json': webhookEndpointWithSecret },
    },
    problems: ['webhook_endpoint_limit'],
  },
  {
    method: 'get',
    path: '/v1/webhook-endpoints',
    tag,
    summary: 'List webhook endpoints, newest first',
    answer: {
      status: 200,
      description: 'All of them.',
      body: { 'application/json': pageSchema(webhookEndpoint) },
    },
  },
  {
    method: 'post',
    path: '/v1/webhook-endpoints/{id}/rotate-secret',
    tag,
    summary: 'Change the secret of an endpoint',
    description: 'For 24 hours messages carry a signature of the new and one of the previous secret.',
    answer: {
      status: 200,
      description: 'The new secret.',
      body: { 'application/json': webhookEndpointWithSecret },
    },
    problems: ['webhook_endpoint_not_found'],
  },
  {
    method: 'delete',
    path: '/v1/webhook-endpoints/{id}',
    tag,
    summary: 'Delete a webhook endpoint',
    description: 'Messages that it has not received yet are given up.',
    answer: { status: 204, description: 'Deleted.' },
    problems: ['webhook_endpoint_not_found'],
  },
  {
    method: 'get',
    path: '/v1/webhook-deliveries',
    tag,
    summary: 'List webhook deliveries, newest first',
    query: deliveryQuery,
    answer: {
      status: 200,
      description: 'A page of deliveries.',
      body: { 'application/json': pageSchema(webhookDelivery) },
    },
  },
  {
    method: 'get',
    path: '/v1/webhook-deliveries/{id}',
    tag,
    summary: 'Show a webhook delivery with its body and every attempt',
    answer: {
      status: 200,
      description: 'The delivery.',
      body: { 'application/json': webhookDeliveryWithLog },
    },
    problems: ['webhook_delivery_not_found'],
  },
  {
    method: 'post',
    path: '/v1/webhook-deliveries/{id}/resend',
    tag,
    summary: 'Send a webhook again',
    description: 'At once, then by the whole retry schedule; the webhook-id stays the same.',
    answer: {
      status: 202,
      description: 'It will be sent.',
      body: { 'application/json': webhookDeliveryWithLog },
    },
    problems: ['webhook_delivery_not_found', 'webhook_endpoint_not_found'],
  },
];
