import { bytesToHex, type Hex } from 'viem';

/** sha256 of a document, which stays on this computer; undefined when there is none. */
export async function documentHash(document: Blob | undefined): Promise<Hex | undefined> {
  if (!document) return undefined;
  return bytesToHex(new Uint8Array(await crypto.subtle.digest('SHA-256', await document.arrayBuffer())));
}
