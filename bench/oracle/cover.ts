/** Cover of flights: the services that sell and pay it, four reporters, and a source that comes to know how late a flight was. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Address, toHex } from 'viem';
import { mineByInterval } from '../../scripts/chain.ts';
import { localAccounts } from '../../scripts/deploy/local.ts';
import { seedLocalInsurance } from '../../scripts/deploy/localInsurance.ts';
import { localProductsFile } from '../../scripts/deploy/localProducts.ts';
import { freePort } from '../../scripts/free-port.ts';
import { startPostgres } from '../../scripts/postgres.ts';
import { PartnerClient } from '../../scripts/start/partner-client.ts';
import { openDatabase } from '../../services/platform/database.ts';
import { openAccount } from '../../services/settlement/domains/accounts/service.ts';
import { openLedgerAccounts, postTransfers } from '../../services/settlement/domains/ledger/postings.ts';
import { registerPartner } from '../../services/settlement/domains/partners/service.ts';
import { startTestChain, type TestChain } from '../../test/support/chain.ts';
import { ServiceProcess } from '../../test/support/serviceProcess.ts';
import { newCredential } from '../../test/support/settlementApi.ts';
import { until } from '../../test/support/until.ts';
import { startReporters } from './reporters.ts';
import { startSource } from './source.ts';

const HOUR = 3_600;
/** Of an hour's flight: the whole sum insured is owed. */
const MINUTES_LATE = 240;
const FEED = 'flight-delay-minutes';
const USD = { currency: 'USD', value: '1.00' };
const PATIENCE_MS = 300_000;

export interface Flight {
  subject: string;
  /** Unix seconds. The window insured is the hour from then on. */
  departure: number;
}

/** Policies that were sold together. */
export interface SoldCover {
  policies: number;
  batch: string;
}

export interface CoverWorld extends AsyncDisposable {
  chain: TestChain;
  /** Buys a policy for each of so many new wallets, from the API. */
  sell(flight: Flight, policies: number): Promise<SoldCover>;
  /** Resolves when the API shows none of them as not issued yet. */
  untilIssued(cover: SoldCover): Promise<void>;
  /** Resolves when the API shows none of them as not paid yet. */
  untilPaid(cover: SoldCover): Promise<void>;
  /** Takes the chain's clock to where the flight arrives; the source does not tell yet. */
  arrive(flight: Flight): Promise<void>;
  /** From now on the source knows. */
  tell(flight: Flight): void;
}

interface CoverOptions {
  blockIntervalMs: number;
  roundSeconds: number;
  finalityDepth: number;
}

const scheduledArrivalOf = ({ departure }: Flight) => departure + HOUR;
const arrivalOf = (flight: Flight) => scheduledArrivalOf(flight) + MINUTES_LATE * 60;
const timeText = (seconds: number) => new Date(seconds * 1_000).toISOString().replace('.000Z', 'Z');

