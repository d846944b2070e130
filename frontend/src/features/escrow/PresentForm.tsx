import { useId, useState } from 'react';
import { type Hex, isHex, sha256, size } from 'viem';
import { useFormat } from '../../lib/format.ts';
import { useI18n } from '../../lib/i18n/I18n.tsx';
import type { Stablecoin } from '../../lib/stablecoins.ts';
import { Button } from '../../ui/Button.tsx';
import { Field } from '../../ui/Field.tsx';
import type { Order } from './carryOut.ts';
import { documentHash } from './documentHash.ts';
import type { Escrow } from './escrowApi.ts';

interface PresentFormProps {
  escrow: Escrow;
  coin: Stablecoin;
  isDisabled: boolean;
  isBusy: boolean;
  onOrder: (order: Order) => void;
}

/** Takes the 32 bytes of the hash lock, typed in or as the sha256 of a document, and sends none that do not open it. */
export function PresentForm({ escrow, coin, isDisabled, isBusy, onOrder }: PresentFormProps) {
  const { t } = useI18n();
  const format = useFormat();
  const id = useId();
  const [presented, setPresented] = useState<{ from: 'document' | 'bytes'; text: string }>();
  const words = t.escrow.actions.present;
  const { fault, preimage } = checkPreimage(presented?.text, escrow.terms.hashLock);
  const faultOf = (from: 'document' | 'bytes') =>
    fault && presented?.from === from ? words.faults[fault === 'mismatch' ? from : fault] : undefined;
  const present = (from: 'document' | 'bytes', text: string | undefined) =>
    setPresented(text ? { from, text } : undefined);
  return (
    <section className="escrow-verb">
      <h3>{words.title}</h3>
      <p>{words.text({ amount: `${format.decimal(escrow.balances.capturable)} ${coin.symbol}` })}</p>
      <Field
        label={t.escrow.actions.document}
        type="file"
        hint={words.documentHint}
        fault={faultOf('document')}
        onChange={({ target }) =>
          void documentHash(target.files?.[0]).then((hash) => present('document', hash))
        }
      />
      <Field
        label={words.bytes}
        autoComplete="off"
        spellCheck={false}
        placeholder="0x…"
        className="mono"
        maxLength={68}
        value={presented?.text ?? ''}
        onChange={({ target }) => present('bytes', target.value)}
        hint={words.bytesHint}
        fault={faultOf('bytes')}
      />
      <p id={`${id}-fits`} className="small" role="status">
        {preimage && words.fits}
      </p>
      <p className="soft small">{t.escrow.actions.fee}</p>
      <Button
        busy={isBusy}
        disabled={isDisabled || !preimage}
        aria-describedby={`${id}-fits`}
        onClick={() => preimage && onOrder({ verb: 'present', preimage })}
      >
        {isBusy ? t.escrow.actions.sending : words.button}
      </Button>
    </section>
  );
}

/** `mismatch`: 32 bytes, of another hash. */
function checkPreimage(text: string | undefined, hashLock: Hex | null) {
  const value = text?.trim();
  if (!value) return {};
  if (!isHex(value) || size(value) !== 32 || value.length !== 66) return { fault: 'malformed' as const };
  return sha256(value) === hashLock ? { preimage: value } : { fault: 'mismatch' as const };
}
