import { getAddress } from 'viem';
import { shortHex, useFormat } from '../../lib/format.ts';
import { useI18n } from '../../lib/i18n/I18n.tsx';
import { Card, Fact, Facts } from '../../ui/Card.tsx';
import { Hex } from '../../ui/Hex.tsx';
import type { Escrow, ReleaseRule } from './escrowApi.ts';
import { paidMilestones } from './escrowVerbs.ts';

interface TermsProps {
  escrow: Escrow;
  symbol: string;
}

/** What was agreed upon, in sentences. */
export function EscrowTermsCard({ escrow, symbol }: TermsProps) {
  const { t } = useI18n();
  const format = useFormat();
  const { terms, amount } = escrow;
  const words = t.escrow.terms;
  const paid = paidMilestones(escrow);
  return (
    <Card title={words.title}>
      <p className="soft small">{words.never}</p>
      <Facts>
        <Fact name={words.payer}>
          <Hex value={getAddress(terms.payer)} what={words.payer} full />
        </Fact>
        <Fact name={words.payee}>
          <Hex value={getAddress(terms.payee)} what={words.payee} full />
        </Fact>
        <Fact name={words.amount}>
          <strong className="numbers">
            {format.decimal(amount.value)} {symbol}
          </strong>
        </Fact>
        <Fact name={words.release}>
          <Release escrow={escrow} />
        </Fact>
        <Fact name={words.fee}>
          {terms.feeRecipient
            ? words.feeOf(
                format.bps(terms.minFeeBps),
                format.bps(terms.maxFeeBps),
                shortHex(terms.feeRecipient),
              )
            : words.noFee}
        </Fact>
        <Fact name={words.dispute}>
          {terms.arbiter
            ? words.arbiter(
                shortHex(terms.arbiter),
                format.duration(terms.rulingPeriodSeconds),
                format.bps(terms.defaultPayeeBps),
              )
            : words.noArbiter}
        </Fact>
        {terms.milestones.length > 0 && (
          <Fact name={words.milestones}>
            <ol className="escrow-list">
              {terms.milestones.map((value, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: terms never change
                <li key={index}>
                  {words.milestone(index + 1, `${format.decimal(value)} ${symbol}`)}
                  {index < paid && <span className="soft"> · {words.paid}</span>}
                </li>
              ))}
            </ol>
          </Fact>
        )}
        {escrow.releaseRules.length > 0 && (
          <Fact name={t.escrow.rules.title}>
            <ol className="escrow-list">
              {escrow.releaseRules.map((rule, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: rules never change
                <Rule key={index} number={index + 1} rule={rule} escrow={escrow} symbol={symbol} />
              ))}
            </ol>
          </Fact>
        )}
        <Fact name={words.id}>
          <Hex value={escrow.escrowId} what={words.id} full />
        </Fact>
      </Facts>
    </Card>
  );
}

function Release({ escrow: { terms } }: { escrow: Escrow }) {
  const words = useI18n().t.escrow.terms;
  if (terms.hashLock)
    return (
      <>
        {words.byHash} <Hex value={terms.hashLock} what="SHA-256" full />
      </>
    );
  return terms.operator ? words.byOperator(shortHex(terms.operator)) : words.byPayer;
}

function Rule({ number, rule, escrow, symbol }: TermsProps & { number: number; rule: ReleaseRule }) {
  const words = useI18n().t.escrow.rules;
  const format = useFormat();
  const { when, do: does } = rule;
  const money = (value: string) => `${format.decimal(value)} ${symbol}`;
  const bounds = [
    when.atLeast !== undefined && words.atLeast(format.whole(BigInt(when.atLeast))),
    when.atMost !== undefined && words.atMost(format.whole(BigInt(when.atMost))),
  ].filter((bound) => bound !== false);
  const condition = {
    time: () => words.time(format.time(new Date(when.at ?? ''))),
    bank_payout: () =>
      words.bank_payout(money(when.amount ?? escrow.amount.value), when.reference ?? escrow.bankReference),
    observation: () => {
      const { feed = '', subject = '' } = when;
      const bound = bounds.join(words.both);
      return words.observation(words.feeds[feed]?.(subject, bound) ?? words.otherFeed(feed, subject, bound));
    },
  }[when.type]();
  const whole: Record<string, string> = { all: words.captureAll, milestone: words.captureMilestone };
  const effects = [
    does.capture !== undefined && (whole[does.capture] ?? words.capture({ amount: money(does.capture) })),
    does.void && words.void,
  ].filter((effect) => typeof effect === 'string');
  const standing = rule.failure
    ? words.failed
    : rule.isDone
      ? words.done
      : rule.heldAtBlock === null
        ? words.waiting
        : words.held;
  return (
    <li>
      {words.sentence(number, condition, effects)} <span className="soft">{standing}</span>
    </li>
  );
}
