import { Link, useParams } from 'react-router';
import { getAddress } from 'viem';
import { useFormat } from '../../lib/format.ts';
import { useI18n } from '../../lib/i18n/I18n.tsx';
import { useProductName, useProductUnit } from '../../lib/insuranceProducts.ts';
import { Card, Fact, Facts, Skeleton } from '../../ui/Card.tsx';
import { Hex } from '../../ui/Hex.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { PageTitle } from '../../ui/PageTitle.tsx';
import { TroubleNotice } from '../../ui/TroubleNotice.tsx';
import { CancelCard } from './CancelCard.tsx';
import { DownloadButton } from './DownloadButton.tsx';
import { PolicyBadge } from './PolicyBadge.tsx';
import { type Amount, type PartnerPolicy, usePartnerPolicy } from './partnerApi.ts';
import { Timeline } from './Timeline.tsx';
import './partner.css';

/** One policy: what it covers, what came of it, and its whole way from the order to the payout. */
export function PartnerPolicyPage() {
  const { t } = useI18n();
  const { id = '' } = useParams();
  const { data: policy, error, isError } = usePartnerPolicy(id);
  return (
    <div className="page">
      <div>
        <Link to="/partner/policies" className="small">
          ← {t.partner.tabs.policies}
        </Link>
        <PageTitle>{t.policies.title}</PageTitle>
      </div>
      {isError && <TroubleNotice error={error} />}
      {!policy && !isError && (
        <Card>
          <Skeleton lines={8} label={t.app.loading} />
        </Card>
      )}
      {policy && <Policy policy={policy} />}
    </div>
  );
}

function Policy({ policy }: { policy: PartnerPolicy }) {
  const { t } = useI18n();
  const format = useFormat();
  const nameOf = useProductName();
  const observed = useObserved(policy);
  const { insured, product, subject, status, reason, claim } = policy;
  const events = (policy.events ?? []).map((event) => {
    const { observation, outcome } = event.detail;
    return {
      ...event,
      detail: {
        ...event.detail,
        ...(observation !== undefined && observed && { observation: observed }),
        ...(outcome === 'silent' && { outcome: t.policies.claim.silent }),
      },
    };
  });
  return (
    <>
      <Card>
        <div className="partner-summary">
          <div>
            <p className="partner-amount numbers">
              {format.decimal(insured.value)} {insured.currency}
            </p>
            <p className="soft">{t.policies.of(nameOf(product), subject)}</p>
          </div>
          <PolicyBadge status={status} />
        </div>
      </Card>
      {reason && <Notice tone="bad" title={t.policies.reasons[reason.code] ?? reason.detail} />}
      {claim && <ClaimCard claim={claim} observed={observed} />}
      <div className="partner-columns">
        <div className="partner-column">
          <Card title={t.partner.payment.details}>
            <PolicyFacts policy={policy} />
          </Card>
          <CancelCard policy={policy} />
        </div>
        <Card title={t.policies.timeline}>
          <Timeline of={{ ...policy, events }} label={t.policies.timeline} states={t.policies.states} />
        </Card>
      </div>
    </>
  );
}

/** What the oracle saw, in the product's unit; undefined where nothing is claimed, or it saw nothing. */
function useObserved({ product, claim }: PartnerPolicy): string | undefined {
  const format = useFormat();
  const unitOf = useProductUnit();
  const observation = claim?.observation;
  return observation && `${format.plain(observation)} ${unitOf(product)}`;
}

interface ClaimCardProps {
  claim: NonNullable<PartnerPolicy['claim']>;
  observed: string | undefined;
}

function ClaimCard({ claim, observed }: ClaimCardProps) {
  const { t } = useI18n();
  const format = useFormat();
  const { payoutPercent, amount, credit, paidTransactionHash } = claim;
  return (
    <Card title={t.policies.claim.title} aside={<PolicyBadge status={claim.status} />}>
      <Facts>
        <Fact name={t.policies.claim.amount}>
          <strong className="numbers">
            {format.decimal(amount.value)} {amount.currency}
          </strong>
        </Fact>
        {credit && <CreditFact credit={credit} />}
        <Fact name={t.policies.claim.observation}>{observed ?? t.policies.claim.silent}</Fact>
        {payoutPercent && (
          <Fact name={t.policies.claim.tier}>
            <span className="numbers">{format.percent(payoutPercent)}</span>
          </Fact>
        )}
        {paidTransactionHash && (
          <Fact name={t.payment.transaction}>
            <Hex value={paidTransactionHash} what={t.payment.transaction} />{' '}
            <Link to={`/payments/${paidTransactionHash}`}>{t.partner.payment.onChain}</Link>
          </Fact>
        )}
      </Facts>
    </Card>
  );
}

/** What could not be received and waits for its owner. */
function CreditFact({ credit }: { credit: Amount }) {
  const { t } = useI18n();
  const format = useFormat();
  return (
    <Fact name={t.policies.credit.title}>
      <strong className="numbers">
        {format.decimal(credit.value)} {credit.currency}
      </strong>
      <p className="soft small">{t.policies.credit.text}</p>
    </Fact>
  );
}

function PolicyFacts({ policy }: { policy: PartnerPolicy }) {
  const { t, language } = useI18n();
  const format = useFormat();
  const {
    id,
    windowStart,
    windowEnd,
    premium,
    refundCredit,
    holder,
    reference,
    policyNumber,
    transactionHash,
  } = policy;
  return (
    <>
      <Facts>
        <Fact name={t.policies.window}>
          <span className="numbers">
            {format.minute(new Date(windowStart))} – {format.minute(new Date(windowEnd))}
          </span>
        </Fact>
        {premium && (
          <Fact name={t.policies.premium}>
            <span className="numbers">
              {format.decimal(premium.value)} {premium.currency}
            </span>
          </Fact>
        )}
        {refundCredit && <CreditFact credit={refundCredit} />}
        <Fact name={t.policies.holder}>
          <Hex value={getAddress(holder)} what={t.policies.holder} full />
        </Fact>
        {reference && <Fact name={t.policies.reference}>{reference}</Fact>}
        {policyNumber && (
          <Fact name={t.policies.number}>
            <span className="numbers">{policyNumber}</span>
          </Fact>
        )}
        {policy.status === 'issued' && (
          <Fact name={t.policies.cancellableUntil}>
            <span className="numbers">{format.minute(new Date(policy.cancellableUntil))}</span>
          </Fact>
        )}
        {transactionHash && (
          <Fact name={t.payment.transaction}>
            <Hex value={transactionHash} what={t.payment.transaction} />{' '}
            <Link to={`/payments/${transactionHash}`}>{t.partner.payment.onChain}</Link>
          </Fact>
        )}
      </Facts>
      {policyNumber && (
        <DownloadButton path={`/partner/policies/${id}/document?lang=${language}`} fileName={`${id}.pdf`}>
          {t.policies.coverNote}
        </DownloadButton>
      )}
    </>
  );
}
