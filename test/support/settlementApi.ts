/** The settlement API over real HTTP and PostgreSQL, without the chain: for what happens at the edge. */
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { expect } from 'chai';
import type { Deployment } from '../../services/core/deployment.ts';
import { createChainClient } from '../../services/platform/chain.ts';
import { migrate, openDatabase } from '../../services/platform/database.ts';
import { listen } from '../../services/platform/http/server.ts';
import {
  type SignatureAlgorithm,
  type SignedRequest,
  type SignedRequestOptions,
  type SigningCredential,
  signRequest,
} from '../../services/platform/http/signedFetch.ts';
import { createLogger } from '../../services/platform/log.ts';
import { createMetrics } from '../../services/platform/metrics.ts';
import { allProblems, createSettlementApp, domains } from '../../services/settlement/app.ts';
import { settlementConfig } from '../../services/settlement/config.ts';
import type { DomainApi, SettlementContext } from '../../services/settlement/context.ts';
import { registerPartner } from '../../services/settlement/domains/partners/service.ts';
import { problemDocument } from '../../services/settlement/http/openapi.ts';
import { createTestDatabase } from './postgres.ts';

/** Nothing is there; the edge only compares addresses with these. */
const nowhere: Deployment = {
  chainId: 31337,
  startBlock: 1,
  accessManager: '0x5FbDB2315678afecb367f032d93F642f64180aa3',
  paymentRouter: '0xe7f1725E7734CE288F8367e1Bb143E90bb3F0512',
  stablecoins: {
    USD: { symbol: 'cUSD', address: '0x9fE46736679d2D9a65F0992F2272dE9f3c7fa6e0', decimals: 6 },
    EUR: { symbol: 'cEUR', address: '0xCf7Ed3AccA5a467e9e704C703E8D87F634fB0Fc9', decimals: 6 },
    CNY: { symbol: 'cCNH', address: '0xDc64a140Aa3E981100a9becA4E685f962f0cF6C9', decimals: 6 },
  },
  escrow: '0x5FC8d32690cc91D4c39d9d3abcBD16989F875707',
  oracleHub: '0x0165878A594ca255338adfa4d48449f69242Eb8F',
  reserveMintGuard: '0xa513E6E4b8f2a923D98304ec87F64353C4D5C853',
  coverPool: '0x2279B7A0a67DB372996a5FaB50D91eAA73d2eBe6',
  parametricCover: '0x8A791620dd6260079BF849Dc5567aDC3F2FdC318',
  ledgerAnchor: '0x610178dA211FEF7D417bC0e6FeD39F05609AD788',
};

export interface ApiAnswer {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: the shape is checked against the API description at run time
  body: any;
}

export interface TestPartner {
  id: string;
  credential: SigningCredential;
  /** Signs, sends, and checks the answer against the API description. */
  call(method: string, path: string, options?: SignedRequestOptions | object): Promise<ApiAnswer>;
}

export type SettlementApi = Awaited<ReturnType<typeof startSettlementApi>>;

/**
 * Starts the API with a database of its own. `environment` adds to the configuration; with a chain there is a deployment.
 */
export async function startSettlementApi(
  environment: Record<string, string> = {},
  apis: readonly DomainApi[] = domains,
  deployment: Deployment = nowhere,
) {
  const url = environment.DATABASE_URL ?? (await createTestDatabase());
  const database = openDatabase(url, 'test', 20);
  await migrate(database, 'settlement', 'services/settlement/migrations');
  const rpcUrl = 'http://127.0.0.1:9';
  const context: SettlementContext = {
    database,
    chain: createChainClient(environment.RPC_URL ?? rpcUrl),
    deployment,
    config: settlementConfig.parse({ DATABASE_URL: url, RPC_URL: rpcUrl, ...environment }),
    log: createLogger('test', 'fatal'),
    metrics: createMetrics('test'),
  };
  const server = await listen(
    createSettlementApp(context, async () => undefined, apis),
    0,
  );
  const origin = `http://127.0.0.1:${server.port}`;

  const send = async ({ url: target, ...request }: SignedRequest): Promise<ApiAnswer> => {
    const response = await fetch(target, { ...request, redirect: 'error' });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json');
    const answer = {
      status: response.status,
      headers: response.headers,
      body: isJson ? JSON.parse(text) : text,
    };
    checkAgainstDescription(apis, request.method, new URL(target).pathname, answer);
    return answer;
  };

  return {
    context,
    database,
    origin,
    send,
    async partner(algorithm: SignatureAlgorithm = 'ed25519', name = 'Test bank'): Promise<TestPartner> {
      const { credential, publicKeyPem } = newCredential(algorithm);
      const { id } = await registerPartner(database, { name, ...credential, publicKeyPem });
      return {
        id,
        credential,
        call: async (method, path, options = {}) =>
          send(await signRequest(credential, method, origin + path, asOptions(options))),
      };
    },
    async stop() {
      await server.stop();
      await database.end();
    },
  };
}

/** A fresh pair for an algorithm. */
export function newCredential(algorithm: SignatureAlgorithm) {
  const { privateKey, publicKey } = newPair(algorithm);
  const credential: SigningCredential = {
    keyId: `key-${randomUUID()}`,
    privateKeyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    algorithm,
  };
  return { credential, publicKeyPem: publicKey.export({ type: 'spki', format: 'pem' }).toString() };
}

function newPair(algorithm: SignatureAlgorithm) {
  switch (algorithm) {
    case 'ed25519':
      return generateKeyPairSync('ed25519');
    case 'ecdsa-p256-sha256':
      return generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
    case 'rsa-pss-sha512':
      return generateKeyPairSync('rsa', { modulusLength: 2048 });
  }
}

/** A plain object becomes a JSON body; `{ body, contentType, idempotencyKey }` is taken as it is. */
function asOptions(options: SignedRequestOptions | object): SignedRequestOptions {
  const own = ['body', 'contentType', 'idempotencyKey'];
  if (Object.keys(options).every((name) => own.includes(name))) return options;
  return { body: JSON.stringify(options) };
}

/** Every answer under /v1 is what the description says: the success schema, or a problem that the route names. */
function checkAgainstDescription(
  apis: readonly DomainApi[],
  method: string,
  path: string,
  answer: ApiAnswer,
): void {
  if (answer.status >= 400) {
    const { code, status } = problemDocument.parse(answer.body);
    expect(answer.headers.get('content-type')).to.equal('application/problem+json; charset=utf-8');
    expect(status, code).to.equal(answer.status);
    expect(allProblems(apis)[code]?.status, `status of ${code}`).to.equal(answer.status);
    return;
  }
  const operation = apis
    .flatMap((api) => api.operations)
    .find(
      (candidate) =>
        candidate.method.toUpperCase() === method &&
        new RegExp(`^${candidate.path.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(path),
    );
  if (!operation) throw new Error(`${method} ${path} is not described`);
  expect(answer.status, `${method} ${path}`).to.equal(operation.answer.status);
  const schema = operation.answer.body?.['application/json'];
  if (schema !== undefined && typeof schema !== 'string') schema.parse(answer.body);
}
