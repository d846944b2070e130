import { useConnection, useSwitchChain } from 'wagmi';
import { useAccount } from '../../lib/account.ts';
import { useAppConfig } from '../../lib/appConfig.ts';
import { useI18n } from '../../lib/i18n/I18n.tsx';
import { Button } from '../../ui/Button.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { TroubleNotice } from '../../ui/TroubleNotice.tsx';

/** Stands on every page while the wallet is on another chain, and offers the way back. */
export function WrongNetwork() {
  const { t } = useI18n();
  const { chainId, local } = useAppConfig();
  const account = useAccount();
  const { connector } = useConnection();
  const switchChain = useSwitchChain();
  if (!account?.wrongNetwork) return null;
  const action = (
    <Button
      look="secondary"
      busy={switchChain.isPending}
      onClick={() => switchChain.mutate({ chainId, ...(connector && { connector }) })}
    >
      {t.network.switch}
    </Button>
  );
  return (
    <div className="page" style={{ paddingBottom: 0 }}>
      <Notice tone="warn" title={t.network.wrongTitle} action={action}>
        {t.network.wrongText(local, chainId)}
      </Notice>
      {switchChain.error && <TroubleNotice error={switchChain.error} />}
    </div>
  );
}
