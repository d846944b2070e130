import { useAccount } from '../../lib/account.ts';
import { useFormat } from '../../lib/format.ts';
import { useI18n } from '../../lib/i18n/I18n.tsx';
import type { Stablecoin } from '../../lib/stablecoins.ts';
import { Button } from '../../ui/Button.tsx';
import type { Way } from './carryOut.ts';
import type { Escrow } from './escrowApi.ts';

interface AuthorizeFormProps {
  escrow: Escrow;
  coin: Stablecoin;
  isDisabled: boolean;
  /** The way in which the wallet is being asked now. */
  busyWay: Way | undefined;
  onSign: (way: Way) => void;
}

/** Says in plain words what each signature of the payer does, and asks for one of them. */
export function AuthorizeForm({ escrow, coin, isDisabled, busyWay, onSign }: AuthorizeFormProps) {
  const { t } = useI18n();
  const format = useFormat();
  const account = useAccount();
  const words = t.escrow.actions.authorize;
  const amount = `${format.decimal(escrow.amount.value)} ${coin.symbol}`;
  const { authorizationExpiry, captureExpiry, operator } = escrow.terms;
  const inTerms = words.inTerms;
  return (
    <section className="escrow-verb">
      <h3>{words.title({ amount })}</h3>
      <p data-testid="escrow-sentence">
        {words.text({
          amount,
          until: format.time(new Date(authorizationExpiry)),
          back: format.time(new Date(captureExpiry)),
        })}
      </p>
      <p className="soft small">{words.signed}</p>
      {account?.isTestWallet && <p className="soft small">{t.preview.testSigns}</p>}
      <Button busy={busyWay === 'eip3009'} disabled={isDisabled} onClick={() => onSign('eip3009')}>
        {busyWay === 'eip3009' ? t.escrow.actions.sending : words.button}
      </Button>
      <details className="escrow-other-way">
        <summary>{inTerms.title}</summary>
        <p>{inTerms.text({ amount })}</p>
        {operator && <p>{inTerms.operator}</p>}
        <Button
          look="secondary"
          busy={busyWay === 'signature'}
          disabled={isDisabled}
          onClick={() => onSign('signature')}
        >
          {busyWay === 'signature' ? t.escrow.actions.sending : inTerms.button}
        </Button>
      </details>
    </section>
  );
}
