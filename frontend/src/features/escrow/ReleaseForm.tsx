import { useState } from 'react';
import { useFormat } from '../../lib/format.ts';
import { useI18n } from '../../lib/i18n/I18n.tsx';
import type { Stablecoin } from '../../lib/stablecoins.ts';
import { Button } from '../../ui/Button.tsx';
import { Field } from '../../ui/Field.tsx';
import type { Split } from './carryOut.ts';
import type { Escrow } from './escrowApi.ts';
import { openOffers, type Party, restOf } from './escrowVerbs.ts';

interface ReleaseFormProps {
  escrow: Escrow;
  party: Party;
  /** By the chain's clock. */
  now: Date;
  coin: Stablecoin;
  isDisabled: boolean;
  isBusy: boolean;
  onSplit: (split: Split) => void;
}

/** What the other party has signed, to sign as well; or a split of one's own to offer. */
export function ReleaseForm({ escrow, party, now, coin, isDisabled, isBusy, onSplit }: ReleaseFormProps) {
  const { t } = useI18n();
  const format = useFormat();
  const [payeeAmount, setPayeeAmount] = useState('');
  const words = t.escrow.actions.release;
  const money = (value: string) => `${format.decimal(value)} ${coin.symbol}`;
  const payerAmount = restOf(escrow, payeeAmount.trim());
  return (
    <section className="escrow-verb">
      <h3>{words.title}</h3>
      <p>{words.text}</p>
      {openOffers(escrow, now).map((offer) => {
        const split = { payee: money(offer.payeeAmount), payer: money(offer.payerAmount) };
        const until = format.time(new Date(offer.deadline));
        if (offer.signedBy === party) return <p key={party}>{words.own({ ...split, until })}</p>;
        return (
          <div key={offer.signedBy} className="escrow-verb">
            <p data-testid="escrow-offer">{words.others({ ...split, until })}</p>
            <Button busy={isBusy} disabled={isDisabled} onClick={() => onSplit(offer)}>
              {words.accept}
            </Button>
          </div>
        );
      })}
      <Field
        label={words.payeeGets}
        inputMode="decimal"
        autoComplete="off"
        value={payeeAmount}
        onChange={({ target }) => setPayeeAmount(target.value)}
        hint={payerAmount === undefined ? undefined : words.rest(money(payerAmount))}
        fault={
          payeeAmount !== '' && payerAmount === undefined
            ? words.amountWrong(money(escrow.balances.capturable))
            : undefined
        }
      />
      <Button
        look="secondary"
        busy={isBusy}
        disabled={isDisabled || payerAmount === undefined}
        onClick={() => payerAmount !== undefined && onSplit({ payeeAmount: payeeAmount.trim(), payerAmount })}
      >
        {words.button}
      </Button>
    </section>
  );
}
