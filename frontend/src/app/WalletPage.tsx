import { RecentActivity } from '../features/payments/RecentActivity.tsx';
import { Balances } from '../features/wallet/Balances.tsx';
import { Credits } from '../features/wallet/Credits.tsx';
import { Faucet } from '../features/wallet/Faucet.tsx';
import { useI18n } from '../lib/i18n/I18n.tsx';
import { ButtonLink } from '../ui/Button.tsx';
import { Icon } from '../ui/Icon.tsx';
import { PageTitle } from '../ui/PageTitle.tsx';

/** Home: what one has, how to get some, what happened last. */
export function WalletPage() {
  const { t } = useI18n();
  return (
    <div className="page">
      <div className="page-head">
        <PageTitle>{t.wallet.title}</PageTitle>
        <ButtonLink to="/pay">
          <Icon name="pay" />
          {t.wallet.pay}
        </ButtonLink>
      </div>
      <Balances />
      <Credits />
      <Faucet />
      <RecentActivity />
    </div>
  );
}