/** Starts all of it; disposing of it ends every process and removes every file. */
export async function startCover(options: CoverOptions): Promise<CoverWorld> {
  const parts = new AsyncDisposableStack();
  try {
    const chain = await startTestChain();
    parts.defer(() => chain.stop());
    const { rpcUrl, deployment, client } = chain;
    await seedLocalInsurance({ rpcUrl, deployment });
    await mineByInterval(rpcUrl, options.blockIntervalMs);
    const { partner, account } = await startSettling(parts, chain, options.finalityDepth);

    const flights = new Map<string, Flight>();
    const known = new Set<Flight>();
    const origin = await startSource(parts, (requested) => {
      const flight = flights.get(decodeURIComponent(requested.slice(1)));
      return flight ? statusOf(flight, known.has(flight)) : '{}';
    });
    const source = { name: 'bench', format: 'flight-status', url: `${origin}/{subject}`, everySeconds: 0.2 };
    await startReporters(parts, chain, {
      roundSeconds: options.roundSeconds,
      feeds: [{ kind: 'observation', feed: FEED, sources: [source] }],
    });

    /** @param statuses in the order in which a policy has them: what has left one of them is found in a later one */
    const untilNone = ({ batch }: SoldCover, statuses: readonly string[]) =>
      until(
        `no policy to be ${statuses.join(' or ')}`,
        async () => {
          for (const status of statuses) {
            const query = `batch=${batch}&status=${status}&limit=1`;
            const { items } = await partner.get<{ items: unknown[] }>(`/v1/policies?${query}`);
            if (items.length > 0) return false;
          }
          return true;
        },
        PATIENCE_MS,
      );
    return {
      chain,
      async sell(flight, policies) {
        flights.set(flight.subject, flight);
        const { subject, departure } = flight;
        const window = { windowStart: timeText(departure), windowEnd: timeText(departure + HOUR) };
        const cover = { product: 'flight-delay', subject, ...window, insured: USD };
        const orders = Array.from({ length: policies }, () => {
          return { cover, maxPremium: USD, account, holder: toHex(randomBytes(20)) };
        });
        const { id } = await partner.post<{ id: string }>('/v1/policy-batches', { policies: orders });
        return { policies, batch: id };
      },
      async untilIssued(cover) {
        await untilNone(cover, ['accepted', 'processing']);
      },
      async untilPaid(cover) {
        await untilNone(cover, ['issued', 'payable']);
      },
      async arrive(flight) {
        const time = arrivalOf(flight);
        await chain.request('evm_setNextBlockTimestamp', [time]);
        await until('a block of that time', async () => (await client.getBlock()).timestamp >= time);
      },
      tell(flight) {
        known.add(flight);
      },
      [Symbol.asyncDispose]: () => parts.disposeAsync(),
    };
  } catch (error) {
    await parts.disposeAsync();
    throw error;
  }
}

/** What a provider of flight status says while the flight is under way, and once it has arrived. */
function statusOf(flight: Flight, isKnown: boolean): string {
  const arrival = arrivalOf(flight);
  return JSON.stringify({
    updatedAt: timeText(isKnown ? arrival : flight.departure),
    flights: [
      {
        flight: flight.subject,
        scheduledDeparture: timeText(flight.departure),
        scheduledArrival: timeText(scheduledArrivalOf(flight)),
        status: isKnown ? 'arrived' : 'departed',
        actualArrival: isKnown ? timeText(arrival) : null,
        arrivalDelay: isKnown ? { value: MINUTES_LATE, unitCode: 'MIN' } : null,
      },
    ],
  });
}

/** Database, indexer and settlement, and a partner whose account is the treasury's. */
async function startSettling(
  parts: AsyncDisposableStack,
  chain: TestChain,
  finalityDepth: number,
): Promise<{ partner: PartnerClient; account: string }> {
  const folder = await mkdtemp(path.join(tmpdir(), 'corridor-bench-cover-'));
  parts.defer(() => rm(folder, { recursive: true, force: true }));
  const postgres = await startPostgres({ dataDir: path.join(folder, 'data') });
  parts.defer(() => postgres.stop());
  const { rpcUrl, deployment, deploymentFile, client } = chain;
  const shared = {
    DATABASE_URL: postgres.url,
    RPC_URL: rpcUrl,
    DEPLOYMENT_FILE: deploymentFile,
    LOG_LEVEL: 'warn',
  };
  const port = await freePort();
  for (const service of [
    new ServiceProcess('indexer', {
      ...shared,
      INDEXER_PORT: String(await freePort()),
      FINALITY_DEPTH: String(finalityDepth),
    }),
    new ServiceProcess('settlement', {
      ...shared,
      SETTLEMENT_PORT: String(port),
      INSURANCE_PRODUCTS_FILE: localProductsFile,
    }),
  ]) {
    parts.defer(() => service.stop());
    await service.start();
  }

  const database = openDatabase(postgres.url, 'bench', 2);
  parts.defer(() => database.end());
  const { credential, publicKeyPem } = newCredential('ed25519');
  const { id: partnerId } = await registerPartner(database, {
    name: 'Benchmark',
    ...credential,
    publicKeyPem,
  });
  const account = await openAccount(
    { database, chain: client, deployment, ledger: { openLedgerAccounts, postTransfers } },
    { partnerId, currency: 'USD', payer: chain.accounts[localAccounts.treasury] as Address },
  );
  await until('the account to have money', async () => {
    const { rowCount } = await database.query(
      `select from settlement.ledger_accounts where kind = 'funds' and balance > 0`,
    );
    return rowCount === 1;
  });
  return { partner: new PartnerClient(`http://127.0.0.1:${port}`, credential), account };
}
