/** The words of escrows in the API: what a partner sends, what it gets. */
import { z } from 'zod';
import { AMOUNT_FORM, isAmount } from '../../../core/money.ts';
import { rule } from '../../http/faults.ts';
import { addressField, amountField, bytes32Field, secondField } from '../../http/fields.ts';
import { pageQuery } from '../../http/requests.ts';
import { timelineField } from '../../http/timeline.ts';
import { MOST_RULES, releaseRuleSchema } from './ruleSchema.ts';

/**
 * `created`: the payer has not put anything in. `authorizing`: what the payer signed, or what its account pays, is on its way. `authorized` and `disputed`: money
 * is held. The others have ended; which verb ended it. `refunded`: all that was captured went back.
 */
export const escrowStatuses = [
  'created',
  'authorizing',
  'authorized',
  'disputed',
  'captured',
  'voided',
  'reclaimed',
  'released',
  'ruled',
  'refunded',
  'cancelled',
  'expired',
] as const;
export type EscrowStatus = (typeof escrowStatuses)[number];

/** What pays somebody out. */
const creditVerbs = ['captured', 'voided', 'reclaimed', 'refunded', 'released', 'ruled'] as const;
export type CreditVerb = (typeof creditVerbs)[number];
/** One that is paid out in very many parts to somebody who cannot receive has no longer list than this. */
export const CREDITS_SHOWN = 100;

/** Names our signer, whichever works, where terms have an account. */
export const OURS = 'corridor';

const UINT32_MAX = 2 ** 32 - 1;
const UINT16_MAX = 2 ** 16 - 1;
/** The contract takes 32; of a list that is longer than this not even that is said. */
const MOST_MILESTONES = 1_000;

const expiry = secondField.transform(Number);
const bps = z.int().min(0).max(UINT16_MAX).default(0);
const oursOrAddress = z.union([z.literal(OURS), addressField]).optional();

export const escrowRequestSchema = z
  .strictObject({
    amount: amountField,
    payer: addressField,
    payee: addressField,
    operator: oursOrAddress.meta({
      description:
        'Who captures and voids: `corridor` for us, by your requests. Without one the payer captures.',
    }),
    authorizationExpiry: expiry.meta({
      description: 'Last second in which money may be taken from the payer.',
    }),
    captureExpiry: expiry.meta({
      description: 'Last second in which it may be captured; then it goes back.',
    }),
    refundExpiry: expiry.meta({ description: 'Last second in which captured money may be refunded.' }),
    minFeeBps: bps.meta({
      description: "The fee recipient's least part of what the payee gets, in 1/10,000.",
    }),
    maxFeeBps: bps,
    feeRecipient: addressField.optional(),
    arbiter: oursOrAddress.meta({ description: 'Who rules disputes: `corridor` for us, by your requests.' }),
    rulingPeriodSeconds: z.int().min(0).max(UINT32_MAX).default(0),
    defaultPayeeBps: bps.meta({ description: "The payee's part when the arbiter stays silent." }),
    hashLock: bytes32Field.optional().meta({
      description:
        'sha256 of the 32 bytes (of a document, say) that capture everything when they are presented.',
    }),
    milestones: z
      .array(z.string().refine(isAmount, rule('amount_malformed', AMOUNT_FORM)))
      .max(MOST_MILESTONES)
      .default([])
      .meta({ description: 'Amounts to capture one after the other; together they are the amount.' }),
    releaseRules: z
      .array(releaseRuleSchema)
      .max(MOST_RULES)
      .default([])
      .meta({ description: 'What we watch as operator, and do by ourselves. They never change.' }),
    salt: bytes32Field
      .optional()
      .meta({ description: 'Tells equal terms apart; left out, it comes of your Idempotency-Key.' }),
  })
  .meta({ id: 'EscrowRequest' });

export type EscrowRequest = z.output<typeof escrowRequestSchema>;

const hash = z.string().regex(/^0x[0-9a-f]{64}$/);
const wallet = z.string().regex(/^0x[0-9a-f]{40}$/);
const time = z.iso.datetime();
const value = z.string();

/** For a wallet: eth_signTypedData_v4, or eth_sendTransaction. */
const typedData = z
  .record(z.string(), z.unknown())
  .meta({ description: 'EIP-712, for eth_signTypedData_v4.' });
export const transactionSchema = z.strictObject({
  from: wallet,
  to: wallet,
  data: z.string().regex(/^0x[0-9a-f]*$/),
});

