import { useFormat } from '../../lib/format.ts';
import { useI18n } from '../../lib/i18n/I18n.tsx';
import { Badge } from '../../ui/Badge.tsx';
import { Card, Skeleton } from '../../ui/Card.tsx';
import { TroubleNotice } from '../../ui/TroubleNotice.tsx';
import { type Amount, useReconciliation } from './partnerApi.ts';

/** Do the ledger and the chain agree? */
export function ReconciliationCard() {
  const { t } = useI18n();
  const format = useFormat();
  const { data, error, isError, isPending } = useReconciliation();
  const words = t.partner.reconciliation;
  const money = ({ currency, value }: Amount) => `${format.decimal(value)} ${currency}`;
  return (
    <Card title={words.title}>
      {isError && <TroubleNotice error={error} />}
      {isPending && <Skeleton label={t.app.loading} />}
      {data && (
        <div className="reconciliation">
          {!data.latest && <Badge tone="plain">{words.never}</Badge>}
          {data.latest && data.breaks.length === 0 && <Badge tone="good">{words.balanced}</Badge>}
          {data.breaks.length > 0 && <Badge tone="bad">{words.breaks(data.breaks.length)}</Badge>}
          {data.latest && (
            <span className="soft small numbers">
              {words.at(format.time(new Date(data.latest.at)), format.whole(data.latest.blockNumber))}
            </span>
          )}
        </div>
      )}
      {data && data.breaks.length > 0 && (
        <ul className="breaks">
          {data.breaks.map(({ id, kind, observed, expected }) => (
            <li key={id}>
              <strong>{words.kinds[kind] ?? kind}</strong>{' '}
              <span className="numbers">{words.difference(money(observed), money(expected))}</span>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
