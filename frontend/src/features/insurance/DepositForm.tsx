import { type FormEvent, useState } from 'react';
import { useAccount } from '../../lib/account.ts';
import { useBalances } from '../../lib/balances.ts';
import { useCoverCoin } from '../../lib/coverCoin.ts';
import { useFormat } from '../../lib/format.ts';
import { useI18n } from '../../lib/i18n/I18n.tsx';
import { AmountForm, readAmount } from '../../ui/AmountForm.tsx';
import { ActionOutcome } from './ActionOutcome.tsx';
import type { PoolFigures } from './pool.ts';
import { usePoolAction } from './usePoolAction.ts';

/** Puts money into the pool. */
export function DepositForm({ pool }: { pool: PoolFigures }) {
  const { t } = useI18n();
  const format = useFormat();
  const account = useAccount();
  const coin = useCoverCoin();
  const balances = useBalances(account?.address);
  const action = usePoolAction();
  const [text, setText] = useState('');
  const balance = balances.data?.coins.find((held) => held.coin.currency === coin.currency)?.units;
  const amount = readAmount(text, balance);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (amount.value === undefined) return;
    action.mutate({ action: 'deposit', units: amount.value }, { onSuccess: () => setText('') });
  };
  return (
    <AmountForm
      title={t.insurance.deposit.title}
      text={t.insurance.deposit.text}
      label={t.insurance.deposit.amount}
      hint={
        balance === undefined
          ? undefined
          : t.pay.available(format.amount(balance, coin.decimals), coin.symbol)
      }
      value={text}
      most={balance}
      onChange={setText}
      onSubmit={submit}
      button={t.insurance.deposit.button}
      isBusy={action.isPending}
      isDisabled={pool.isPaused || account?.wrongNetwork === true}
      outcome={<ActionOutcome action={action} />}
    />
  );
}
