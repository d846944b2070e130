import { zeroHash } from 'viem';
import { useFormat } from '../../lib/format.ts';
import { useI18n } from '../../lib/i18n/I18n.tsx';
import { Card } from '../../ui/Card.tsx';
import { Hex } from '../../ui/Hex.tsx';
import { type Step, Steps } from '../../ui/Steps.tsx';
import type { Escrow, EscrowEvent } from './escrowApi.ts';

/** All that was asked for, all that became of it, and all that the chain did, by time. */
export function EscrowTimeline({ escrow, symbol }: { escrow: Escrow; symbol: string }) {
  const { t } = useI18n();
  const titleOf = useTitle();
  const steps = (escrow.events ?? []).map(
    (event, index): Step => ({
      key: `event-${index}`,
      title: titleOf(event.state),
      text: <Facts event={event} symbol={symbol} />,
      state: event.state.endsWith('_failed') ? 'failed' : 'done',
    }),
  );
  return (
    <Card title={t.escrow.timeline.title}>
      <Steps steps={steps} label={t.escrow.timeline.title} />
    </Card>
  );
}

/** `capture_signed` is a state of the call that makes the verb. */
function useTitle(): (state: string) => string {
  const { events, call, verbs, callStates } = useI18n().t.escrow.timeline;
  return (state) => {
    const [, verb = '', callState = ''] = /^(.*)_([a-z]+)$/.exec(state) ?? [];
    const known = verbs[verb] && callStates[callState] && call(verbs[verb], callStates[callState]);
    return events[state] ?? known ?? state;
  };
}

/** Amounts of an event, in the escrow's currency. */
const amounts = ['putIn', 'toPayee', 'toPayer', 'refunded', 'fee', 'payeeAmount', 'payerAmount'];

function Facts({ event: { at, detail }, symbol }: { event: EscrowEvent; symbol: string }) {
  const { t } = useI18n();
  const format = useFormat();
  const wordsOf = (name: string, value: string | number) => {
    if (amounts.includes(name)) return `${format.decimal(String(value))} ${symbol}`;
    if (name === 'at') return format.time(new Date(value));
    if (name === 'rulingDeadline') return format.time(new Date(Number(value) * 1_000));
    if (name === 'payeeBps') return format.bps(Number(value));
    if (name === 'rule') return format.whole(Number(value) + 1);
    if (name === 'by') return value === 'payer' ? t.escrow.terms.payer : t.escrow.terms.payee;
    return name === 'askedBy' ? t.escrow.timeline.askedBy[value] : value;
  };
  return (
    <div className="escrow-event">
      <time dateTime={at} className="numbers">
        {format.time(new Date(at))}
      </time>
      {Object.entries(detail).map(([name, value]) => {
        if (value === zeroHash) return null; // nothing was brought forward
        const label = t.escrow.timeline.details[name] ?? t.partner.eventDetails[name] ?? name;
        const isId = /^(0x|[a-z]{3,4}_)/.test(String(value));
        return (
          <span key={name}>
            {t.app.named(label)}
            {isId ? <Hex value={String(value)} what={label} /> : wordsOf(name, value)}
          </span>
        );
      })}
    </div>
  );
}
