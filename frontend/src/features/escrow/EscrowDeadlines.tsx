import { useFormat } from '../../lib/format.ts';
import { useI18n } from '../../lib/i18n/I18n.tsx';
import { Card, Fact, Facts } from '../../ui/Card.tsx';
import type { Escrow } from './escrowApi.ts';

/** When each thing ends, by the chain's time, and what comes then. */
export function EscrowDeadlines({ escrow }: { escrow: Escrow }) {
  const { t } = useI18n();
  const format = useFormat();
  const { terms, rulingDeadline } = escrow;
  const words = t.escrow.deadlines;
  const deadlines = [
    { name: words.authorization, at: terms.authorizationExpiry, after: words.authorizationAfter },
    { name: words.capture, at: terms.captureExpiry, after: words.captureAfter },
    ...(rulingDeadline ? [{ name: words.ruling, at: rulingDeadline, after: words.rulingAfter }] : []),
    { name: words.refund, at: terms.refundExpiry, after: undefined },
  ];
  return (
    <Card title={words.title}>
      <Facts>
        {deadlines.map(({ name, at, after }) => (
          <Fact key={name} name={name}>
            <time dateTime={at} className="numbers">
              {format.time(new Date(at))}
            </time>
            {after && <p className="soft small">{after}</p>}
          </Fact>
        ))}
      </Facts>
    </Card>
  );
}
