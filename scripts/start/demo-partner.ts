import { generateKeyPairSync } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { deploymentSchema } from '../../services/core/deployment.ts';
import { openDatabase } from '../../services/platform/database.ts';
import type { SigningCredential } from '../../services/platform/http/signedFetch.ts';
import { registerPartner } from '../../services/settlement/domains/partners/service.ts';

/** Account 3 of Hardhat's public mnemonic: the partner's treasury on the local chain. */
const TREASURY = '0x90f79bf6eb2c4f870365e785982e1f101e93b906';
const KEY_ID = 'demo-partner-1';

interface PartnerFile extends SigningCredential {
  webhookSecret: string;
}

/**
 * Registers the demo partner with a fresh Ed25519 key and an account for each stablecoin, as an operator does for a real one; what is
 * registered already stays.
 * @returns the key, which is also in `partnerFile` (mode 0600) for the sandbox.
 */
export async function openDemoPartner(job: {
  databaseUrl: string;
  deploymentFile: string;
  partnerFile: string;
}): Promise<SigningCredential> {
  const deployment = deploymentSchema.parse(JSON.parse(readFileSync(job.deploymentFile, 'utf8')));
  const database = openDatabase(job.databaseUrl, 'corridor start', 2);
  try {
    throw new Error(
      `TODO ${deployment.chainId} ${TREASURY} ${KEY_ID} ${registerPartner} ${generateKeyPairSync} ${existsSync}`,
    );
  } finally {
    await database.end();
  }
}

/** Keeps the secret of the partner's webhook endpoint where the sandbox reads it. */
export function setWebhookSecret(partnerFile: string, webhookSecret: string): void {
  const partner = JSON.parse(readFileSync(partnerFile, 'utf8')) as PartnerFile;
  writeFileSync(partnerFile, `${JSON.stringify({ ...partner, webhookSecret }, null, 2)}\n`, { mode: 0o600 });
}
