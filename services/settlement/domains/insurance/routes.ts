import { type Request, type RequestHandler, Router } from 'express';
import type { Address } from 'viem';
import { oneRow, type Transaction } from '../../../platform/database.ts';
import type { SettlementContext } from '../../context.ts';
import { asking } from '../../http/chainAsked.ts';
import { idempotent } from '../../http/idempotency.ts';
import { partnerOf } from '../../http/partner.ts';
import { problemsOf } from '../../http/problems.ts';
import { pageOf, readJson, readQuery } from '../../http/requests.ts';
import { proveEvents } from '../../proofs/events.ts';
import { createProver } from '../../proofs/receipts.ts';
import { type Assessment, assessCovers, priceByContract, refuseFaults } from './assessment.ts';
import { cancellationQuery, prepareCancellation } from './cancellation.ts';
import { coverNoteOf, isIssued } from './document/coverNote.ts';
import { writePdf } from './document/pdf.ts';
import { insuranceProblems } from './errors.ts';
import { assessOrders, type Order } from './orders.ts';
import { readExposure, readPool } from './pool.ts';
import type { CoverProducts } from './products.ts';
import { findPolicyPlaces } from './proof.ts';
import { insertQuote, toQuote } from './quotes.ts';
import {
  claimQuery,
  documentQuery,
  policyBatchRequestSchema,
  policyQuery,
  policyRequestSchema,
  quoteRequestSchema,
} from './schema.ts';
import type { InsuranceService } from './service.ts';
import { findPolicy, listPolicies, readPolicies, readTimeline } from './store.ts';
import { prepareUnderwriting, readUnderwriter, underwriterQuery, underwritingQuery } from './underwriters.ts';
import { toClaim, toPolicy, toProduct } from './view.ts';

const problem = problemsOf(insuranceProblems);

