import { useState } from 'react';
import { useFormat } from '../../lib/format.ts';
import { useI18n } from '../../lib/i18n/I18n.tsx';
import type { Stablecoin } from '../../lib/stablecoins.ts';
import { Button } from '../../ui/Button.tsx';
import { Field } from '../../ui/Field.tsx';
import type { Order } from './carryOut.ts';
import { DocumentField, useDocument } from './DocumentField.tsx';
import type { Escrow } from './escrowApi.ts';
import { captureChoices, isWithin, refundable, rulingOf } from './escrowVerbs.ts';

type PlainVerb = Exclude<Order['verb'], 'present' | 'rule'>;

interface VerbFormProps {
  escrow: Escrow;
  verb: PlainVerb;
  coin: Stablecoin;
  isDisabled: boolean;
  isBusy: boolean;
  onOrder: (order: Order) => void;
}

/** What a verb does, what it needs to know, and the button that asks the wallet for it. */
export function VerbForm({ escrow, verb, coin, isDisabled, isBusy, onOrder }: VerbFormProps) {
  const { t } = useI18n();
  const format = useFormat();
  const words = t.escrow.actions;
  const money = (value: string) => `${format.decimal(value)} ${coin.symbol}`;
  const amount = useAmount(escrow, verb);
  const [document, choose] = useDocument();
  const { minFeeBps, defaultPayeeBps } = escrow.terms;
  const { title, text, button } = words[verb];
  const byDefault = rulingOf(escrow, defaultPayeeBps);
  const held = {
    amount: money(escrow.balances.capturable),
    ...{ payee: money(byDefault.payeeAmount), payer: money(byDefault.payerAmount) },
  };
  const needsDocument = verb === 'evidence' && !document.hash;
  const isUnclear = document.isPending || document.hasFailed;
  const order = (value?: string): Order => ({
    verb,
    ...(value !== undefined && { amount: value }),
    ...(document.hash && { evidence: document.hash }),
  });
  const buttons = amount?.fixed ?? [amount?.text];
  return (
    <section className="escrow-verb">
      <h3>{title}</h3>
      <p>{typeof text === 'string' ? text : text(held)}</p>
      {amount && !amount.fixed && (
        <Field
          label={words.amount}
          inputMode="decimal"
          autoComplete="off"
          value={amount.text}
          onChange={({ target }) => amount.setText(target.value)}
          fault={amount.isWrong ? words.amountWrong(money(amount.most)) : undefined}
        />
      )}
      {(verb === 'dispute' || verb === 'evidence') && (
        <DocumentField
          label={words.document}
          note={verb === 'dispute' ? t.pay.optional : undefined}
          hint={needsDocument ? words.documentMissing : words.documentHint}
          chosen={document}
          onChoose={choose}
        />
      )}
      {verb === 'resolve' && minFeeBps > 0 && (
        <p className="soft small">{words.rule.feeOf(format.bps(minFeeBps), money(byDefault.fee))}</p>
      )}
      <p className="soft small">{words.fee}</p>
      {buttons.map((value) => (
        <Button
          key={value ?? verb}
          look={verb === 'capture' || verb === 'evidence' ? 'primary' : 'secondary'}
          busy={isBusy}
          disabled={isDisabled || needsDocument || isUnclear || amount?.isWrong}
          onClick={() => onOrder(order(value))}
        >
          {isBusy ? words.sending : typeof button === 'string' ? button : button({ amount: label(value) })}
        </Button>
      ))}
    </section>
  );

  function label(value: string | undefined): string {
    return value === undefined || amount?.isWrong ? '' : money(value);
  }
}

/** The amount of a verb that has one: a choice of two at most, or whatever is typed. */
function useAmount(escrow: Escrow, verb: PlainVerb) {
  const [typed, setText] = useState<string>();
  if (verb !== 'capture' && verb !== 'refund') return undefined;
  const choices = verb === 'capture' ? captureChoices(escrow) : { most: refundable(escrow) };
  if ('fixed' in choices) return { fixed: choices.fixed, isWrong: false, text: '', most: '', setText };
  const { most } = choices;
  const text = (typed ?? most).trim();
  return { fixed: undefined, text, setText, most, isWrong: !isWithin(text, most) };
}
