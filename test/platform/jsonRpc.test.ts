import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { expect } from 'chai';
import { createJsonRpc, type RpcError } from '../../services/platform/jsonRpc.ts';
import { bodyOf } from '../support/bodyOf.ts';

interface Request {
  id: number;
  params: unknown[];
}

describe('platform: JSON-RPC', () => {
  let server: Server;
  let url: string;
  /** The bodies that came, each a request or a batch. */
  let bodies: (Request | Request[])[];
  let answer: (requests: Request[], response: ServerResponse) => unknown;
  const stopping = new AbortController();

  before(async () => {
    server = createServer(async (request, response) => {
      const text = await bodyOf(request);
      if (text === undefined) return;
      const body = JSON.parse(text) as Request | Request[];
      bodies.push(body);
      const content = await answer(Array.isArray(body) ? body : [body], response);
      if (!response.writableEnded) response.end(JSON.stringify(content));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
  });
  beforeEach(() => {
    bodies = [];
    answer = (requests) => requests.map(({ id, params }) => ({ id, result: params[0] })).reverse();
  });
  after(async () => {
    stopping.abort();
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  const ask = (count = 3) =>
    createJsonRpc(url, stopping.signal)(
      'echo',
      Array.from({ length: count }, (_, at) => [at]),
    );
  const codeOf = (asked: Promise<unknown>) =>
    asked.then(
      () => 'answered',
      (error: RpcError) => error.code,
    );

  it('puts the answers into the order of the questions', async () => {
    expect(await ask()).to.deep.equal([0, 1, 2]);
  });

  it('sends at most fifty requests in one', async () => {
    expect(await ask(120)).to.have.length(120);
    expect(bodies.map((body) => (body as Request[]).length)).to.have.members([20, 50, 50]);
  });

  it('sends a single request as it is', async () => {
    answer = ([request]) => ({ id: request?.id, result: 'one' });
    expect(await ask(1)).to.deep.equal(['one']);
    expect(bodies[0]).not.to.be.an('array');
  });

  const faults: [string, string, (requests: Request[], response: ServerResponse) => unknown][] = [
    ['that is no JSON', 'rpc_malformed', (_, response) => response.end('<html>')],
    ['that leaves a request out', 'rpc_malformed', ([first]) => [{ id: first?.id, result: 1 }]],
    [
      'to other requests than were sent',
      'rpc_malformed',
      (requests) => requests.map(({ id }) => ({ id: id + 1, result: 1 })),
    ],
    ['of nothing', 'rpc_malformed', () => null],
    ['that refuses', 'rpc_refused', () => ({ id: null, error: { code: -32_000, message: 'too many' } })],
    [
      'that does not know the method',
      'rpc_unknown_method',
      ([first]) => [{ id: first?.id, error: { code: -32_601, message: 'no such method' } }],
    ],
    ['with status 413', 'rpc_too_large', (_, response) => response.writeHead(413).end('too large')],
    ['with status 503', 'rpc_unreachable', (_, response) => response.writeHead(503).end('<html>')],
    ['by closing the connection', 'rpc_unreachable', (_, response) => response.socket?.destroy()],
  ];
  for (const [what, code, fault] of faults)
    it(`tells of an answer ${what} as ${code}`, async () => {
      answer = fault;
      expect(await codeOf(ask())).to.equal(code);
    });

  it('asks once more when the node closed a connection that was kept', async () => {
    const askEach = createJsonRpc(url, stopping.signal);
    await askEach('echo', [[0], [1]]);
    const honest = answer;
    let isFirst = true;
    answer = (requests, response) => {
      if (!isFirst) return honest(requests, response);
      isFirst = false;
      return response.socket?.destroy();
    };
    expect(await askEach('echo', [[7], [8]])).to.deep.equal([7, 8]);
  });

  it('tells of a node that is not there', async () => {
    expect(await codeOf(createJsonRpc('http://127.0.0.1:1', stopping.signal)('echo', [[]]))).to.equal(
      'rpc_unreachable',
    );
  });

  it('ends with the signal', async () => {
    const ending = new AbortController();
    answer = () => new Promise(() => undefined);
    const asked = createJsonRpc(url, ending.signal)('echo', [[0]]);
    ending.abort();
    expect(await asked.catch((error: Error) => error.name)).to.equal('AbortError');
  });
});
