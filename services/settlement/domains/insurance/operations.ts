/** The routes of insurance, described. */
import { z } from 'zod';
import { eventsProofSchema } from '../../../core/evm/eventsProofFile.ts';
import type { Operation } from '../../http/operation.ts';
import { pageSchema } from '../../http/requests.ts';
import { cancellationQuery, cancellationSchema } from './cancellation.ts';
import { poolSchema } from './pool.ts';
import {
  claimQuery,
  claimSchema,
  documentQuery,
  policyBatchRequestSchema,
  policyBatchSchema,
  policyQuery,
  policyRequestSchema,
  policySchema,
  productSchema,
  quoteRequestSchema,
  quoteSchema,
} from './schema.ts';
import {
  underwriterQuery,
  underwriterSchema,
  underwritingQuery,
  underwritingSchema,
} from './underwriters.ts';

const tag = 'Insurance';
const refusals = ['cover_refused', 'insurance_unavailable', 'chain_unavailable'];
const json = (schema: z.ZodType) => ({ 'application/json': schema });

export const insuranceOperations: Operation[] = [
  {
    method: 'get',
    path: '/v1/insurance/products',
    tag,
    summary: 'List the products',
    answer: {
      status: 200,
      description: 'All that are offered.',
      body: json(z.strictObject({ items: z.array(productSchema) })),
    },
  },
  {
    method: 'get',
    path: '/v1/insurance/pool',
    tag,
    summary: 'Show the pool: capital, capacity, exposure and loss ratio by product',
    answer: { status: 200, description: 'As of a block.', body: json(poolSchema) },
    problems: ['chain_unavailable'],
  },
  {
    method: 'get',
    path: '/v1/insurance/pool/underwriter',
    tag,
    summary: 'Show what a wallet has in the pool',
    query: underwriterQuery,
    answer: { status: 200, description: 'As of a block.', body: json(underwriterSchema) },
    problems: ['chain_unavailable'],
  },
  {
    method: 'get',
    path: '/v1/insurance/pool/underwriter/transactions',
    tag,
    summary: 'Prepare a deposit or a withdrawal',
    description:
      'Whoever has the wallet signs and sends them. A deposit and a withdrawal have a bound, so that a price that moves meanwhile takes at most 0.5 %.',
    query: underwritingQuery,
    answer: { status: 200, description: 'The transactions.', body: json(underwritingSchema) },
    problems: ['underwriting_refused', 'chain_unavailable'],
  },
  {
    method: 'post',
    path: '/v1/quotes/insurance',
    tag,
    summary: 'Ask what cover costs',
    description:
      'The price is the contract’s own, at a block. What could not be bought is refused, with every fault and its place.',
    request: json(quoteRequestSchema),
    answer: { status: 201, description: 'The quote.', body: json(quoteSchema) },
    problems: refusals,
  },
  {
    method: 'post',
    path: '/v1/policies',
    tag,
    summary: 'Buy cover for a customer',
    description:
      "By a quote, or by cover and maxPremium. The account pays; the holder's wallet is paid, without a claim, when the oracle has observed what is insured.",
    request: json(policyRequestSchema),
    answer: { status: 201, description: 'The policy, accepted.', body: json(policySchema) },
    problems: ['policies_open', ...refusals],
  },
  {
    method: 'post',
    path: '/v1/policy-batches',
    tag,
    summary: 'Buy cover for many customers',
    description: 'All are taken, or none. Each is then issued by itself.',
    request: json(policyBatchRequestSchema),
    answer: { status: 201, description: 'The policies, accepted.', body: json(policyBatchSchema) },
    problems: ['policies_open', ...refusals],
  },
  {
    method: 'get',
    path: '/v1/policies',
    tag,
    summary: 'List policies, newest first',
    query: policyQuery,
    answer: { status: 200, description: 'A page of them.', body: json(pageSchema(policySchema)) },
  },
  {
    method: 'get',
    path: '/v1/policies/{id}',
    tag,
    summary: 'Show a policy with its timeline',
    answer: { status: 200, description: 'The policy.', body: json(policySchema) },
    problems: ['policy_not_found'],
  },
  {
    method: 'get',
    path: '/v1/policies/{id}/claims',
    tag,
    summary: 'Show what a policy is owed or was paid',
    answer: { status: 200, description: 'One claim, or none.', body: json(pageSchema(claimSchema)) },
    problems: ['policy_not_found'],
  },
  {
    method: 'get',
    path: '/v1/policies/{id}/document',
    tag,
    summary: 'Get the cover note',
    description: 'Who and what is insured, what is paid when, and how to verify it on the chain.',
    query: documentQuery,
    answer: {
      status: 200,
      description: 'The cover note.',
      body: { 'application/pdf': 'A PDF of one page or two.' },
    },
    problems: ['policy_not_found', 'policy_not_issued'],
  },
  {
    method: 'get',
    path: '/v1/policies/{id}/proof',
    tag,
    summary: 'Prove a policy and its payout',
    description:
      'What the contract did to policy and risk in final blocks, each event with block header, receipt and Merkle-Patricia proof, for `npm run verify:proof`: it needs no trust in this service.',
    answer: {
      status: 200,
      description: 'The proof, verified by this service.',
      body: { 'application/json': eventsProofSchema },
    },
    problems: ['policy_not_found', 'nothing_final', 'proof_not_obtainable'],
  },
  {
    method: 'get',
    path: '/v1/policies/{id}/cancellation',
    tag,
    summary: 'Prepare a cancellation',
    description:
      'Until the waiting period begins. Only the holder can cancel: the answer has what its wallet sends, and what the buyer gets back. The policy is cancelled when that is final.',
    query: cancellationQuery,
    answer: { status: 200, description: 'The transaction.', body: json(cancellationSchema) },
    problems: ['policy_not_found', 'policy_not_cancellable', 'chain_unavailable'],
  },
  {
    method: 'get',
    path: '/v1/claims',
    tag,
    summary: 'List claims, newest policy first',
    query: claimQuery,
    answer: { status: 200, description: 'A page of them.', body: json(pageSchema(claimSchema)) },
  },
];
