import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

import type { CorridorCurrency } from '../../services/core/currency.ts';
import { deploymentSchema } from '../../services/core/deployment.ts';
import { createChainClient } from '../../services/platform/chain.ts';
import { openDatabase } from '../../services/platform/database.ts';
import type { SigningCredential } from '../../services/platform/http/signedFetch.ts';
import { openAccount } from '../../services/settlement/domains/accounts/service.ts';
import { openLedgerAccounts, postTransfers } from '../../services/settlement/domains/ledger/postings.ts';
import { listPartners, registerPartner } from '../../services/settlement/domains/partners/service.ts';

/** Account 3 of Hardhat's public mnemonic: the partner's treasury on the local chain. */
const TREASURY = '0x90f79bf6eb2c4f870365e785982e1f101e93b906';
const NAME = 'Demo Partner';

interface PartnerFile extends SigningCredential {
  webhookSecret?: string;
}

/**
 * Registers the demo partner and opens an account for each stablecoin, as an operator does for a real partner; what is there
 * already stays.
 * @returns the partner's key, which is also in `partnerFile` (mode 0600) for the sandbox.
 */
export async function openDemoPartner(job: {
  databaseUrl: string;
  rpcUrl: string;
  deploymentFile: string;
  partnerFile: string;
}): Promise<SigningCredential> {
  const credential = keyOf(job.partnerFile);
  const deployment = deploymentSchema.parse(JSON.parse(readFileSync(job.deploymentFile, 'utf8')));
  const database = openDatabase(job.databaseUrl, 'corridor start', 2);
  try {
    const { keyId, algorithm, privateKeyPem } = credential;
    const publicKeyPem = createPublicKey(privateKeyPem).export({ type: 'spki', format: 'pem' }).toString();
    const registered = (await listPartners(database)).find(({ keys }) =>
      keys.some((key) => key.keyId === keyId),
    );
    const partner =
      registered ?? (await registerPartner(database, { name: NAME, keyId, algorithm, publicKeyPem }));
    const chain = createChainClient(job.rpcUrl);
    const parts = { database, chain, deployment, ledger: { openLedgerAccounts, postTransfers } };
    for (const currency of Object.keys(deployment.stablecoins) as CorridorCurrency[])
      await openAccount(parts, { partnerId: partner.id, currency, payer: TREASURY });
    return credential;
  } finally {
    await database.end();
  }
}

/** Keeps the secret of the partner's webhook endpoint where the sandbox reads it. */
export function setWebhookSecret(partnerFile: string, webhookSecret: string): void {
  write(partnerFile, { ...keyOf(partnerFile), webhookSecret });
}

/** The key in the file; a fresh Ed25519 key where there is no file yet. */
function keyOf(partnerFile: string): SigningCredential {
  if (existsSync(partnerFile)) return JSON.parse(readFileSync(partnerFile, 'utf8')) as PartnerFile;
  const { privateKey } = generateKeyPairSync('ed25519');
  const credential = {
    keyId: `demo-${crypto.randomUUID()}`,
    algorithm: 'ed25519' as const,
    privateKeyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
  write(partnerFile, credential);
  return credential;
}

function write(partnerFile: string, partner: PartnerFile): void {
  writeFileSync(partnerFile, `${JSON.stringify(partner, null, 2)}\n`, { mode: 0o600 });
}
