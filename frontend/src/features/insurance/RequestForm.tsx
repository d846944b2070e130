import { type FormEvent, useState } from 'react';
import type { Underwriting } from '../../../../services/core/insurance/underwriting.ts';
import { useAccount } from '../../lib/account.ts';
import { useCoverCoin, wholeCents } from '../../lib/coverCoin.ts';
import { useFormat } from '../../lib/format.ts';
import { useI18n } from '../../lib/i18n/I18n.tsx';
import { AmountForm, readAmount } from '../../ui/AmountForm.tsx';
import { ActionOutcome } from './ActionOutcome.tsx';
import type { PoolFigures } from './pool.ts';
import { usePoolAction } from './usePoolAction.ts';

const HOUR = 3_600n;

/** Asks for money back, which begins the cooldown. */
export function RequestForm({ pool, position }: { pool: PoolFigures; position: Underwriting }) {
  const { t } = useI18n();
  const format = useFormat();
  const account = useAccount();
  const coin = useCoverCoin();
  const action = usePoolAction();
  const [text, setText] = useState('');
  const { exitWorth, freeShares, shares } = position;
  const free = shares === 0n ? 0n : (exitWorth * freeShares) / shares;
  const amount = readAmount(text, free);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (amount.value === undefined) return;
    // All that can be typed is all: no part of a cent stays behind.
    const units = amount.value === wholeCents(free) ? undefined : amount.value;
    action.mutate({ action: 'request', units }, { onSuccess: () => setText('') });
  };
  return (
    <AmountForm
      title={t.insurance.request.title}
      text={t.insurance.request.text(
        t.insurance.hours(Number(pool.cooldownSeconds / HOUR)),
        t.insurance.hours(Number(pool.claimWindowSeconds / HOUR)),
      )}
      label={t.insurance.request.amount}
      hint={t.pay.available(format.amount(wholeCents(free), coin.decimals), coin.symbol)}
      value={text}
      most={free}
      onChange={setText}
      onSubmit={submit}
      button={t.insurance.request.button}
      isBusy={action.isPending}
      isDisabled={freeShares === 0n || account?.wrongNetwork === true}
      outcome={<ActionOutcome action={action} />}
    />
  );
}
