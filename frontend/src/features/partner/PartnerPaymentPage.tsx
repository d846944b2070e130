import { Link, useParams } from 'react-router';
import { reasonSentence } from '../../../../services/core/reasons.ts';
import { useFormat } from '../../lib/format.ts';
import { useI18n } from '../../lib/i18n/I18n.tsx';
import { Card, Fact, Facts, Skeleton } from '../../ui/Card.tsx';
import { Hex } from '../../ui/Hex.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { PageTitle } from '../../ui/PageTitle.tsx';
import { TroubleNotice } from '../../ui/TroubleNotice.tsx';
import { DownloadButton } from './DownloadButton.tsx';
import { type PartnerPayment, usePartnerPayment } from './partnerApi.ts';
import { StatusBadge } from './StatusBadge.tsx';
import { Timeline } from './Timeline.tsx';
import './partner.css';

/** One payment of the partner, with its whole way from request to webhook. */
export function PartnerPaymentPage() {
  const { t } = useI18n();
  const { id = '' } = useParams();
  const { data: payment, error, isError } = usePartnerPayment(id);
  return (
    <div className="page">
      <div>
        <Link to="/partner" className="small">
          ← {t.partner.title}
        </Link>
        <PageTitle>{t.partner.payment.title}</PageTitle>
      </div>
      {isError && <TroubleNotice error={error} />}
      {!payment && !isError && (
        <Card>
          <Skeleton lines={8} label={t.app.loading} />
        </Card>
      )}
      {payment && <Payment payment={payment} />}
    </div>
  );
}

function Payment({ payment }: { payment: PartnerPayment }) {
  const { t } = useI18n();
  const format = useFormat();
  const { amount, creditor, status, reason } = payment;
  return (
    <>
      <Card>
        <div className="partner-summary">
          <div>
            <p className="partner-amount numbers">
              {format.decimal(amount.value)} {amount.currency}
            </p>
            <p className="soft">{creditor.name}</p>
          </div>
          <StatusBadge status={status} />
        </div>
      </Card>
      {reason && <Reason reason={reason} tone={status === 'failed' ? 'bad' : 'warn'} />}
      <div className="partner-columns">
        <Card title={t.partner.payment.details}>
          <PaymentFacts payment={payment} />
        </Card>
        <Card title={t.partner.payment.timeline}>
          <Timeline of={payment} label={t.partner.payment.timeline} states={t.partner.states} />
        </Card>
      </div>
    </>
  );
}

function Reason({ reason, tone }: { reason: { code: string; detail: string }; tone: 'bad' | 'warn' }) {
  const { t, language } = useI18n();
  const known = reasonSentence(reason.code);
  return (
    <Notice tone={tone} title={t.partner.payment.reason(reason.code, known?.[language] ?? reason.detail)}>
      {known && language === 'en' && reason.detail !== known.en && (
        <span className="small">{reason.detail}</span>
      )}
    </Notice>
  );
}

function PaymentFacts({ payment }: { payment: PartnerPayment }) {
  const { t } = useI18n();
  const { creditor, endToEndId, transactionHash, paymentBatchId, sequence } = payment;
  return (
    <>
      <Facts>
        <Fact name={t.partner.columns.endToEndId}>{endToEndId}</Fact>
        <Fact name={t.partner.payment.account}>
          <span className="soft small">{creditor.account.scheme}</span>{' '}
          <Hex value={creditor.account.identification} what={t.partner.payment.account} full />
        </Fact>
        <Fact name={t.partner.payment.debtor}>
          <Hex value={payment.debtorAccount} what={t.partner.payment.debtor} full />
        </Fact>
        {payment.remittanceInformation && (
          <Fact name={t.partner.payment.remittance}>{payment.remittanceInformation}</Fact>
        )}
        {paymentBatchId && (
          <Fact name={t.partner.payment.batch}>
            <Hex value={paymentBatchId} what={t.partner.payment.batch} full />
          </Fact>
        )}
        {sequence !== undefined && (
          <Fact name={t.partner.payment.sequence}>
            <span className="numbers">{sequence}</span>
          </Fact>
        )}
        {transactionHash && (
          <Fact name={t.payment.transaction}>
            <Hex value={transactionHash} what={t.payment.transaction} />{' '}
            <Link to={`/payments/${transactionHash}`}>{t.partner.payment.onChain}</Link>
          </Fact>
        )}
      </Facts>
      {paymentBatchId && (
        <DownloadButton
          path={`/partner/payment-batches/${paymentBatchId}/pain.002`}
          fileName={`pain.002-${paymentBatchId}.xml`}
        >
          {t.partner.payment.statusReport}
        </DownloadButton>
      )}
    </>
  );
}
