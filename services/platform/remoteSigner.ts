/** A key on another machine, behind the HTTP API of web3signer (`eth1/sign`), which also fronts HSMs and cloud KMSs. */
import { type Hex, keccak256, numberToHex, parseSignature, recoverAddress } from 'viem';
import { publicKeyToAddress } from 'viem/accounts';
import { type Signature, type Signer, SignerError, signedTransaction, unsignedBytes } from './signer.ts';

/** Two tries fit into the time that a lane's lease runs. */
const TRIES = 2;
const TIMEOUT_MS = 1_500;
/** Order of secp256k1. */
const ORDER = 0xffff_ffff_ffff_ffff_ffff_ffff_ffff_fffe_baae_dce6_af48_a03b_bfd2_5e8c_d036_4141n;

export interface RemoteSignerOptions {
  /** Where the signer answers; `https` for TLS, `user:password@` for basic authentication. */
  url: string;
  /** The key: 64 bytes of its uncompressed public key in hex, as `GET /api/v1/eth1/publicKeys` lists it. */
  publicKey: Hex;
  /** Sent as a bearer token. */
  token?: string | undefined;
  timeoutMs?: number;
}

/**
 * A signer that asks by HTTP. It hands over the unsigned bytes, the server signs their keccak256. An answer counts only
 * if it is a signature of this very key over these very bytes; s is brought into the lower half (EIP-2).
 */
export function createRemoteSigner(options: RemoteSignerOptions): Signer {
  const { publicKey, token, timeoutMs = TIMEOUT_MS } = options;
  const address = publicKeyToAddress(`0x04${publicKey.slice(2)}`);
  const { url, headers } = target(options.url, publicKey, token);
  const ask = async (data: Hex): Promise<string> => {
    for (let tries = 1; ; tries++) {
      try {
        return await post(url, headers, data, timeoutMs);
      } catch (error) {
        const isWorthRepeating = error instanceof SignerError && error.code === 'signer_unavailable';
        if (!isWorthRepeating || tries === TRIES) throw error;
      }
    }
  };
  const signBytes = async (data: Hex): Promise<Signature> => {
    const signature = readSignature(await ask(data), url);
    const signer = await recoverAddress({ hash: keccak256(data), signature }).catch(() => undefined);
    if (signer !== address)
      throw new SignerError(
        'signer_mismatch',
        `The signer at ${url} signed as ${signer ?? 'nobody'}, expected ${address}. Nothing was sent. Check that the public key that is configured names the key and that the server hashes what it signs (keccak256).`,
      );
    return signature;
  };
  return {
    address,
    signBytes,
    sign: async (transaction) => signedTransaction(transaction, await signBytes(unsignedBytes(transaction))),
  };
}

/** Credentials move from the URL to a header: they are to stand in no log. */
function target(base: string, publicKey: Hex, token: string | undefined) {
  const url = new URL(base);
  const basic =
    url.username &&
    Buffer.from(`${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`).toString('base64');
  url.username = '';
  url.password = '';
  url.pathname = `${url.pathname.replace(/\/$/, '')}/api/v1/eth1/sign/${publicKey}`;
  const authorization = token ? `Bearer ${token}` : basic && `Basic ${basic}`;
  return {
    url: url.href,
    headers: { 'content-type': 'application/json', ...(authorization && { authorization }) },
  };
}

async function post(
  url: string,
  headers: Record<string, string>,
  data: Hex,
  timeoutMs: number,
): Promise<string> {
  let status: number;
  let text: string;
  try {
    const signal = AbortSignal.timeout(timeoutMs);
    const body = JSON.stringify({ data });
    const answer = await fetch(url, { method: 'POST', headers, body, signal, redirect: 'error' });
    status = answer.status;
    text = await answer.text();
  } catch (cause) {
    throw new SignerError(
      'signer_unavailable',
      `The signer at ${url} does not answer within ${timeoutMs} ms (${(cause as Error).message}). Start it, or correct its address in the configuration.`,
      { cause },
    );
  }
  if (status === 200) return text.trim();
  const code = status >= 500 || status === 429 ? 'signer_unavailable' : 'signer_refused';
  throw new SignerError(
    code,
    `The signer at ${url} answered ${status}, expected 200. Look whether it has the key and takes our credentials.`,
  );
}

function readSignature(text: string, url: string): Signature {
  if (!/^0x[0-9a-fA-F]{128}(00|01|1[bcBC])$/.test(text))
    throw new SignerError(
      'signer_garbage',
      `The signer at ${url} answered ${text.length} characters that are no signature, expected 65 bytes in hex.`,
    );
  const { r, s, yParity } = parseSignature(text as Hex);
  const value = BigInt(s);
  if (value <= ORDER / 2n || value >= ORDER) return { r, s, yParity };
  return { r, s: numberToHex(ORDER - value, { size: 32 }), yParity: 1 - yParity };
}
