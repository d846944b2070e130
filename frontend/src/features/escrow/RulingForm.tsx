import { useState } from 'react';
import { useFormat } from '../../lib/format.ts';
import { useI18n } from '../../lib/i18n/I18n.tsx';
import type { Stablecoin } from '../../lib/stablecoins.ts';
import { Button } from '../../ui/Button.tsx';
import { Field } from '../../ui/Field.tsx';
import type { Order } from './carryOut.ts';
import { DocumentField, useDocument } from './DocumentField.tsx';
import type { Escrow } from './escrowApi.ts';
import { bpsOf, rulingOf } from './escrowVerbs.ts';

interface RulingFormProps {
  escrow: Escrow;
  coin: Stablecoin;
  isDisabled: boolean;
  isBusy: boolean;
  onOrder: (order: Order) => void;
}

/** The arbiter's: which part of what is held the payee gets, and the reasons' hash. */
export function RulingForm({ escrow, coin, isDisabled, isBusy, onOrder }: RulingFormProps) {
  const { t } = useI18n();
  const format = useFormat();
  const [percent, setPercent] = useState('');
  const [reasons, choose] = useDocument();
  const words = t.escrow.actions.rule;
  const money = (value: string) => `${format.decimal(value)} ${coin.symbol}`;
  const payeeBps = bpsOf(percent.trim());
  const ruling = payeeBps === undefined ? undefined : rulingOf(escrow, payeeBps);
  const { minFeeBps } = escrow.terms;
  return (
    <section className="escrow-verb">
      <h3>{words.title}</h3>
      <p>{words.text({ amount: money(escrow.balances.capturable) })}</p>
      <Field
        label={words.share}
        inputMode="decimal"
        autoComplete="off"
        suffix={<span className="field-unit soft">%</span>}
        value={percent}
        onChange={({ target }) => setPercent(target.value)}
        hint={ruling && words.split({ payee: money(ruling.payeeAmount), payer: money(ruling.payerAmount) })}
        fault={percent.trim() !== '' && !ruling ? words.shareWrong : undefined}
      />
      <DocumentField
        label={words.reasons}
        note={t.pay.optional}
        hint={t.escrow.actions.documentHint}
        chosen={reasons}
        onChoose={choose}
      />
      {ruling && minFeeBps > 0 && (
        <p className="soft small">{words.feeOf(format.bps(minFeeBps), money(ruling.fee))}</p>
      )}
      <p className="soft small">{t.escrow.actions.fee}</p>
      <Button
        busy={isBusy}
        disabled={isDisabled || payeeBps === undefined || reasons.isPending || reasons.hasFailed}
        onClick={() =>
          payeeBps !== undefined &&
          onOrder({ verb: 'rule', payeeBps, ...(reasons.hash && { evidence: reasons.hash }) })
        }
      >
        {isBusy ? t.escrow.actions.sending : words.button}
      </Button>
    </section>
  );
}
