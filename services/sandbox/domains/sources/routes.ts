import { json, type Request, type RequestHandler, Router } from 'express';
import { z } from 'zod';
import { Problem } from '../../../platform/http/problem.ts';
import {
  bankStatement,
  type Distortion,
  ecbRates,
  flightStatus,
  fxHistory,
  fxPairs,
  fxRates,
  shipmentEvents,
  stationObservations,
} from './documents.ts';
import { reserveAccount } from './played.ts';
import { faults, type Provider, providers, Switches } from './switches.ts';

const DAY_SECONDS = 86_400;

interface SourcesParts {
  /** The chain's clock, in Unix seconds: what is played goes with it. */
  now: () => Promise<number>;
  /** When shipments set out, Unix seconds. */
  startedAt: number;
}

/** What a provider says about one thing; undefined when it does not know it. */
type Answer = (request: Request, now: number, distortion: Distortion) => string | undefined;

const text = (value: unknown) => (typeof value === 'string' ? value : '');
const seconds = (value: unknown) => (/^\d{1,11}$/.test(text(value)) ? Number(value) : 0);

/**
 * The outside world as several providers serve it, each under `/sources/<provider>`; `GET /sources` says who there is and how each
 * misbehaves, `POST /sources/<provider>/switch {fault}` changes that.
 */
export function sourcesRoutes({ now, startedAt }: SourcesParts): Router {
  const switches = new Switches();
  const router = Router();

  const serve =
    (mediaType: string, answer: Answer): RequestHandler =>
    async (request, response) => {
      const { fault, since } = switches.of(providerOf(request));
      if (fault === 'timeout') return; // nothing comes until the client gives up
      const time = await now();
      const played = fault === 'stall' ? since : fault === 'future' ? time + DAY_SECONDS : time;
      const distortion = { isLying: fault === 'lie', hasOtherUnit: fault === 'wrong_unit' };
      const body = fault === 'garbage' ? '<html>502 Bad Gateway</html>' : answer(request, played, distortion);
      if (body === undefined) throw new Problem(404, 'source_unknown', 'The provider knows nothing of it.');
      response.type(mediaType).send(body);
    };

  router.get('/sources', (_request, response) => {
    response.json({ providers: switches.all(), faults });
  });
  router.post('/sources/:provider/switch', json({ limit: '1kb' }), async (request, response) => {
    const { data } = z.object({ fault: z.enum(faults) }).safeParse(request.body);
    if (!data) throw new Problem(422, 'fault_unknown', `Expected {"fault": "${faults.join('" | "')}"}.`);
    const provider = providerOf(request);
    switches.set(provider, data.fault, await now());
    response.json(switches.of(provider));
  });
  const base = '/sources/:provider';
  router.get(
    `${base}/fx/rates`,
    serve('application/json', ({ query }, time, how) => fxRates(text(query.base), time, how)),
  );
  router.get(
    `${base}/fx/pairs`,
    serve('application/json', (_request, time, how) => fxPairs(time, how)),
  );
  router.get(
    `${base}/fx/history`,
    serve('application/json', ({ query }, time, how) =>
      fxHistory(text(query.pair), seconds(query.from), seconds(query.to), time, how),
    ),
  );
  router.get(
    `${base}/ecb/eurofxref-daily.xml`,
    serve('application/xml', (_request, time, how) => ecbRates(time, how)),
  );
  router.get(
    `${base}/bank/:account/statement`,
    serve('application/xml', ({ params }, time, how) => {
      const account = reserveAccount(text(params.account));
      return account && bankStatement(account, time, how);
    }),
  );
  router.get(
    `${base}/flights/:flight`,
    serve('application/json', ({ params, query }, time, how) =>
      flightStatus(text(params.flight), seconds(query.from), seconds(query.to), time, how),
    ),
  );
  router.get(
    `${base}/stations/:station/observations`,
    serve('application/geo+json', ({ params, query }, time, how) =>
      stationObservations(text(params.station), seconds(query.from), seconds(query.to), time, how),
    ),
  );
  router.get(
    `${base}/shipments/:sscc/events`,
    serve('application/ld+json', ({ params }, time, how) =>
      shipmentEvents(text(params.sscc), startedAt, time, how),
    ),
  );
  return router;
}

function providerOf(request: Request): Provider {
  const found = providers.find((provider) => provider === request.params.provider);
  if (!found) throw new Problem(404, 'provider_unknown', `The providers are ${providers.join(', ')}.`);
  return found;
}