/** `/v1/insurance`, `/v1/quotes/insurance`, `/v1/policies`, `/v1/policy-batches`, `/v1/claims` */
export function insuranceRoutes(
  context: SettlementContext,
  { service, products }: { service: InsuranceService; products: CoverProducts },
): Router {
  const { database, chain, deployment, config, log } = context;
  const prover = createProver({ rpcUrl: config.RPC_URL, log });
  const parts = { database, chain, deployment, products };
  const router = Router();

  router.get('/v1/insurance/products', (_request, response) => {
    response.json({ items: [...products.values()].map(toProduct) });
  });

  router.get('/v1/insurance/pool', async (_request, response) => {
    const exposures = await readExposure(database, deployment.chainId, deployment.parametricCover);
    response.json(await asking(() => readPool({ chain, deployment }, exposures, products)));
  });

  router.get('/v1/insurance/pool/underwriter', async (request, response) => {
    const { wallet } = readQuery(request, underwriterQuery);
    response.json(await asking(() => readUnderwriter({ chain, deployment }, wallet)));
  });

  router.get('/v1/insurance/pool/underwriter/transactions', async (request, response) => {
    const asked = readQuery(request, underwritingQuery);
    response.json(await asking(() => prepareUnderwriting({ chain, deployment }, asked)));
  });

  const quotes = askedFirst((request) => {
    const cover = readJson(request, quoteRequestSchema);
    return asking(async () => {
      const placeOf = (member: string) => member;
      const { moment, covers, faults } = await assessCovers(parts, [{ cover, placeOf }]);
      refuseFaults(faults);
      const [priced] = covers as [Assessment['covers'][number]];
      return {
        moment,
        priced,
        premium: await priceByContract(chain, deployment, priced, moment.blockNumber),
      };
    });
  });
  router.post(
    '/v1/quotes/insurance',
    quotes.first,
    idempotent(database, quotes.read, async (tx, partner, { moment, priced, premium }) => {
      const row = await insertQuote(tx, partner.id, deployment.chainId, priced, premium, moment);
      return { status: 201, body: toQuote(row, priced.product) };
    }),
  );

  const single = askedFirst((request) => {
    const order = readJson(request, policyRequestSchema);
    return asking(() => assessOrders(parts, partnerOf(request).id, [order], () => ''));
  });
  router.post(
    '/v1/policies',
    single.first,
    idempotent(database, single.read, async (tx, partner, orders) => {
      const [id = ''] = await service.accept(tx, partner.id, orders);
      const [row] = await readPolicies(tx, [id]);
      if (!row) throw new Error(`${id} is not there right after it was written`);
      return { status: 201, body: toPolicy(row, await readTimeline(tx, id)) };
    }),
  );

  const many = askedFirst((request) => {
    const { policies } = readJson(request, policyBatchRequestSchema);
    return asking(() => assessOrders(parts, partnerOf(request).id, policies, (at) => `/policies/${at}`));
  });
  router.post(
    '/v1/policy-batches',
    many.first,
    idempotent<Order[]>(database, many.read, async (tx, partner, orders) => {
      const id = await newBatchId(tx);
      const ids = await service.accept(tx, partner.id, orders, id);
      const rows = new Map((await readPolicies(tx, ids)).map((row) => [row.id, row]));
      const policies = ids.flatMap((each) => rows.get(each) ?? []).map((row) => toPolicy(row));
      return { status: 201, body: { id, policies } };
    }),
  );

  router.get('/v1/policies', async (request, response) => {
    const { status, ...filter } = readQuery(request, policyQuery);
    const statuses = status && [status];
    const rows = await listPolicies(database, partnerOf(request).id, { ...filter, statuses });
    response.json(
      pageOf(
        rows.map((row) => toPolicy(row)),
        filter.limit,
      ),
    );
  });

  const policyOf = async (request: Request<{ id: string }>) => {
    const { id } = request.params;
    const row = await findPolicy(database, partnerOf(request).id, id);
    if (!row) throw problem('policy_not_found', `There is no policy ${id}.`);
    return row;
  };

  router.get('/v1/policies/:id', async (request, response) => {
    const row = await policyOf(request);
    response.json(toPolicy(row, await readTimeline(database, row.id)));
  });

  router.get('/v1/policies/:id/claims', async (request, response) => {
    const claim = toClaim(await policyOf(request));
    response.json({ items: claim ? [claim] : [], nextCursor: null });
  });

  router.get('/v1/claims', async (request, response) => {
    const { status, ...filter } = readQuery(request, claimQuery);
    const statuses = status ? [status] : ['payable', 'paid', 'refunded'];
    const rows = await listPolicies(database, partnerOf(request).id, { ...filter, statuses });
    const { items, nextCursor } = pageOf(rows, filter.limit);
    response.json({ items: items.flatMap((row) => toClaim(row) ?? []), nextCursor });
  });

  router.get('/v1/policies/:id/document', async (request, response) => {
    const { lang } = readQuery(request, documentQuery);
    const row = await policyOf(request);
    const product = products.get(row.product);
    if (!isIssued(row) || !product)
      throw problem('policy_not_issued', `The policy is ${row.status}; there is nothing to confirm.`);
    const note = coverNoteOf(row, product, deployment, partnerOf(request).name, lang);
    const pdf = await writePdf(note, row.updated_at);
    response.type('application/pdf').set('content-disposition', `inline; filename="${row.id}.pdf"`).send(pdf);
  });

  router.get('/v1/policies/:id/proof', async (request, response) => {
    const row = await policyOf(request);
    const { chainId, parametricCover: cover, coverPool: pool } = deployment;
    const subject = {
      kind: 'policy',
      contract: cover.toLowerCase() as Address,
      pool: pool.toLowerCase() as Address,
      policyNumber: String(row.policy_number),
    } as const;
    const places = await findPolicyPlaces(database, { chainId, cover }, row);
    response.json(await proveEvents(prover, { partnerId: row.partner_id, chainId }, subject, places));
  });

  router.get('/v1/policies/:id/cancellation', async (request, response) => {
    const { insured } = readQuery(request, cancellationQuery);
    const row = await policyOf(request);
    response.json(await asking(() => prepareCancellation({ chain, deployment }, row, insured)));
  });

  return router;
}

/** Looks into a request before there is a transaction. What is wrong is told only if the request's key has no answer yet. */
function askedFirst<Input>(ask: (request: Request) => Promise<Input>): {
  first: RequestHandler;
  read: (request: Request) => Input;
} {
  const asked = new WeakMap<Request, () => Input>();
  return {
    first: async (request, _, next) => {
      try {
        const input = await ask(request);
        asked.set(request, () => input);
      } catch (error) {
        asked.set(request, () => {
          throw error;
        });
      }
      next();
    },
    read: (request) => (asked.get(request) as () => Input)(),
  };
}

async function newBatchId(tx: Transaction): Promise<string> {
  return oneRow(await tx.query<{ id: string }>(`select settlement.new_id('pob') as id`)).id;
}
