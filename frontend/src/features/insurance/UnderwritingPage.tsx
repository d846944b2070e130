import { useAccount } from '../../lib/account.ts';
import { useI18n } from '../../lib/i18n/I18n.tsx';
import { Card, Skeleton } from '../../ui/Card.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { PageTitle } from '../../ui/PageTitle.tsx';
import { TroubleNotice } from '../../ui/TroubleNotice.tsx';
import { DepositForm } from './DepositForm.tsx';
import { ExposureCard } from './ExposureCard.tsx';
import { PoolCard } from './PoolCard.tsx';
import { PositionCard } from './PositionCard.tsx';
import { usePool, useUnderwriting } from './pool.ts';
import { RequestForm } from './RequestForm.tsx';
import './insurance.css';

/** The insurance pool as an underwriter looks at it: what it has at risk, one's own part, putting in and taking out. */
export function UnderwritingPage() {
  const account = useAccount();
  return account ? <Underwriting owner={account.address} /> : null;
}

function Underwriting({ owner }: { owner: `0x${string}` }) {
  const { t } = useI18n();
  const pool = usePool();
  const position = useUnderwriting(owner);
  const error = pool.error ?? position.error;
  return (
    <div className="page">
      <div>
        <PageTitle>{t.insurance.title}</PageTitle>
        <p className="soft">{t.insurance.intro}</p>
      </div>
      {error && <TroubleNotice error={error} />}
      {pool.data?.isPaused && (
        <Notice tone="warn" title={t.insurance.paused.title}>
          {t.insurance.paused.text}
        </Notice>
      )}
      {pool.data && position.data ? (
        <>
          <PositionCard position={position.data} />
          <div className="insurance-columns">
            <DepositForm pool={pool.data} />
            <RequestForm pool={pool.data} position={position.data} />
          </div>
          <PoolCard pool={pool.data} />
        </>
      ) : (
        !error && (
          <Card>
            <Skeleton lines={8} label={t.app.loading} />
          </Card>
        )
      )}
      <ExposureCard />
    </div>
  );
}
