import { problemsOf } from '../../http/problems.ts';

export const webhookProblems = {
  webhook_endpoint_not_found: {
    status: 404,
    meaning: 'You have no webhook endpoint with this id; it may have been deleted.',
    next: 'List your webhook endpoints to see their ids.',
  },
  webhook_endpoint_limit: {
    status: 422,
    meaning: 'You have as many webhook endpoints as one partner can have.',
    next: 'Delete one that you no longer need.',
  },
  webhook_delivery_not_found: {
    status: 404,
    meaning: 'You have no webhook delivery with this id.',
    next: 'List your webhook deliveries to see their ids.',
  },
} as const;

export const webhookProblem = problemsOf(webhookProblems);
