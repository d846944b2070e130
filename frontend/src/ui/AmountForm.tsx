import { type FormEvent, type ReactNode, useState } from 'react';
import { currencyDigits } from '../../../services/core/currency.ts';
import { COVER_CURRENCY } from '../../../services/core/insurance/product.ts';
import { formatMoney } from '../../../services/core/money.ts';
import { checkAmount } from '../lib/amountInput.ts';
import { useCoverCoin, wholeCents } from '../lib/coverCoin.ts';
import { useFormat } from '../lib/format.ts';
import { useI18n } from '../lib/i18n/I18n.tsx';
import { Button } from './Button.tsx';
import { Field } from './Field.tsx';
import './amountForm.css';

interface AmountFormProps {
  title: string;
  text: string;
  /** Between text and field. */
  children?: ReactNode;
  label: string;
  hint: string | undefined;
  value: string;
  /** What there is; undefined while it is unknown. */
  most: bigint | undefined;
  /** What to say when more than that was asked for, where it is not a wallet's balance. */
  tooHigh?: string;
  onChange: (value: string) => void;
  onSubmit: (event: FormEvent) => void;
  button: string;
  isBusy: boolean;
  isDisabled: boolean;
  outcome: ReactNode;
}

/** An amount of the cover's coin and what is done with it. It complains once it was sent, not while it is typed in. */
export function AmountForm(props: AmountFormProps) {
  const { t } = useI18n();
  const format = useFormat();
  const coin = useCoverCoin();
  const [isSent, setSent] = useState(false);
  const { value, most } = props;
  const { fault } = readAmount(value, most);
  const say = () => {
    if (!fault) return undefined;
    if (fault === 'amountTooHigh')
      return (
        props.tooHigh ??
        t.pay.faults.amountTooHigh(format.amount(wholeCents(most ?? 0n), coin.decimals), coin.symbol)
      );
    return fault === 'amountDigits'
      ? t.pay.faults.amountDigits(currencyDigits(COVER_CURRENCY) ?? 2)
      : t.pay.faults[fault];
  };
  return (
    <form
      className="card amount-form"
      aria-label={props.title}
      noValidate
      onSubmit={(event) => {
        setSent(fault !== undefined);
        props.onSubmit(event);
      }}
    >
      <h2>{props.title}</h2>
      <p className="soft">{props.text}</p>
      {props.children}
      <Field
        label={props.label}
        hint={props.hint}
        fault={isSent ? say() : undefined}
        value={value}
        onChange={(event) => props.onChange(event.target.value)}
        placeholder="0.00"
        inputMode="decimal"
        autoComplete="off"
        maxLength={24}
        className="numbers"
        required
        suffix={
          <>
            <span className="soft">{coin.symbol}</span>
            <Button
              look="quiet"
              disabled={!most}
              onClick={() =>
                props.onChange(formatMoney({ currency: COVER_CURRENCY, units: wholeCents(most ?? 0n) }))
              }
            >
              {t.pay.all}
            </Button>
          </>
        }
      />
      <Button type="submit" busy={props.isBusy} disabled={props.isDisabled}>
        {props.button}
      </Button>
      {props.outcome}
    </form>
  );
}

/** What was typed, in token units, or what is wrong with it. */
export function readAmount(text: string, most: bigint | undefined) {
  return checkAmount(text, COVER_CURRENCY, most);
}
