/** Release rules: what we watch for an escrow, and what we do once it is so. */
import type { Hex } from 'viem';
import { z } from 'zod';
import { AMOUNT_FORM, isAmount, moneyFaults, parseMoney } from '../../../core/money.ts';
import { toBytes32 } from '../../../core/oracleReport.ts';
import { isXmlText } from '../../../core/xmlText.ts';
import type { Fault } from '../../../platform/http/problem.ts';
import { rule } from '../../http/faults.ts';
import { secondField } from '../../http/fields.ts';

export const MOST_RULES = 8;

const printable = z
  .string()
  .refine(isXmlText, rule('value_character', 'printable text without control characters'));
const word = printable
  .refine((text) => text !== '' && Buffer.byteLength(text) <= 32, '1 to 32 bytes of text')
  .meta({ description: 'As the oracle has it: text of at most 32 bytes.' });
const units = z.string().regex(/^-?\d{1,28}$/, 'a whole number in units of the feed');
const value = z.string().refine(isAmount, rule('amount_malformed', AMOUNT_FORM));

export const releaseRuleSchema = z
  .strictObject({
    when: z.discriminatedUnion('type', [
      z
        .strictObject({
          type: z.literal('observation'),
          feed: word,
          subject: word,
          windowStart: secondField,
          windowEnd: secondField,
          atLeast: units.optional(),
          atMost: units.optional(),
        })
        .meta({ description: 'The oracle has recorded a value within these bounds.' }),
      z
        .strictObject({
          type: z.literal('bank_payout'),
          amount: value.optional(),
          reference: printable.trim().min(1).max(35).optional(),
        })
        .meta({
          description:
            "The bank's statement has a payout of this amount (left out: the whole) with this EndToEndId (left out: bankReference). One entry counts for one rule.",
        }),
      z
        .strictObject({ type: z.literal('time'), at: secondField })
        .meta({ description: "The chain's time has come there." }),
    ]),
    do: z
      .strictObject({
        capture: z.union([z.enum(['all', 'milestone']), value]).optional(),
        void: z.literal(true).optional(),
      })
      .refine((does) => does.capture !== undefined || does.void, 'capture, void, or both in this order'),
  })
  .meta({ id: 'ReleaseRule' });

export type ReleaseRule = z.output<typeof releaseRuleSchema>;

/** A verb of ours that a rule leads to; without units of a capture the next milestone, or everything. */
export interface RuleStep {
  verb: 'capture' | 'void';
  value?: string;
}

/** A rule as it is stored. */
export interface StoredRule {
  /** As it was asked for. */
  asked: unknown;
  condition: Record<string, string>;
  steps: RuleStep[];
  /** The EndToEndId of a bank's payout, where it is not the escrow's own. */
  reference?: string;
}

interface Terms {
  currency: string;
  units: bigint;
  /** Unix seconds. */
  captureExpiry: number;
  milestones: number;
  isOurs: boolean;
}

/** What can never come true, or could never be done then. */
export function ruleFaults(rules: readonly ReleaseRule[], terms: Terms): Fault[] {
  return rules.flatMap(({ when, do: does }, index) => {
    const faults: Fault[] = [];
    const unless = (isFine: boolean, code: string, place: string, detail: string, expected: string) => {
      if (!isFine) faults.push({ code, pointer: `/releaseRules/${index}/${place}`, detail, expected });
    };
    const amount = (text: string | undefined, place: string) => {
      if (text === undefined || !isAmount(text)) return;
      const malformed = moneyFaults(terms.currency, text);
      for (const { code, detail, expected } of malformed) unless(false, code, place, detail, expected);
      const asked = malformed.length === 0 ? parseMoney(terms.currency, text).units : 1n;
      unless(
        asked > 0n && asked <= terms.units,
        'rule_amount_out_of_bounds',
        place,
        `It is ${text} ${terms.currency}`,
        "more than nothing, and at most the escrow's amount",
      );
    };
    unless(
      terms.isOurs,
      'rule_needs_operator',
      'do',
      'We are not the operator, so we may neither capture nor void',
      '"operator": "corridor"',
    );
    const { capture } = does;
    unless(
      capture === undefined || (capture === 'milestone') === terms.milestones > 0,
      'rule_against_milestones',
      'do/capture',
      `It captures ${capture}, and there are ${terms.milestones} milestones`,
      '"milestone" exactly where there are milestones',
    );
    amount(capture, 'do/capture');
    if (when.type === 'bank_payout') amount(when.amount, 'when/amount');
    if (when.type === 'observation') {
      const { windowStart, windowEnd, atLeast, atMost } = when;
      unless(
        windowStart <= windowEnd,
        'window_invalid',
        'when/windowEnd',
        'The window ends before it begins',
        'a time not before windowStart',
      );
      unless(
        atLeast !== undefined || atMost !== undefined,
        'bounds_missing',
        'when',
        'Any value would do',
        'atLeast, atMost, or both',
      );
      unless(
        atLeast === undefined || atMost === undefined || BigInt(atLeast) <= BigInt(atMost),
        'bounds_empty',
        'when/atMost',
        'No value is within the bounds',
        'a number not below atLeast',
      );
    }
    const earliest = when.type === 'time' ? when.at : when.type === 'observation' ? when.windowEnd : 0n;
    unless(
      earliest < BigInt(terms.captureExpiry),
      'rule_too_late',
      when.type === 'time' ? 'when/at' : 'when/windowEnd',
      'It cannot be so before the money goes back to the payer',
      'a time before captureExpiry',
    );
    return faults;
  });
}

/** A rule in the words of the chain and the bank. @param whole the escrow's amount, token units */
export function storedRule({ when, do: does }: ReleaseRule, currency: string, whole: bigint): StoredRule {
  const steps: RuleStep[] = [];
  const { capture } = does;
  if (capture !== undefined) steps.push({ verb: 'capture', ...(isAmount(capture) && { value: capture }) });
  if (does.void) steps.push({ verb: 'void' });
  return {
    asked: asJson({ when, do: does }),
    condition: conditionOf(when, currency, whole),
    steps,
    ...(when.type === 'bank_payout' && when.reference !== undefined && { reference: when.reference }),
  };
}

function conditionOf(when: ReleaseRule['when'], currency: string, whole: bigint): Record<string, string> {
  switch (when.type) {
    case 'time':
      return { type: when.type, at: String(when.at) };
    case 'bank_payout':
      return {
        type: when.type,
        units: String(when.amount === undefined ? whole : parseMoney(currency, when.amount).units),
      };
    case 'observation': {
      const [feed, subject]: Hex[] = [toBytes32(when.feed), toBytes32(when.subject)] as const;
      return {
        type: when.type,
        ...{ feed: feed as Hex, subject: subject as Hex },
        ...{ windowStart: String(when.windowStart), windowEnd: String(when.windowEnd) },
        ...(when.atLeast !== undefined && { atLeast: when.atLeast }),
        ...(when.atMost !== undefined && { atMost: when.atMost }),
      };
    }
  }
}

/** Times as they came in. */
function asJson(asked: ReleaseRule): unknown {
  const timeOf = (seconds: bigint) => new Date(Number(seconds) * 1_000).toISOString();
  return JSON.parse(
    JSON.stringify(asked, (_, part) => (typeof part === 'bigint' ? timeOf(part) : part)),
  ) as unknown;
}
