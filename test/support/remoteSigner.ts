/** A small server with web3signer's `eth1/sign`: a real key over real HTTP, and the faults that such servers have. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type Hex, keccak256, serializeSignature, toHex } from 'viem';
import { privateKeyToAccount, sign } from 'viem/accounts';
import { bodyOf } from './bodyOf.ts';

/** How it misbehaves: not at all, slow, failing, somebody else's key, no signature at all, s in the upper half (EIP-2). */
export type SignerFault = 'none' | 'silent' | 'error' | 'wrong key' | 'garbage' | 'high s';

/** Of secp256k1. */
const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const STRANGER: Hex = `0x${'5e'.repeat(32)}`;

export interface RemoteSigner extends AsyncDisposable {
  readonly url: string;
  readonly publicKey: Hex;
  fault: SignerFault;
  /** Refuses the next so many requests with 503. */
  failNext: number;
  /** `authorization` of every request that came. */
  readonly authorizations: (string | undefined)[];
}

/** Starts it on a free port with one private key. */
export async function startRemoteSigner(privateKey: Hex): Promise<RemoteSigner> {
  const publicKey: Hex = `0x${privateKeyToAccount(privateKey).publicKey.slice(4)}`;
  const authorizations: (string | undefined)[] = [];
  const server = createServer(async (request, response) => {
    const text = await bodyOf(request);
    if (text === undefined) return undefined;
    authorizations.push(request.headers.authorization);
    const answer = (status: number, body = '') =>
      response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(body);
    if (remote.fault === 'silent') return undefined; // never answers
    if (remote.fault === 'error' || remote.failNext > 0) {
      remote.failNext--;
      return answer(503);
    }
    if (request.method !== 'POST' || request.url !== `/api/v1/eth1/sign/${publicKey}`) return answer(404);
    if (remote.fault === 'garbage') return answer(200, '{"signature":"0x1234"}');
    const { data } = JSON.parse(text) as { data: Hex };
    const key = remote.fault === 'wrong key' ? STRANGER : privateKey;
    return answer(200, await signHash(keccak256(data), key, remote.fault === 'high s'));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const remote: RemoteSigner = {
    url: `http://127.0.0.1:${(server.address() as { port: number }).port}`,
    publicKey,
    fault: 'none',
    failNext: 0,
    authorizations,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return remote;
}

/** r, s and v (27 or 28) of a hash, as web3signer answers them. */
async function signHash(hash: Hex, privateKey: Hex, isHigh: boolean): Promise<Hex> {
  const { r, s, yParity = 0 } = await sign({ hash, privateKey });
  return isHigh
    ? serializeSignature({ r, s: toHex(ORDER - BigInt(s), { size: 32 }), yParity: 1 - yParity })
    : serializeSignature({ r, s, yParity });
}
