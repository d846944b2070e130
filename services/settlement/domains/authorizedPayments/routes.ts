import { type Request, type RequestHandler, Router } from 'express';
import type { SettlementContext } from '../../context.ts';
import { idempotent } from '../../http/idempotency.ts';
import type { Operation } from '../../http/operation.ts';
import { partnerOf } from '../../http/partner.ts';
import { problemsOf } from '../../http/problems.ts';
import { pageOf, pageSchema, readJson, readQuery } from '../../http/requests.ts';
import type { refusalAt } from '../lanes/callSimulation.ts';
import { type Assessed, assess } from './assessment.ts';
import { authorizedPaymentProblems } from './errors.ts';
import { authorizedPaymentQuery, authorizedPaymentRequestSchema, authorizedPaymentSchema } from './schema.ts';
import type { AuthorizedPaymentService } from './service.ts';
import {
  findAuthorizedPayment,
  listAuthorizedPayments,
  readAuthorizedPayments,
  readTimeline,
} from './store.ts';
import { toAuthorizedPayment } from './view.ts';

const problem = problemsOf(authorizedPaymentProblems);
const tag = 'Authorised payments';
const body = { 'application/json': authorizedPaymentSchema };

export const authorizedPaymentOperations: Operation[] = [
  {
    method: 'post',
    path: '/v1/authorized-payments',
    tag,
    summary: 'Hand in a payment that a wallet signed',
    description:
      "The wallet's EIP-3009 authorisation to the PaymentRouter; Corridor pays the network's fee. What the chain would refuse is refused at once, with every fault and its place.",
    request: { 'application/json': authorizedPaymentRequestSchema },
    answer: { status: 201, description: 'The payment, accepted.', body },
    problems: [
      'authorization_refused',
      'authorization_taken',
      'authorized_payments_open',
      'chain_unavailable',
    ],
  },
  {
    method: 'get',
    path: '/v1/authorized-payments',
    tag,
    summary: 'List authorised payments, newest first',
    query: authorizedPaymentQuery,
    answer: {
      status: 200,
      description: 'A page of them.',
      body: { 'application/json': pageSchema(authorizedPaymentSchema) },
    },
  },
  {
    method: 'get',
    path: '/v1/authorized-payments/{id}',
    tag,
    summary: 'Show an authorised payment with its timeline',
    answer: { status: 200, description: 'The payment.', body },
    problems: ['authorized_payment_not_found'],
  },
];

/** `/v1/authorized-payments` */
export function authorizedPaymentRoutes(
  { database, chain, deployment }: SettlementContext,
  service: AuthorizedPaymentService,
  lanes: { refusalAt: typeof refusalAt },
): Router {
  const router = Router();
  const assessments = new WeakMap<Request, () => Assessed>();

  /** Before there is a transaction. What is wrong is told only if the request's key has no answer yet. */
  const assessFirst: RequestHandler = async (request, _, next) => {
    try {
      const asked = readJson(request, authorizedPaymentRequestSchema);
      const assessed = await assess({ chain, deployment, ...lanes }, asked);
      assessments.set(request, () => assessed);
    } catch (error) {
      assessments.set(request, () => {
        throw error;
      });
    }
    next();
  };

  router.post(
    '/v1/authorized-payments',
    assessFirst,
    idempotent(
      database,
      (request) => (assessments.get(request) as () => Assessed)(),
      async (tx, partner, assessed) => {
        const id = await service.accept(tx, partner.id, assessed);
        const [row] = await readAuthorizedPayments(tx, [id]);
        if (!row) throw new Error(`${id} is not there right after it was written`);
        return { status: 201, body: toAuthorizedPayment(row, await readTimeline(tx, id)) };
      },
    ),
  );

  router.get('/v1/authorized-payments', async (request, response) => {
    const filter = readQuery(request, authorizedPaymentQuery);
    const rows = await listAuthorizedPayments(database, partnerOf(request).id, filter);
    response.json(
      pageOf(
        rows.map((row) => toAuthorizedPayment(row)),
        filter.limit,
      ),
    );
  });

  router.get('/v1/authorized-payments/:id', async (request, response) => {
    const { id } = request.params;
    const row = await findAuthorizedPayment(database, partnerOf(request).id, id);
    if (!row) throw problem('authorized_payment_not_found', `There is no authorised payment ${id}.`);
    response.json(toAuthorizedPayment(row, await readTimeline(database, row.id)));
  });

  return router;
}
