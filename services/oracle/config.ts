import { z } from 'zod';
import { logLevelVariable, rpcUrlVariable, wholeNumber } from '../platform/config.ts';

/** The environment of one reporter. */
export const oracleConfig = z.object({
  RPC_URL: rpcUrlVariable,
  DEPLOYMENT_FILE: z.string().optional(),
  /** Health, readiness, metrics and the rows for the other reporters; 0 takes any free port. */
  ORACLE_PORT: wholeNumber(0, 65_535).default(8090),
  /** The interface to listen on; the other reporters must reach it. */
  ORACLE_HOST: z.string().default('127.0.0.1'),
  /** Private key that signs this reporter's values and its transactions; instead, it may be in a file or on a remote signer. */
  ORACLE_REPORTER_KEY: z
    .string()
    .regex(/^0x[0-9a-f]{64}$/i, 'must be a private key: 0x and 64 hex digits')
    .optional(),
  /** The key in a file (Web3 Secret Storage), and the file of its password. */
  ORACLE_KEYSTORE: z.string().optional(),
  ORACLE_KEYSTORE_PASSWORD_FILE: z.string().optional(),
  /** The key on a server with web3signer's API, and which of its public keys it is. */
  ORACLE_REMOTE_SIGNER_URL: z
    .url({ protocol: /^https?$/, error: 'must be an http or https address' })
    .optional(),
  ORACLE_REMOTE_PUBLIC_KEY: z
    .string()
    .regex(/^0x[0-9a-f]{128}$/i, 'must be a public key: 0x and 128 hex digits')
    .optional(),
  /** Bearer token for the remote signer; a name and password may stand in its address instead. */
  ORACLE_REMOTE_SIGNER_TOKEN: z.string().optional(),
  /** Feeds and this reporter's own sources: docs/oracle.md. */
  ORACLE_FEEDS_FILE: z.string('is missing: set it to the file of feeds and sources'),
  /** Origins of the other reporters, separated by commas. */
  ORACLE_PEERS: z
    .string()
    .default('')
    .transform((text) => text.split(',').flatMap((part) => part.trim() || []))
    .refine(
      (origins) => origins.every((text) => /^https?:$/.test(URL.parse(text)?.protocol ?? '')),
      'must be origins such as https://reporter-2.example.com, separated by commas',
    ),
  /** Pause between two looks at the head of the chain. Default: 200 on the local chain, elsewhere 1000. */
  POLL_INTERVAL_MS: wholeNumber(10).optional(),
  LOG_LEVEL: logLevelVariable,
});

export type OracleConfig = z.output<typeof oracleConfig>;
