import { Navigate, useParams } from 'react-router';
import { getAddress } from 'viem';
import { useI18n } from '../../lib/i18n/I18n.tsx';
import { useStablecoins } from '../../lib/stablecoins.ts';
import { ButtonLink } from '../../ui/Button.tsx';
import { Card, Fact, Facts, Skeleton } from '../../ui/Card.tsx';
import { Hex } from '../../ui/Hex.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { PageTitle } from '../../ui/PageTitle.tsx';
import { type Step, Steps } from '../../ui/Steps.tsx';
import { TroubleNotice } from '../../ui/TroubleNotice.tsx';
import { type SponsoredPayment, useSponsoredPayment } from './sponsoredPayment.ts';
import './paymentPage.css';

/** A payment that the wallet signed and Corridor sends, until it is final; then the page of its transaction has it. */
export function SponsoredPaymentPage() {
  const { id = '' } = useParams();
  const { t } = useI18n();
  const query = useSponsoredPayment(id);
  const payment = query.data;
  if (payment?.status === 'settled' && payment.transactionHash)
    return <Navigate to={`/payments/${payment.transactionHash}`} replace />;
  return (
    <div className="page page-narrow payment">
      <div className="page-head">
        <PageTitle>{t.payment.title}</PageTitle>
      </div>
      {query.isError && <TroubleNotice error={query.error} />}
      {!payment && !query.isError && (
        <Card>
          <Skeleton lines={5} label={t.app.loading} />
        </Card>
      )}
      {payment && <Progress payment={payment} />}
    </div>
  );
}

function Progress({ payment }: { payment: SponsoredPayment }) {
  const { t } = useI18n();
  const { status, reason, amount, recipient, transactionHash } = payment;
  const coin = useStablecoins().find(({ currency }) => currency === amount.currency);
  const words = t.sponsored;
  const isSent = status === 'processing';
  const steps: Step[] = [
    { key: 'signed', title: words.steps.signed, state: 'done' },
    {
      key: 'sent',
      title: words.steps.sent,
      state: status === 'failed' ? 'failed' : isSent ? 'done' : 'now',
    },
    { key: 'final', title: words.steps.final, state: isSent ? 'now' : 'next' },
  ];
  return (
    <>
      <section className="card progress">
        <div role="status" data-testid="sponsored-stage" data-stage={status}>
          <h2>{words.headline[status]}</h2>
          <p className="soft">{words.text[status]}</p>
        </div>
        <Steps steps={steps} label={t.payment.progress} />
      </section>
      {reason && (
        <Notice tone="bad" title={words.headline.failed}>
          {words.reasons[reason.code]}
        </Notice>
      )}
      <Card>
        <Facts>
          <Fact name={t.payment.amount}>
            <strong className="numbers">
              {amount.value} {coin?.symbol ?? amount.currency}
            </strong>
          </Fact>
          <Fact name={t.payment.to}>
            <Hex value={getAddress(recipient)} what={t.payment.to} full />
          </Fact>
          {transactionHash && (
            <Fact name={t.payment.transaction}>
              <Hex value={transactionHash} what={t.payment.transaction} full />
            </Fact>
          )}
        </Facts>
      </Card>
      <div className="payment-next no-print">
        <ButtonLink to="/pay" look="secondary">
          {t.payment.again}
        </ButtonLink>
      </div>
    </>
  );
}
