/**
 * One signed request as the demo partner, for the terminal:
 *
 *   npm run partner -- GET /v1/accounts
 *   npm run partner -- POST /v1/payments examples/payment.json [Idempotency-Key]
 *
 * `SETTLEMENT_URL` and `SANDBOX_PARTNER_FILE` choose another service or key.
 */
import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { loadConfig } from '../services/platform/config.ts';
import { signedFetch } from '../services/platform/http/signedFetch.ts';
import { PartnerCredentialFile } from '../services/sandbox/domains/partner/credential.ts';
import { readRunning } from './start/running.ts';
import { startConfig } from './start/settings.ts';

const mediaTypes: Record<string, string> = {
  json: 'application/json',
  csv: 'text/csv',
  xml: 'application/xml',
};

const [method, path, file, idempotencyKey] = process.argv.slice(2);
if (!method || !path?.startsWith('/')) {
  console.error(
    'Say what to ask: npm run partner -- GET /v1/payments, or POST /v1/payments examples/payment.json [key]',
  );
  process.exit(1);
}
if (file && !existsSync(file)) {
  console.error(`There is no file ${file}.`);
  process.exit(1);
}
const config = loadConfig(
  z.object({
    SETTLEMENT_URL: z.url().optional(),
    SANDBOX_PARTNER_FILE: z.string().optional(),
    DATA_DIR: startConfig.shape.DATA_DIR,
  }),
);
const partnerFile = config.SANDBOX_PARTNER_FILE ?? `${config.DATA_DIR}/partner.json`;
const origin = config.SETTLEMENT_URL ?? readRunning(config.DATA_DIR)?.settlementUrl;
const credential = await new PartnerCredentialFile(partnerFile).load();
if (!credential || !origin) {
  console.error(
    'Start Corridor in another terminal (npm start), or set SETTLEMENT_URL and SANDBOX_PARTNER_FILE.',
  );
  process.exit(1);
}
const contentType = mediaTypes[file?.split('.').at(-1) ?? ''];
const answer = await signedFetch(credential, method.toUpperCase(), `${origin}${path}`, {
  ...(file && { body: readFileSync(file) }),
  ...(contentType && { contentType }),
  ...(idempotencyKey && { idempotencyKey }),
});
console.error(
  `${answer.status} ${answer.statusText}${answer.headers.get('idempotency-hit') ? ', known by its Idempotency-Key' : ''}`,
);
console.log(await answer.text());
process.exitCode = answer.ok ? 0 : 1;