export const escrowSchema = z
  .strictObject({
    id: z.string().meta({ example: 'esc_019a9e1c3f0072d8b4c1d2e3f4a5b6c7' }),
    status: z.enum(escrowStatuses).meta({ description: 'By what is final on the chain.' }),
    contract: wallet,
    escrowId: hash.meta({ description: 'EIP-712 hash of the terms, by which the contract knows it.' }),
    amount: z.strictObject({ currency: z.string(), value }),
    terms: z
      .strictObject({
        payer: wallet,
        payee: wallet,
        token: wallet,
        operator: wallet.nullable(),
        authorizationExpiry: time,
        captureExpiry: time,
        refundExpiry: time,
        minFeeBps: z.int(),
        maxFeeBps: z.int(),
        feeRecipient: wallet.nullable(),
        arbiter: wallet.nullable(),
        rulingPeriodSeconds: z.int(),
        defaultPayeeBps: z.int(),
        hashLock: hash.nullable(),
        salt: hash,
        milestones: z.array(value),
      })
      .meta({ id: 'EscrowTerms' }),
    balances: z
      .strictObject({
        authorized: value,
        capturable: value,
        captured: value,
        returned: value,
        refunded: value,
      })
      .meta({ description: 'What came in, is held, went to the payee (with the fee) and to the payer.' }),
    rulingDeadline: time.nullable(),
    releaseRules: z.array(
      z.strictObject({
        when: z.record(z.string(), z.unknown()),
        do: z.record(z.string(), z.unknown()),
        heldAtBlock: z
          .number()
          .int()
          .nullable()
          .meta({ description: 'The final block at which it held first.' }),
        isDone: z.boolean(),
        failure: z.enum(['amount_not_held']).nullable().meta({
          description: 'Why it was given up; `amount_not_held`: it captures more than is left.',
        }),
      }),
    ),
    releases: z
      .array(
        z.strictObject({
          signedBy: z.enum(['payer', 'payee']),
          payeeAmount: value,
          payerAmount: value,
          feeBps: z.int(),
          deadline: time,
        }),
      )
      .meta({ description: 'The split that each party signed last, and the other has not signed yet.' }),
    credits: z
      .array(
        z.strictObject({
          account: wallet.meta({ description: 'Its owner: payee, payer or fee recipient.' }),
          amount: z.strictObject({ currency: z.string(), value }),
          verb: z.enum(creditVerbs).meta({ description: 'Of what it is.' }),
          transactionHash: hash,
          withdrawnAt: time
            .nullable()
            .meta({ description: "By the chain's clock; null as long as the contract keeps it." }),
          withdrawalTransactionHash: hash.nullable(),
        }),
      )
      .meta({
        description: `What was paid out and could not be received (a frozen wallet, a paused coin), oldest first, the last ${CREDITS_SHOWN}: the contract keeps it for its owner, to whom the action withdraw sends all that waits of this coin at once. Empty as a rule.`,
      }),
    bankReference: z.string().meta({ description: 'By which a bank statement may name it.' }),
    createdAt: time,
    updatedAt: time,
    authorization: z
      .strictObject({
        signature: z.strictObject({ typedData, approve: transactionSchema }),
        eip3009: z.strictObject({ typedData }),
        transaction: transactionSchema,
      })
      .optional()
      .meta({
        description:
          "How the payer puts the money in, while it has not: a signature over the terms with an allowance to the contract, a signature for the coin alone (EIP-3009, whose nonce is the escrow's id), both handed in by /actions; or a transaction of its own, with an allowance. Where the payer is the wallet of your account, /actions puts it in out of that without any of them.",
      }),
    events: timelineField('escrow'),
  })
  .meta({ id: 'Escrow' });

export type Escrow = z.output<typeof escrowSchema>;

/** What the payer needs besides its signature, when the escrow was made. */
export const newEscrowSchema = escrowSchema
  .extend({
    funding: z
      .strictObject({ needed: value, balance: value, allowance: value })
      .meta({ description: "The payer's balance and its allowance to the contract, at the chain's head." }),
  })
  .meta({ id: 'NewEscrow' });

export const escrowQuery = pageQuery.extend({
  status: z.enum(escrowStatuses).optional(),
  party: addressField
    .optional()
    .meta({ description: 'Only those in which this account is payer, payee or arbiter.' }),
});
