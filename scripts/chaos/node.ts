/** The chain's node as the services see it: honest, but for the misbehaviour that is put on it for a while. */
import { type NodeProxy, type RpcCall, startNodeProxy } from '../../test/support/nodeProxy.ts';

/** One way in which a node misbehaves. Several may be on at the same time. */
export interface Misbehaviour {
  /** Before a call goes on to the chain; may change its parameters, wait, or throw. */
  before?: (call: RpcCall) => unknown;
  /** What the service hears instead of the chain's answer; may throw. */
  // biome-ignore lint/suspicious/noExplicitAny: answers are whatever JSON-RPC has
  after?: (call: RpcCall, result: any) => unknown;
  /** What becomes of the whole body of an answer. */
  body?: (body: string) => string;
}

export interface FaultyNode {
  readonly rpcUrl: string;
  /** Puts a misbehaviour on. @returns how to take it off. */
  misbehave(misbehaviour: Misbehaviour): () => void;
  stop(): Promise<void>;
}

/** @param onSend Told of the raw bytes of each transaction that a service hands over. */
export async function startFaultyNode(chainUrl: string, onSend: (raw: unknown) => void): Promise<FaultyNode> {
  const proxy: NodeProxy = await startNodeProxy(chainUrl);
  const active = new Set<Misbehaviour>();
  proxy.intercept(async (call) => {
    proxy.calls.length = 0; // nobody reads them here, and a world lives long
    if (call.method === 'eth_sendRawTransaction') onSend(call.params[0]);
    for (const { before } of [...active]) await before?.(call);
  });
  proxy.distort(async (call, result) => {
    let heard = result;
    for (const { after } of [...active]) if (after) heard = await after(call, heard);
    return heard;
  });
  proxy.rewrite((body) =>
    [...active].reduce((text, misbehaviour) => misbehaviour.body?.(text) ?? text, body),
  );
  return {
    rpcUrl: proxy.rpcUrl,
    misbehave(misbehaviour) {
      active.add(misbehaviour);
      return () => void active.delete(misbehaviour);
    },
    async stop() {
      await proxy[Symbol.asyncDispose]();
    },
  };
}
