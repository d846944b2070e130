import { reasonSentence } from '../../../../services/core/reasons.ts';
import { useFormat } from '../../lib/format.ts';
import { useI18n } from '../../lib/i18n/I18n.tsx';
import { Hex } from '../../ui/Hex.tsx';
import { type Step, Steps } from '../../ui/Steps.tsx';
import { type PartnerPayment, useWebhooks } from './partnerApi.ts';

/** States that end a payment badly. */
const failures = ['rejected', 'cancelled', 'returned', 'held'];

/** What the settlement service did and what the partner was told, by time. */
export function PaymentTimeline({ payment }: { payment: PartnerPayment }) {
  const { t } = useI18n();
  const webhooks = useWebhooks(payment.id);
  const events = (payment.events ?? []).map(({ at, state, detail }, index): Step & { at: string } => ({
    key: `event-${index}`,
    at,
    title: t.partner.states[state] ?? state,
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
      <Steps steps={steps} label={t.partner.payment.timeline} />
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
        const words = name === 'detail' && sentence ? sentence : value;
        const label = t.partner.eventDetails[name] ?? name;
        const isId = /^(0x|[a-z]{3}_)/.test(String(value));
        return (
          <span key={name}>
            {label}: {isId ? <Hex value={String(value)} what={label} /> : words}
          </span>
        );
      })}
    </div>
  );
}
