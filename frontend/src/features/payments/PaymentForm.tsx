import { type FormEvent, useState } from 'react';
import { currencyDigits } from '../../../../services/core/currency.ts';
import { corridorContracts } from '../../../../services/core/deployment.ts';
import { formatMoney } from '../../../../services/core/money.ts';
import { useAccount } from '../../lib/account.ts';
import { checkAmount } from '../../lib/amountInput.ts';
import { useAppConfig } from '../../lib/appConfig.ts';
import { useBalances } from '../../lib/balances.ts';
import { useFormat } from '../../lib/format.ts';
import { useI18n } from '../../lib/i18n/I18n.tsx';
import { useStablecoins } from '../../lib/stablecoins.ts';
import { Button } from '../../ui/Button.tsx';
import { Field } from '../../ui/Field.tsx';
import { CoinChoice } from './CoinChoice.tsx';
import { checkRecipient, encodeReference, type Fault, referenceBytesLeft } from './paymentInput.ts';
import type { PaymentOrder } from './sendPayment.ts';

export interface PaymentDraft {
  currency: string;
  recipient: string;
  amount: string;
  reference: string;
  /** Corridor pays the network fee. */
  isSponsored: boolean;
}

interface PaymentFormProps {
  draft: PaymentDraft;
  onChange: (draft: PaymentDraft) => void;
  onReview: (order: PaymentOrder) => void;
}

/** Whom, how much, what for. A field complains once it was left or the form was sent, not while it is typed in. */
export function PaymentForm({ draft, onChange, onReview }: PaymentFormProps) {
  const { t } = useI18n();
  const format = useFormat();
  const { deployment, sandboxUrl } = useAppConfig();
  const coins = useStablecoins();
  const account = useAccount();
  const balances = useBalances(account?.address);
  const [left, setLeft] = useState<Partial<Record<keyof PaymentDraft, boolean>>>({});

  const coin = coins.find(({ currency }) => currency === draft.currency) ?? coins[0];
  if (!account || !coin) return null;
  const balance = balances.data?.coins.find((held) => held.coin.currency === coin.currency)?.units;
  const contracts = corridorContracts(deployment);
  const recipient = checkRecipient(draft.recipient, { own: account.address, contracts });
  const amount = checkAmount(draft.amount, coin.currency, balance);
  const bytesLeft = referenceBytesLeft(draft.reference);

  const set = (change: Partial<PaymentDraft>) => onChange({ ...draft, ...change });
  const leave = (field: keyof PaymentDraft) => () =>
    draft[field] !== '' && setLeft({ ...left, [field]: true });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setLeft({ recipient: true, amount: true, reference: true });
    if (recipient.value === undefined || amount.value === undefined || bytesLeft < 0) return;
    onReview({
      coin,
      recipient: recipient.value,
      units: amount.value,
      reference: encodeReference(draft.reference),
      isSponsored: draft.isSponsored && sandboxUrl !== null,
    });
  };
  const say = (fault: Fault | undefined): string | undefined => {
    if (!fault) return undefined;
    if (fault === 'amountTooHigh') {
      return t.pay.faults.amountTooHigh(format.amount(balance ?? 0n, coin.decimals), coin.symbol);
    }
    if (fault === 'amountDigits') return t.pay.faults.amountDigits(currencyDigits(coin.currency) ?? 2);
    return t.pay.faults[fault];
  };

  return (
    <form className="card pay-form" onSubmit={submit} noValidate>
      <CoinChoice
        coins={coins}
        balances={balances.data?.coins}
        chosen={coin}
        onChoose={({ currency }) => set({ currency })}
      />
      <Field
        label={t.pay.recipient}
        hint={t.pay.recipientHint}
        fault={left.recipient ? say(recipient.fault) : undefined}
        value={draft.recipient}
        onChange={(event) => set({ recipient: event.target.value })}
        onBlur={leave('recipient')}
        placeholder="0x…"
        className="mono"
        autoComplete="off"
        spellCheck={false}
        maxLength={64}
        required
      />
      <Field
        label={t.pay.amount}
        hint={
          balance === undefined
            ? undefined
            : t.pay.available(format.amount(balance, coin.decimals), coin.symbol)
        }
        fault={left.amount ? say(amount.fault) : undefined}
        value={draft.amount}
        onChange={(event) => set({ amount: event.target.value })}
        onBlur={leave('amount')}
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
              disabled={!balance}
              onClick={() => set({ amount: wholeBalance(coin.currency, balance) })}
            >
              {t.pay.all}
            </Button>
          </>
        }
      />
      <Field
        label={t.pay.reference}
        note={t.pay.optional}
        hint={draft.reference === '' ? t.pay.referenceHint : t.pay.bytesLeft(bytesLeft)}
        fault={bytesLeft < 0 ? t.pay.faults.referenceTooLong : undefined}
        value={draft.reference}
        onChange={(event) => set({ reference: event.target.value })}
        placeholder="INV-7"
        autoComplete="off"
        maxLength={64}
      />
      {sandboxUrl !== null && (
        <div className="pay-fee">
          <label>
            <input
              type="checkbox"
              checked={draft.isSponsored}
              onChange={(event) => set({ isSponsored: event.target.checked })}
              aria-describedby="pay-fee-hint"
            />
            {t.pay.sponsored}
          </label>
          <p className="soft small" id="pay-fee-hint">
            {t.pay.sponsoredHint}
          </p>
        </div>
      )}
      <Button type="submit" className="pay-submit">
        {t.pay.review}
      </Button>
    </form>
  );
}

/** The balance in the digits of its currency; what is less than its smallest coin stays. */
function wholeBalance(currency: string, balance = 0n): string {
  const smallest = 10n ** BigInt(6 - (currencyDigits(currency) ?? 2));
  return formatMoney({ currency, units: balance - (balance % smallest) });
}
