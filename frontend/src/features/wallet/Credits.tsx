import { useAccount } from '../../lib/account.ts';
import { useBalances } from '../../lib/balances.ts';
import { useFormat } from '../../lib/format.ts';
import { useI18n } from '../../lib/i18n/I18n.tsx';
import { Button } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { TroubleNotice } from '../../ui/TroubleNotice.tsx';
import { type Credit, useCredits, useWithdrawal } from './credits.ts';
import './credits.css';

/** What could not be paid to the account and waits for it; nothing where nothing does. */
export function Credits() {
  const { t } = useI18n();
  const account = useAccount();
  const credits = useCredits(account?.address);
  const withdrawal = useWithdrawal();
  const waiting = credits.data ?? [];
  const words = t.wallet.credits;
  return (
    <>
      {withdrawal.isSuccess && <Notice tone="good" title={words.done} />}
      {waiting.length > 0 && (
        <Card title={words.title}>
          <p>{words.text}</p>
          <ul className="credits" data-testid="credits">
            {waiting.map((credit) => (
              <Row
                key={keyOf(credit)}
                credit={credit}
                isBusy={withdrawal.isPending && keyOf(withdrawal.variables) === keyOf(credit)}
                isDisabled={withdrawal.isPending || account?.wrongNetwork === true}
                onWithdraw={() => withdrawal.mutate(credit)}
              />
            ))}
          </ul>
          <p className="soft small">{words.signed}</p>
          {withdrawal.error && <TroubleNotice error={withdrawal.error} />}
        </Card>
      )}
    </>
  );
}

const keyOf = ({ from, coin }: Credit) => `${from}-${coin.currency}`;

interface RowProps {
  credit: Credit;
  isBusy: boolean;
  isDisabled: boolean;
  onWithdraw: () => void;
}

function Row({ credit, isBusy, isDisabled, onWithdraw }: RowProps) {
  const { t } = useI18n();
  const format = useFormat();
  const account = useAccount();
  const balances = useBalances(account?.address);
  const { coin, from, units } = credit;
  const held = balances.data?.coins.find((balance) => balance.coin.currency === coin.currency);
  const words = t.wallet.credits;
  const amount = `${format.amount(units, coin.decimals)} ${coin.symbol}`;
  return (
    <li>
      <div>
        <strong className="numbers">{amount}</strong>
        <p className="soft small">{held?.frozen ? words.frozen(coin.symbol) : words.from[from]}</p>
      </div>
      <Button busy={isBusy} disabled={isDisabled || held?.frozen === true} onClick={onWithdraw}>
        {isBusy ? t.insurance.confirm(1, 1) : words.button(amount)}
      </Button>
    </li>
  );
}
