/** JSON-RPC over HTTP for whoever reads much: many requests in one, without what a general client does besides. */
import http from 'node:http';
import https from 'node:https';

const TIMEOUT_MS = 10_000;
const BATCH_SIZE = 50;
/** A node's answers are held in memory: at most so many of them, each of at most so many bytes. */
const CONNECTIONS = 4;
const ANSWER_BYTES = 128 * 1024 * 1024;
/** HTTP status 413. */
const TOO_LARGE = 413;
/** JSON-RPC 2.0 "method not found", EIP-1474 "method not supported". */
const UNKNOWN_METHOD = [-32_601, -32_004];

type RpcErrorCode =
  | 'rpc_unreachable'
  | 'rpc_timeout'
  | 'rpc_too_large'
  | 'rpc_malformed'
  | 'rpc_unknown_method'
  | 'rpc_refused';

/** The node cannot be reached, or answered, but not what it was asked. */
export class RpcError extends Error {
  override readonly name = 'RpcError';
  readonly code: RpcErrorCode;

  constructor(code: RpcErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Sends requests of one method, at most 50 in one HTTP request; answers come in the order of `params`. */
export type AskEach = <Answer>(method: string, params: readonly unknown[][]) => Promise<Answer[]>;

/**
 * Returns how to ask the node at `url`. Every request must be one that may be sent twice: a connection that the node
 * closed while a request was on its way is opened again once.
 * What it returns throws RpcError when a request is refused, not answered within 10 s, or not understood; the signal's
 * AbortError once `signal` is aborted.
 */
export function createJsonRpc(url: string, signal: AbortSignal): AskEach {
  const agent = new (url.startsWith('https:') ? https : http).Agent({
    keepAlive: true,
    maxSockets: CONNECTIONS,
  });
  signal.addEventListener('abort', () => agent.destroy(), { once: true });
  let lastId = 0;

  const batch = async (method: string, paramsOfEach: readonly unknown[][]): Promise<unknown[]> => {
    const firstId = lastId + 1;
    lastId += paramsOfEach.length;
    const requests = paramsOfEach.map((params, at) => ({ jsonrpc: '2.0', id: firstId + at, method, params }));
    const body = JSON.stringify(requests.length === 1 ? requests[0] : requests);
    const text = await post(url, agent, body, signal);
    return readAnswers(method, text, firstId, requests.length);
  };
  return async <Answer>(method: string, params: readonly unknown[][]) => {
    const batches = Array.from({ length: Math.ceil(params.length / BATCH_SIZE) }, (_, index) =>
      batch(method, params.slice(index * BATCH_SIZE, (index + 1) * BATCH_SIZE)),
    );
    return (await Promise.all(batches)).flat() as Answer[];
  };
}

interface RpcAnswer {
  id?: number | null;
  result?: unknown;
  error?: { code?: number; message?: string };
}

function readAnswers(method: string, text: string, firstId: number, count: number): unknown[] {
  let parsed: RpcAnswer | RpcAnswer[];
  try {
    parsed = JSON.parse(text) as RpcAnswer | RpcAnswer[];
  } catch (cause) {
    throw new RpcError('rpc_malformed', `The node's answer to ${method} is no JSON.`, { cause });
  }
  const results = new Array<unknown>(count);
  const isMissing = new Set(results.keys());
  for (const answer of Array.isArray(parsed) ? parsed : [parsed]) {
    if (answer?.error) throw refusal(method, answer.error);
    const at = Number(answer?.id) - firstId;
    if (answer?.result === undefined || !isMissing.delete(at))
      throw new RpcError('rpc_malformed', `The node's answer to ${method} is none to what it was asked.`);
    results[at] = answer.result;
  }
  if (isMissing.size === 0) return results;
  throw new RpcError('rpc_malformed', `The node left ${isMissing.size} of ${count} ${method} unanswered.`);
}

function refusal(method: string, { code = 0, message }: NonNullable<RpcAnswer['error']>): RpcError {
  return new RpcError(
    UNKNOWN_METHOD.includes(code) ? 'rpc_unknown_method' : 'rpc_refused',
    `The node refused ${method}: ${message} (${code})`,
  );
}

async function post(url: string, agent: http.Agent, body: string, signal: AbortSignal): Promise<string> {
  try {
    return await postOnce(url, agent, body, signal);
  } catch (error) {
    if (!(error as { wasReused?: boolean }).wasReused || signal.aborted) throw error;
    return postOnce(url, agent, body, signal);
  }
}

function postOnce(url: string, agent: http.Agent, body: string, signal: AbortSignal): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const request = (url.startsWith('https:') ? https : http).request(url, {
    method: 'POST',
    agent,
    signal,
    headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
  });
  const late = setTimeout(
    () => request.destroy(new RpcError('rpc_timeout', `The node did not answer within ${TIMEOUT_MS} ms.`)),
    TIMEOUT_MS,
  );
  const fail = (error: NodeJS.ErrnoException) => {
    clearTimeout(late);
    if (signal.aborted) return reject(signal.reason as Error);
    if (error instanceof RpcError) return reject(error);
    const unreachable = new RpcError('rpc_unreachable', `The node cannot be reached: ${error.message}`, {
      cause: error,
    });
    const wasReused = request.reusedSocket && ['ECONNRESET', 'EPIPE'].includes(error.code ?? '');
    reject(Object.assign(unreachable, { wasReused }));
  };
  request.on('error', fail);
  request.on('response', (response) => {
    const chunks: Buffer[] = [];
    let size = 0;
    response.on('error', fail);
    response.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      size += chunk.length;
      if (size > ANSWER_BYTES)
        request.destroy(
          new RpcError('rpc_too_large', `The node's answer has more than ${ANSWER_BYTES} bytes.`),
        );
    });
    response.on('end', () => {
      clearTimeout(late);
      const text = Buffer.concat(chunks).toString();
      const { statusCode = 0 } = response;
      // A refusal in JSON says more than its status.
      if (statusCode < 400 || text.startsWith('{') || text.startsWith('[')) return resolve(text);
      const code = statusCode === TOO_LARGE ? 'rpc_too_large' : 'rpc_unreachable';
      return reject(new RpcError(code, `The node answered with HTTP status ${statusCode}.`));
    });
  });
  request.end(body);
  return promise;
}
