import { z } from 'zod';
import { logLevelVariable, portVariable, rpcUrlVariable } from '../platform/config.ts';

/** Account 2 of Hardhat's test mnemonic, the minter of test money; its key is known to everybody. */
export const LOCAL_MINTER_KEY = '0x5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a';

/** The environment of the sandbox. */
export const sandboxConfig = z.object({
  RPC_URL: rpcUrlVariable,
  SANDBOX_PORT: portVariable.default(8082),
  /** Where the set-up writes the demo partner's key and webhook secret. */
  SANDBOX_PARTNER_FILE: z.string().default('.corridor/partner.json'),
  /** Mints test money; needed on every chain but the local one, where a well-known key does it. */
  SANDBOX_MINTER_KEY: z
    .templateLiteral(['0x', z.string()])
    .refine((key) => /^0x[0-9a-f]{64}$/i.test(key), 'must be a private key: 0x and 64 hex digits')
    .optional(),
  /** Origin of the settlement API. */
  SETTLEMENT_URL: z.url().default('http://127.0.0.1:8080'),
  /** Origins of the web app, separated by commas; only they may read answers in a browser. */
  WEB_ORIGIN: z
    .string()
    .default('http://127.0.0.1:5173,http://localhost:5173')
    .transform((origins) => origins.split(',').map((origin) => origin.trim())),
  DEPLOYMENT_FILE: z.string().optional(),
  LOG_LEVEL: logLevelVariable,
});

export type SandboxConfig = z.output<typeof sandboxConfig>;
