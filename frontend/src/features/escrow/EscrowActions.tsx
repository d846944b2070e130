import { useAccount } from '../../lib/account.ts';
import { useChainTime } from '../../lib/chainTime.ts';
import { useI18n } from '../../lib/i18n/I18n.tsx';
import type { Stablecoin } from '../../lib/stablecoins.ts';
import { Card, Skeleton } from '../../ui/Card.tsx';
import { Hex } from '../../ui/Hex.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { TroubleNotice } from '../../ui/TroubleNotice.tsx';
import { AuthorizeForm } from './AuthorizeForm.tsx';
import type { Escrow } from './escrowApi.ts';
import type { Contract } from './escrowTerms.ts';
import { type Role, verbsOf } from './escrowVerbs.ts';
import { PresentForm } from './PresentForm.tsx';
import { ReleaseForm } from './ReleaseForm.tsx';
import { RulingForm } from './RulingForm.tsx';
import { useAct } from './useAct.ts';
import { VerbForm } from './VerbForm.tsx';

interface EscrowActionsProps {
  escrow: Escrow;
  role: Role;
  contract: Contract;
  coin: Stablecoin;
}

/** What the connected account can do now, one thing at a time. */
export function EscrowActions({ escrow, role, contract, coin }: EscrowActionsProps) {
  const { t } = useI18n();
  const account = useAccount();
  const act = useAct(escrow, contract);
  const words = t.escrow.actions;
  const now = useChainTime();
  const isDisabled = act.isPending || act.isWaiting || account?.wrongNetwork === true;
  if (!now)
    return (
      <Card title={words.title}>
        <Skeleton lines={4} label={t.app.loading} />
      </Card>
    );
  const verbs = verbsOf(escrow, role, now);
  return (
    <Card title={words.title}>
      {act.sent && (
        <Notice tone="good" title={words.sent.title}>
          {words.sent.text} <Hex value={act.sent} what={t.payment.transaction} />
        </Notice>
      )}
      {act.isOpen && <Notice tone="warn">{words.handedIn}</Notice>}
      {act.error && <TroubleNotice error={act.error} coin={coin} />}
      {verbs.length === 0 && <p className="soft">{words.none}</p>}
      <div className="escrow-verbs">
        {verbs.map((verb) => {
          const form = { escrow, coin, isDisabled, isBusy: act.now?.verb === verb };
          if (verb === 'authorize')
            return (
              <AuthorizeForm
                key={verb}
                {...form}
                busyWay={act.now?.verb === verb ? act.now.way : undefined}
                onSign={(way) => act.start({ verb, way })}
              />
            );
          if (verb === 'release')
            return (
              role !== 'arbiter' && (
                <ReleaseForm
                  key={verb}
                  {...form}
                  party={role}
                  now={now}
                  onSplit={(split) => act.start({ verb, party: role, split })}
                />
              )
            );
          if (verb === 'rule') return <RulingForm key={verb} {...form} onOrder={act.start} />;
          if (verb === 'present') return <PresentForm key={verb} {...form} onOrder={act.start} />;
          return <VerbForm key={verb} {...form} verb={verb} onOrder={act.start} />;
        })}
      </div>
    </Card>
  );
}
