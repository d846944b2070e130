import { Link } from 'react-router';
import { useFormat } from '../../lib/format.ts';
import { useI18n } from '../../lib/i18n/I18n.tsx';
import { Badge } from '../../ui/Badge.tsx';
import { Card, EmptyState, Skeleton } from '../../ui/Card.tsx';
import { TroubleNotice } from '../../ui/TroubleNotice.tsx';
import { useWebhooks } from './partnerApi.ts';

const SHOWN = 50;

/** What the partner's own receiver got, newest first. */
export function PartnerWebhooks() {
  const { t } = useI18n();
  const format = useFormat();
  const { data, error, isError, isPending } = useWebhooks();
  return (
    <Card>
      {isError && <TroubleNotice error={error} />}
      {isPending && <Skeleton lines={6} label={t.app.loading} />}
      {data?.webhooks.length === 0 && (
        <EmptyState title={t.partner.webhooks.empty.title}>{t.partner.webhooks.empty.text}</EmptyState>
      )}
      {data && data.webhooks.length > 0 && (
        <>
          <p className="soft small">{t.partner.webhooks.summary(data.webhooks.length, data.refused)}</p>
          <ul className="webhook-list">
            {data.webhooks.slice(0, SHOWN).map((webhook) => (
              <li key={webhook.id}>
                <span>
                  <span className="mono">{webhook.type}</span>{' '}
                  {webhook.data?.id && (
                    <Link
                      to={`/partner/${webhook.type.startsWith('policy.') ? 'policies' : 'payments'}/${webhook.data.id}`}
                    >
                      {webhook.data.endToEndId ?? webhook.data.subject}
                    </Link>
                  )}
                </span>
                <span className="soft small numbers">
                  <Badge tone="good">{t.partner.payment.webhookVerified(webhook.attempts)}</Badge>{' '}
                  {format.time(new Date(webhook.receivedAt))}
                </span>
              </li>
            ))}
          </ul>
        </>
      )}
    </Card>
  );
}
