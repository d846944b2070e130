import { reasonSentence } from '../../../../services/core/reasons.ts';
import { useFormat } from '../../lib/format.ts';
import { useI18n } from '../../lib/i18n/I18n.tsx';
import { Hex } from '../../ui/Hex.tsx';
import { type Step, Steps } from '../../ui/Steps.tsx';
import { type TimelineEvent, useWebhooks } from './partnerApi.ts';

/** States that end a payment or a policy badly. */
const failures = ['rejected', 'cancelled', 'returned', 'held', 'failed', 'call_failed', 'call_expired'];

interface TimelineProps {
  of: { id: string; events?: TimelineEvent[] };
  label: string;
  /** What the states are called. */
  states: Record<string, string>;
}

/** What the settlement service did and what the partner was told, by time. */
export function Timeline({ of, label, states }: TimelineProps) {
  const { t } = useI18n();
  const webhooks = useWebhooks(of.id);
  const events = (of.events ?? []).map(({ at, state, detail }, index): Step & { at: string } => ({
    key: `event-${index}`,
    at,
    title: states[state] ?? state,
    text: <EventText at={at} detail={detail} />,
    state: failures.includes(state) ? 'failed' : 'done',
  }));
  const received = (webhooks.data?.webhooks ?? []).map(
    ({ id, type, receivedAt, attempts }): Step & { at: string } => ({
      key: id,
      at: receivedAt,
      title: t.partner.payment.webhook(type),
      text: <EventText at={receivedAt} detail={{}} note={t.partner.payment.webhookVerified(attempts)} />,
      state: 'done',
    }),
  );
  const steps = [...events, ...received].sort((a, b) => a.at.localeCompare(b.at));
  return (
    <>
      <Steps steps={steps} label={label} />
      {webhooks.data?.webhooks.length === 0 && <p className="soft small">{t.partner.payment.noWebhooks}</p>}
    </>
  );
}

interface EventTextProps {
  at: string;
  detail: Record<string, string | number>;
  note?: string;
}

function EventText({ at, detail, note }: EventTextProps) {
  const { t, language } = useI18n();
  const format = useFormat();
  // What the service says in words is English; other languages have the sentence of the reason's code.
  const sentence = language === 'en' ? undefined : reasonSentence(String(detail.reason))?.[language];
  return (
    <div className="event-facts">
      <time dateTime={at} className="numbers">
        {format.time(new Date(at))}
      </time>
      {note && <span>{note}</span>}
      {Object.entries(detail).map(([name, value]) => {
        const words =
          name === 'detail' && sentence ? sentence : isUnits(name) ? format.amount(BigInt(value), 6) : value;
        const label = t.partner.eventDetails[name] ?? name;
        const isId = /^(0x|[a-z]{3}_)/.test(String(value));
        return (
          <span key={name}>
            {t.app.named(label)}
            {isId ? <Hex value={String(value)} what={label} /> : words}
          </span>
        );
      })}
    </div>
  );
}

/** Token units, as the chain counts them. */
function isUnits(name: string): boolean {
  return name === 'units' || name === 'refundUnits';
}
