/** What the sandbox's suites share: a sandbox in this process, with a partner file and a chain of its own. */
import { generateKeyPairSync } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { startSandbox } from '../../../services/sandbox/sandbox.ts';
import type { TestChain } from '../../support/chain.ts';

export const WEB_ORIGIN = 'http://127.0.0.1:5173';
export const WEBHOOK_SECRET = `whsec_${Buffer.from('a secret of thirty-two bytes, ok').toString('base64')}`;

export interface Sandboxing extends AsyncDisposable {
  url: string;
  /** Public half of the key in the partner file. */
  publicKeyPem: string;
  partnerFile: string;
  writePartnerFile(change?: Record<string, unknown>): Promise<void>;
}

export async function startTestSandbox(chain: TestChain, settlementUrl: string): Promise<Sandboxing> {
  const partnerFile = path.join(path.dirname(chain.deploymentFile), 'partner.json');
  const { publicKey, privateKey } = generateKeyPairSync('ed25519', {
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const partner = {
    keyId: 'key-1',
    algorithm: 'ed25519',
    privateKeyPem: privateKey,
    webhookSecret: WEBHOOK_SECRET,
  };
  await rm(partnerFile, { force: true });
  const server = await startSandbox({
    RPC_URL: chain.rpcUrl,
    DEPLOYMENT_FILE: chain.deploymentFile,
    SANDBOX_PORT: 0,
    SANDBOX_PARTNER_FILE: partnerFile,
    SANDBOX_MINTER_KEY: undefined,
    SETTLEMENT_URL: settlementUrl,
    WEB_ORIGIN: [WEB_ORIGIN],
    LOG_LEVEL: 'fatal',
  });
  return {
    url: `http://127.0.0.1:${server.port}`,
    publicKeyPem: publicKey,
    partnerFile,
    writePartnerFile: (change = {}) => writeFile(partnerFile, JSON.stringify({ ...partner, ...change })),
    [Symbol.asyncDispose]: () => server.stop(),
  };
}

/** Status and code of an answer: what the specification speaks of. */
export async function outcome(answer: Response): Promise<{ status: number; code?: string }> {
  const body = (await answer.json()) as { code?: string };
  return { status: answer.status, ...(body.code && { code: body.code }) };
}
