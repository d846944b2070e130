import { type ComponentProps, type ReactNode, useId } from 'react';
import './field.css';

interface FieldProps extends ComponentProps<'input'> {
  label: string;
  /** Small words right of the label. */
  note?: ReactNode;
  hint?: ReactNode;
  /** What is wrong with the value and what is expected; undefined when nothing is. */
  fault?: string | undefined;
  /** Inside the frame, right of the input. */
  suffix?: ReactNode;
}

/** A text input with its label, hint and fault, tied together for screen readers. */
export function Field({ label, note, hint, fault, suffix, ...input }: FieldProps) {
  const id = useId();
  return (
    <div className="field">
      <div className="field-head">
        <label htmlFor={id}>{label}</label>
        {note && <span className="soft small">{note}</span>}
      </div>
      <div className={`field-frame ${fault ? 'field-wrong' : ''}`}>
        <input
          {...input}
          id={id}
          aria-invalid={fault !== undefined}
          aria-describedby={fault ? `${id}-fault` : `${id}-hint`}
        />
        {suffix}
      </div>
      {fault ? (
        <p className="field-fault small" id={`${id}-fault`} role="alert">
          {fault}
        </p>
      ) : (
        <p className="soft small" id={`${id}-hint`}>
          {hint ?? '\u00a0'}
        </p>
      )}
    </div>
  );
}
