import { useLocation, useParams } from 'react-router';
import { type Hash, isAddressEqual, isHash } from 'viem';
import { useAccount } from '../../lib/account.ts';
import { useI18n } from '../../lib/i18n/I18n.tsx';
import { ButtonLink } from '../../ui/Button.tsx';
import { Card, Skeleton } from '../../ui/Card.tsx';
import { PageTitle } from '../../ui/PageTitle.tsx';
import { TroubleNotice } from '../../ui/TroubleNotice.tsx';
import { MovementFacts } from './MovementFacts.tsx';
import { PaymentProgress } from './PaymentProgress.tsx';
import { PaymentProof } from './PaymentProof.tsx';
import { type Movement, usePaymentStatus } from './paymentStatus.ts';
import './paymentPage.css';

/** How long a transaction that the node does not show yet still counts as on its way. */
const GRACE_MS = 30_000;
const SHOWN = 20;

/** One payment: how far it is, what it moved, and the numbers by which anybody can check it. */
export function PaymentPage() {
  const { hash = '' } = useParams();
  return isHash(hash) ? <Payment hash={hash} /> : <Payment hash={`0x${'0'.repeat(64)}`} />;
}

function Payment({ hash }: { hash: Hash }) {
  const { t } = useI18n();
  const account = useAccount();
  const { state } = useLocation() as { state: { sentAtMs?: number } | null };
  const query = usePaymentStatus(hash);
  const status = query.data;
  const justSent = Date.now() - (state?.sentAtMs ?? 0) < GRACE_MS;
  const stage = status?.stage === 'lost' && justSent ? 'signed' : status?.stage;

  const mine = (movement: Movement) =>
    account &&
    (isAddressEqual(movement.from, account.address) || isAddressEqual(movement.to, account.address));
  const movements = status?.movements ?? [];
  const own = movements.filter(mine);
  const shown = (own.length > 0 ? own : movements).slice(0, SHOWN);

  return (
    <div className="page page-narrow payment">
      <div className="page-head">
        <PageTitle>{t.payment.title}</PageTitle>
      </div>
      {query.isError && <TroubleNotice error={query.error} />}
      {!status && !query.isError && (
        <Card>
          <Skeleton lines={5} label={t.app.loading} />
        </Card>
      )}
      {status && stage && (
        <>
          <PaymentProgress status={{ ...status, stage }} />
          {(shown.length > 0 || status.receipt) && (
            <Card>
              {shown.map((movement) => (
                <MovementFacts key={movement.key} movement={movement} />
              ))}
              {movements.length > shown.length && (
                <p className="soft small">{t.payment.batch(movements.length)}</p>
              )}
              {movements.length === 0 && <p className="soft">{t.payment.nothing}</p>}
            </Card>
          )}
          <PaymentProof hash={hash} status={status} />
          <div className="payment-next no-print">
            <ButtonLink to="/pay" look="secondary">
              {t.payment.again}
            </ButtonLink>
            <ButtonLink to="/activity" look="quiet">
              {t.payment.toActivity}
            </ButtonLink>
          </div>
        </>
      )}
    </div>
  );
}
