import { type Request, type RequestHandler, Router } from 'express';
import type { Address } from 'viem';
import { eventsProofSchema } from '../../../core/evm/eventsProofFile.ts';
import { formatMoney } from '../../../core/money.ts';
import type { SettlementContext } from '../../context.ts';
import { idempotent } from '../../http/idempotency.ts';
import type { Operation } from '../../http/operation.ts';
import { partnerOf } from '../../http/partner.ts';
import { problemsOf } from '../../http/problems.ts';
import { pageOf, pageSchema, readJson, readQuery } from '../../http/requests.ts';
import { proveEvents } from '../../proofs/events.ts';
import { createProver } from '../../proofs/receipts.ts';
import type { refusalAt } from '../lanes/callSimulation.ts';
import { actionRequestSchema, actionSchema } from './actionSchema.ts';
import type { AssessedAction, EscrowActionService } from './actionService.ts';
import { type Assessed, assess, saltOf } from './assessment.ts';
import { awaitedSchema, readAwaited } from './awaited.ts';
import { escrowProblems } from './errors.ts';
import { findEscrowPlaces } from './proof.ts';
import {
  type EscrowRequest,
  escrowQuery,
  escrowRequestSchema,
  escrowSchema,
  newEscrowSchema,
  OURS,
} from './schema.ts';
import type { EscrowService } from './service.ts';
import {
  type EscrowRow,
  findEscrow,
  listEscrows,
  readEscrows,
  readFormerSigners,
  readSigners,
  readTimeline,
} from './store.ts';
import { toEscrow } from './view.ts';

const problem = problemsOf(escrowProblems);
const tag = 'Escrow';

export const escrowOperations: Operation[] = [
  {
    method: 'post',
    path: '/v1/escrows',
    tag,
    summary: 'Agree upon the terms of an escrow',
    description:
      'What the contract would refuse is refused at once, with every fault and its place. The answer has what the payer signs to put the money in.',
    request: { 'application/json': escrowRequestSchema },
    answer: {
      status: 201,
      description: 'The escrow, with nothing in it yet.',
      body: { 'application/json': newEscrowSchema },
    },
    problems: [
      'escrow_terms_refused',
      'escrow_taken',
      'escrows_open',
      'operator_unavailable',
      'chain_unavailable',
    ],
  },
  {
    method: 'get',
    path: '/v1/escrows',
    tag,
    summary: 'List escrows, newest first',
    query: escrowQuery,
    answer: {
      status: 200,
      description: 'A page of them.',
      body: { 'application/json': pageSchema(escrowSchema) },
    },
  },
  {
    method: 'get',
    path: '/v1/escrows/{id}',
    tag,
    summary: 'Show an escrow with its timeline',
    answer: { status: 200, description: 'The escrow.', body: { 'application/json': escrowSchema } },
    problems: ['escrow_not_found'],
  },
  {
    method: 'get',
    path: '/v1/escrows/{id}/proof',
    tag,
    summary: 'Prove what was done to an escrow',
    description:
      'The contract’s events in final blocks, each with block header, receipt and Merkle-Patricia proof, for `npm run verify:proof`: it needs no trust in this service.',
    answer: {
      status: 200,
      description: 'The proof, verified by this service.',
      body: { 'application/json': eventsProofSchema },
    },
    problems: ['escrow_not_found', 'nothing_final', 'proof_not_obtainable'],
  },
  {
    method: 'post',
    path: '/v1/escrows/{id}/actions',
    tag,
    summary: 'Authorize, capture, void, refund, release, dispute or rule',
    description:
      'What our signer may do as operator or arbiter, and what anybody may, we do; the network fee is ours. For everything else the answer has what the party signs or sends. Nothing is asked of the contract that it would refuse now. By `"way": "account"` an escrow is put in out of your account whose wallet is the payer: the amount is reserved with the answer (`AM04` where too little is available), booked when the chain has it, and free again if the action fails.',
    request: { 'application/json': actionRequestSchema },
    answer: { status: 201, description: 'What becomes of it.', body: { 'application/json': actionSchema } },
    problems: [
      'escrow_not_found',
      'escrow_action_refused',
      'escrow_busy',
      'escrow_taken',
      'operator_unavailable',
      'chain_unavailable',
    ],
  },
  {
    isOpen: true,
    method: 'get',
    path: '/awaited-observations',
    tag,
    summary: 'List what release rules wait for',
    description:
      'Every reporter of the oracle asks its sources for these windows. Of escrows in which money is held, from an hour before the end of a window; at most 1,000, one of each partner after the other. Open to everybody: it names nobody.',
    answer: { status: 200, description: 'The windows.', body: { 'application/json': awaitedSchema } },
  },
];

