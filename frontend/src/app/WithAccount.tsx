import { Outlet } from 'react-router';
import { useConnection } from 'wagmi';
import { ConnectPage } from '../features/wallet/ConnectPage.tsx';
import { useAccount } from '../lib/account.ts';
import { useI18n } from '../lib/i18n/I18n.tsx';
import { Skeleton } from '../ui/Card.tsx';

/** Pages that are about one's own money: first a wallet, then the page. */
export function WithAccount() {
  const { t } = useI18n();
  const account = useAccount();
  const { status } = useConnection();
  if (account) return <Outlet />;
  if (status === 'reconnecting') {
    return (
      <div className="page">
        <Skeleton lines={6} label={t.app.loading} />
      </div>
    );
  }
  return <ConnectPage />;
}
