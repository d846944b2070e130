import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useAccount } from '../../lib/account.ts';
import { useAppConfig } from '../../lib/appConfig.ts';
import { useBalances } from '../../lib/balances.ts';
import { useI18n } from '../../lib/i18n/I18n.tsx';
import { askSandbox } from '../../lib/sandbox.ts';
import { Button } from '../../ui/Button.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { TroubleNotice } from '../../ui/TroubleNotice.tsx';
import './faucet.css';

/** Test money for the connected account; only where there is a sandbox. */
export function Faucet() {
  const { t } = useI18n();
  const { sandboxUrl, local } = useAppConfig();
  const account = useAccount();
  const balances = useBalances(account?.address);
  const queryClient = useQueryClient();
  const drip = useMutation({
    mutationFn: (address: string) =>
      askSandbox(sandboxUrl as string, '/faucet', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ address }),
      }),
    onSuccess: () => queryClient.invalidateQueries(),
  });
  if (!sandboxUrl || !local || !account) return null;
  const hasNothing = balances.data?.coins.every((balance) => balance.units === 0n) ?? false;
  return (
    <section className="card faucet">
      <div className="faucet-words">
        <h2>{t.wallet.faucet.title}</h2>
        <p className="soft">{t.wallet.faucet.text}</p>
      </div>
      <Button
        look={hasNothing ? 'primary' : 'secondary'}
        busy={drip.isPending}
        onClick={() => drip.mutate(account.address)}
      >
        {!drip.isPending && <Icon name="drop" size={18} />}
        {drip.isPending ? t.wallet.faucet.sending : t.wallet.faucet.button}
      </Button>
      {drip.isSuccess && <Notice tone="good" title={t.wallet.faucet.done} />}
      {drip.error && <TroubleNotice error={drip.error} />}
    </section>
  );
}