export interface EscrowServices {
  escrows: EscrowService;
  actions: EscrowActionService;
  refusalAt: typeof refusalAt;
}

/** The list of awaited windows is read by every reporter: it is looked up at most so often. */
const AWAITED_MS = 1_000;

/** `/v1/escrows`; and `/awaited-observations`, which is open to everybody and tells nobody's name. */
export function escrowRoutes(context: SettlementContext, services: EscrowServices): Router {
  const { database, chain, deployment, config, log } = context;
  const prover = createProver({ rpcUrl: config.RPC_URL, log });
  const { escrows, actions, refusalAt } = services;
  const router = Router();

  let awaited: { at: number; windows: ReturnType<typeof readAwaited> } | undefined;
  router.get('/awaited-observations', async (_request, response) => {
    const at = performance.now();
    if (!awaited || at - awaited.at > AWAITED_MS)
      awaited = { at, windows: readAwaited(database, deployment.chainId) };
    response.set('cache-control', 'no-store').json({ windows: await awaited.windows });
  });

  const create = askedFirst(async (request): Promise<Assessed> => {
    const asked = readJson(request, escrowRequestSchema);
    const { chainId } = deployment;
    const [signer] = namesUs(asked) ? await readSigners(database, chainId) : [];
    if (namesUs(asked) && !signer)
      throw problem('operator_unavailable', 'No signer of ours works.', [], { 'retry-after': '5' });
    // A request without a key goes no further than this.
    const salt = saltOf(partnerOf(request).id, request.get('idempotency-key') ?? '');
    const former = signer ? await readFormerSigners(database, chainId) : [];
    return assess({ chain, deployment, refusalAt }, asked, { signer, former, salt });
  });
  router.post(
    '/v1/escrows',
    create.ask,
    idempotent(database, create.answer, async (tx, partner, assessed) => {
      const id = await escrows.create(tx, partner.id, assessed);
      const [row] = await readEscrows(tx, [id]);
      if (!row) throw new Error(`${id} is not there right after it was written`);
      const money = (units: bigint) => formatMoney({ currency: row.currency, units });
      const funding = {
        needed: money(row.units),
        balance: money(assessed.balance),
        allowance: money(assessed.allowance < row.units ? assessed.allowance : row.units),
      };
      return { status: 201, body: { ...toEscrow(row, await readTimeline(tx, id)), funding } };
    }),
  );

  router.get('/v1/escrows', async (request, response) => {
    const filter = readQuery(request, escrowQuery);
    const rows = await listEscrows(database, partnerOf(request).id, filter);
    response.json(
      pageOf(
        rows.map((row) => toEscrow(row)),
        filter.limit,
      ),
    );
  });

  router.get('/v1/escrows/:id', async (request, response) => {
    const row = await ownOf(request);
    response.json(toEscrow(row, await readTimeline(database, row.id)));
  });

  router.get('/v1/escrows/:id/proof', async (request, response) => {
    const row = await ownOf(request);
    const subject = {
      kind: 'escrow',
      contract: row.contract.toLowerCase() as Address,
      escrowId: row.escrow_id,
    } as const;
    const chainId = Number(row.chain_id);
    response.json(
      await proveEvents(
        prover,
        { partnerId: row.partner_id, chainId },
        subject,
        await findEscrowPlaces(database, row),
      ),
    );
  });

  const act = askedFirst(async (request): Promise<AssessedAction> => {
    const asked = readJson(request, actionRequestSchema);
    return actions.assess(database, await ownOf(request), asked);
  });
  router.post(
    '/v1/escrows/:id/actions',
    act.ask,
    idempotent(database, act.answer, async (tx, _, assessed) => ({
      status: 201,
      body: await actions.ask(tx, assessed, { askedBy: 'partner', step: crypto.randomUUID() }),
    })),
  );

  async function ownOf(request: Request): Promise<EscrowRow> {
    const id = String(request.params.id);
    const row = await findEscrow(database, partnerOf(request).id, id);
    if (!row) throw problem('escrow_not_found', `There is no escrow ${id}.`);
    return row;
  }

  return router;
}

function namesUs({ operator, arbiter }: EscrowRequest): boolean {
  return operator === OURS || arbiter === OURS;
}

/** Asks before there is a transaction. What is wrong is told only if the request's key has no answer yet. */
function askedFirst<Found>(ask: (request: Request) => Promise<Found>) {
  const answers = new WeakMap<Request, () => Found>();
  const handler: RequestHandler = async (request, _, next) => {
    try {
      const found = await ask(request);
      answers.set(request, () => found);
    } catch (error) {
      answers.set(request, () => {
        throw error;
      });
    }
    next();
  };
  return { ask: handler, answer: (request: Request) => (answers.get(request) as () => Found)() };
}
