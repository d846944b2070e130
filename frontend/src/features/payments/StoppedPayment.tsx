import { Link } from 'react-router';
import { BaseError } from 'viem';
import { useFormat } from '../../lib/format.ts';
import { useI18n } from '../../lib/i18n/I18n.tsx';
import { messageOf } from '../../lib/trouble.ts';
import { Notice } from '../../ui/Notice.tsx';
import { TroubleNotice } from '../../ui/TroubleNotice.tsx';
import { type PaymentOrder, PaymentStopped } from './sendPayment.ts';

/** Why a payment stopped, whether it can have been sent all the same, and what it left behind. */
export function StoppedPayment({ error, order }: { error: unknown; order: PaymentOrder }) {
  const { t } = useI18n();
  const format = useFormat();
  const { coin, units } = order;
  if (!(error instanceof PaymentStopped)) return <TroubleNotice error={error} coin={coin} />;
  const { cause, payment, approval } = error;
  const money = `${format.amount(units, coin.decimals)} ${coin.symbol}`;
  const { perhapsSent, approvalPerhaps, approvalRemains } = t.preview.stopped;
  return (
    <>
      {payment === 'perhapsSent' ? (
        <Notice
          tone="bad"
          title={perhapsSent.title}
          action={<Link to="/activity">{perhapsSent.toActivity}</Link>}
        >
          {perhapsSent.text(walletsWords(cause))}
        </Notice>
      ) : (
        <TroubleNotice error={cause} coin={coin} />
      )}
      {approval !== 'notSent' && (
        <Notice tone="warn" title={(approval === 'remains' ? approvalRemains : approvalPerhaps).title(money)}>
          {(approval === 'remains' ? approvalRemains : approvalPerhaps).text}
        </Notice>
      )}
    </>
  );
}

/** viem calls whatever a wallet says a revert; the wallet's own words are at the bottom. */
function walletsWords(cause: unknown): string {
  return messageOf(cause instanceof BaseError ? cause.walk() : cause);
}
