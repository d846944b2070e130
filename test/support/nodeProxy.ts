/** A JSON-RPC node between the indexer and the chain that can be made to lag, lie, refuse or fall silent. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { bodyOf } from './bodyOf.ts';

export interface RpcCall {
  method: string;
  params: unknown[];
}

/** Changes an answer: gets the request and what the chain says, returns what the service hears, or a promise of it. Throws to refuse. */
// biome-ignore lint/suspicious/noExplicitAny: answers are whatever JSON-RPC has
export type Distortion = (call: RpcCall, result: any) => unknown;

/** Thrown by a distortion or interception: the connection breaks off instead of an answer. */
export class ConnectionCut extends Error {}

export interface NodeProxy extends AsyncDisposable {
  readonly rpcUrl: string;
  /** Every request that came, in order. */
  readonly calls: RpcCall[];
  distort(distortion: Distortion): void;
  /** Called before a request goes on to the chain, and waited for: what never resolves never gets there. */
  intercept(interception: (call: RpcCall) => unknown): void;
  /** Answers a method that the chain's node does not have. */
  serve(method: string, answer: (params: unknown[]) => Promise<unknown>): void;
  /** Refuses every request of a batch of more than `requests`. */
  limitBatch(requests: number): void;
  /** Changes the whole body of an answer, which has the answers to a batch in their order. */
  rewrite(rewriting: (body: string) => string): void;
  /** Answers every request with this status and nothing else, as what stands before a node does; undefined ends it. */
  refuse(status: number | undefined, headers?: Record<string, string>): void;
  /** Cuts every connection instead of answering. */
  silence(isSilent: boolean): void;
}

const honest: Distortion = (_, result) => result;

/** Starts a proxy on a free port; it is honest until told otherwise. */
export async function startNodeProxy(chainUrl: string): Promise<NodeProxy> {
  let distortion = honest;
  let interception: (call: RpcCall) => unknown = () => undefined;
  let rewriting = (body: string): string => body;
  let isSilent = false;
  let refusal: { status: number; headers: Record<string, string> } | undefined;
  let batchLimit = Number.POSITIVE_INFINITY;
  const calls: RpcCall[] = [];
  const served = new Map<string, (params: unknown[]) => Promise<unknown>>();

  const answer = async (call: RpcCall & { id: number }) => {
    calls.push(call);
    try {
      await interception(call);
      const own = served.get(call.method);
      if (own) return { jsonrpc: '2.0', id: call.id, result: await distortion(call, await own(call.params)) };
      const response = await fetch(chainUrl, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(call),
      });
      const { result, error } = (await response.json()) as { result?: unknown; error?: unknown };
      if (error) return { jsonrpc: '2.0', id: call.id, error };
      return { jsonrpc: '2.0', id: call.id, result: await distortion(call, result) };
    } catch (error) {
      if (error instanceof ConnectionCut) throw error;
      return { jsonrpc: '2.0', id: call.id, error: { code: -32602, message: (error as Error).message } };
    }
  };
  const server = createServer(async (request, response) => {
    const text = await bodyOf(request);
    if (text === undefined || isSilent) return request.socket.destroy();
    if (refusal) return response.writeHead(refusal.status, refusal.headers).end();
    const body = JSON.parse(text);
    const refuse = async ({ id }: { id: number }) => ({
      jsonrpc: '2.0',
      id,
      error: { code: -32602, message: 'too many' },
    });
    try {
      const answers = Array.isArray(body)
        ? await Promise.all(body.map(body.length > batchLimit ? refuse : answer))
        : await answer(body);
      response.setHeader('content-type', 'application/json').end(rewriting(JSON.stringify(answers)));
    } catch (error) {
      if (!(error instanceof ConnectionCut)) throw error;
      request.socket.destroy();
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  return {
    rpcUrl: `http://127.0.0.1:${port}`,
    calls,
    distort(next) {
      distortion = next;
    },
    serve(method, own) {
      served.set(method, own);
    },
    intercept(next) {
      interception = next;
    },
    limitBatch(requests) {
      batchLimit = requests;
    },
    rewrite(next) {
      rewriting = next;
    },
    refuse(status, headers = {}) {
      refusal = status === undefined ? undefined : { status, headers };
    },
    silence(next) {
      isSilent = next;
    },
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
