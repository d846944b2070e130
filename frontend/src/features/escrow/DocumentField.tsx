import { useRef, useState } from 'react';
import type { Hex } from 'viem';
import { useI18n } from '../../lib/i18n/I18n.tsx';
import { Field } from '../../ui/Field.tsx';
import { documentHash } from './documentHash.ts';

/** The document that was chosen last; `isPending` until its hash is there. */
export interface ChosenDocument {
  hash?: Hex;
  isPending?: boolean;
  hasFailed?: boolean;
}

/** What was chosen, and what to do when another document is, or none. */
export function useDocument(): [ChosenDocument, (document: Blob | undefined) => void] {
  const [chosen, setChosen] = useState<ChosenDocument>({});
  const latest = useRef<Blob>(undefined);
  const choose = async (document: Blob | undefined) => {
    latest.current = document;
    setChosen({ isPending: document !== undefined });
    const result = await documentHash(document).then(
      (hash): ChosenDocument => (hash ? { hash } : {}),
      (): ChosenDocument => ({ hasFailed: true }),
    );
    // Of two that were chosen one after the other, the first may be hashed last.
    if (latest.current === document) setChosen(result);
  };
  return [chosen, (document) => void choose(document)];
}

interface DocumentFieldProps {
  label: string;
  note?: string | undefined;
  hint: string;
  chosen: ChosenDocument;
  onChoose: (document: Blob | undefined) => void;
}

/** A file of which only the hash leaves this computer; it stands below. */
export function DocumentField({ label, note, hint, chosen, onChoose }: DocumentFieldProps) {
  const { t } = useI18n();
  return (
    <Field
      label={label}
      note={note}
      type="file"
      hint={
        chosen.hash ? (
          <>
            {hint} <span className="mono escrow-hash">{chosen.hash}</span>
          </>
        ) : (
          hint
        )
      }
      fault={chosen.hasFailed ? t.escrow.actions.documentUnreadable : undefined}
      onChange={({ target }) => onChoose(target.files?.[0])}
    />
  );
}
