import { z } from 'zod';
import { corridors, hasCorridor } from '../core/currency.ts';
import { parseMoney } from '../core/money.ts';
import {
  databaseUrlVariable,
  flagVariable,
  logLevelVariable,
  portVariable,
  rpcUrlVariable,
  wholeNumber,
} from '../platform/config.ts';
import type { LargeAmount } from './domains/payments/finality.ts';

/** First retry after 5 s, the last one three days after the message. */
const RETRY_SECONDS = '5,30,300,1800,7200,18000,36000,50400,72000,86400';

/** Parts separated by commas; none when the variable is absent. */
function listVariable(each: RegExp, expected: string) {
  return z
    .string()
    .default('')
    .transform((text) => text.split(',').flatMap((part) => part.trim() || []))
    .refine((parts) => parts.every((part) => each.test(part)), expected);
}

function readLargeAmount(entry: string): LargeAmount {
  const [currency = '', amount = '', blocks = ''] = entry.split(':');
  return { ...parseMoney(currency, amount), blocks: Number(blocks) };
}

/** The environment of the settlement service. */
export const settlementConfig = z.object({
  DATABASE_URL: databaseUrlVariable,
  RPC_URL: rpcUrlVariable,
  DEPLOYMENT_FILE: z.string().optional(),
  SETTLEMENT_PORT: portVariable.default(8080),
  /**
   * The origin that partners call, such as `https://api.example.com`: request signatures cover it. Without it the
   * service is reached by its loopback address only.
   */
  SETTLEMENT_ORIGIN: z
    .url({ protocol: /^https?$/, error: 'must be an origin such as https://api.example.com' })
    .refine(
      (text) => URL.parse(text)?.origin === text,
      'must be an origin: scheme, host and port, without a path',
    )
    .optional(),
  /** A second node of the same chain, of another operator: money is final only where both agree. */
  RPC_URL_2: rpcUrlVariable.optional(),
  /**
   * Private keys of signers, each with a lane of its own. On every chain but the local one, where a well-known key does
   * it, there must be a signer: here, in a key file or on a remote signer.
   */
  SETTLEMENT_SIGNER_KEYS: listVariable(
    /^0x[0-9a-fA-F]{64}$/,
    'must be private keys of 0x and 64 hex digits, separated by commas',
  ),
  /** Key files (Web3 Secret Storage), all opened by one password. */
  SETTLEMENT_KEYSTORES: listVariable(/./, 'must be names of files, separated by commas'),
  SETTLEMENT_KEYSTORE_PASSWORD_FILE: z.string().optional(),
  /** A server with web3signer's API, and the public keys that it signs with. */
  SETTLEMENT_REMOTE_SIGNER_URL: z
    .url({ protocol: /^https?$/, error: 'must be an http or https address' })
    .optional(),
  /** Private key that anchors the ledger's head, and does nothing else; needed on every chain but the local one. */
  LEDGER_ANCHOR_SIGNER_KEY: z
    .string()
    .regex(/^0x[0-9a-fA-F]{64}$/, 'must be a private key: 0x and 64 hex digits')
    .optional(),
  LEDGER_ANCHOR_INTERVAL_SECONDS: wholeNumber(1).default(86_400),
  SETTLEMENT_REMOTE_PUBLIC_KEYS: listVariable(
    /^0x[0-9a-fA-F]{128}$/,
    'must be public keys of 0x and 128 hex digits, separated by commas',
  ),
  /** Bearer token for the remote signer; a name and password may stand in its address instead. */
  SETTLEMENT_REMOTE_SIGNER_TOKEN: z.string().optional(),
  /** The products of the cover that are offered, as examples/insurance-products.json has them; none without it. */
  INSURANCE_PRODUCTS_FILE: z.string().optional(),
  /** Gas of the chain's next block above this price is dear: policies are then paid in the order of what that costs. */
  INSURANCE_DEAR_GAS_GWEI: wholeNumber(0).optional(),
  BATCH_SIZE: wholeNumber(1, 256).default(200),
  BATCH_MAX_AGE_MS: wholeNumber(0).default(500),
  /** Payments signed by wallets that a partner may have open at once: nobody pays for their network fee. */
  AUTHORIZED_PAYMENTS_OPEN: wholeNumber(1).default(100),
  /** Escrows that have not ended which a partner may have: nobody pays for their network fee. */
  ESCROWS_OPEN: wholeNumber(1).default(1_000),
  /** Policies that a partner may have ordered and that have neither been issued nor failed: nobody pays for their network fee. */
  POLICIES_OPEN: wholeNumber(1).default(2_000),
  /** How long before a deadline of an escrow, by the chain's time, its partner is told. */
  ESCROW_REMINDER_SECONDS: wholeNumber(0).default(86_400),
  /** Of the gas of a block, so much may one batch have. */
  BATCH_GAS_PERCENT: wholeNumber(1, 100).default(25),
  /** Age at which a difference between ledger, chain and bank is a warning, and when it is critical. */
  BREAK_WARNING_MINUTES: wholeNumber(0).default(10),
  BREAK_CRITICAL_MINUTES: wholeNumber(0).default(60),
  /** Between a mint or burn and its entry at the bank; until then none of them is missing. */
  BANK_TOLERANCE_BUSINESS_DAYS: wholeNumber(0, 30).default(2),
  /** Lets webhooks go to loopback and private addresses and over http. For a machine of your own only. */
  WEBHOOK_ALLOW_PRIVATE: flagVariable.default(false),
  /** Pauses between the attempts to deliver a webhook, in seconds. */
  WEBHOOK_RETRY_SECONDS: z
    .string()
    .regex(/^\d+(\.\d+)?(,\d+(\.\d+)?)*$/, 'must be numbers of seconds, separated by commas')
    .default(RETRY_SECONDS)
    .transform((text) => text.split(',').map(Number)),
  WEBHOOK_TIMEOUT_MS: wholeNumber(100).default(10_000),
  /**
   * Payments of at least an amount that are final only under so many blocks: `USD:1000000:12,CNY:7000000:12`. It counts
   * where that is deeper than the chain's own finality.
   */
  LARGE_PAYMENT_FINALITY: listVariable(
    /^[A-Z]{3}:\d{1,18}:\d{1,6}$/,
    'must be currency:amount:blocks, separated by commas, such as USD:1000000:12',
  )
    .refine(
      (entries) => entries.every((entry) => hasCorridor(entry.slice(0, 3))),
      `must be of ${Object.keys(corridors).join(', ')}`,
    )
    .transform((entries) => entries.map(readLargeAmount)),
  LOG_LEVEL: logLevelVariable,
});

export type SettlementConfig = z.output<typeof settlementConfig>;
