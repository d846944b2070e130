import type { ComponentProps } from 'react';
import { Link, type LinkProps } from 'react-router';
import './button.css';

type Look = 'primary' | 'secondary' | 'quiet';

interface ButtonProps extends ComponentProps<'button'> {
  look?: Look;
  /** Shows that the work goes on and takes no second press; the label stays, so nothing jumps. */
  busy?: boolean;
}

export function Button({ look = 'primary', busy = false, className = '', children, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      aria-busy={busy}
      disabled={busy || rest.disabled}
      className={`button button-${look} ${className}`}
    >
      {busy && <span className="spinner" aria-hidden="true" />}
      {children}
    </button>
  );
}

/** A link that looks like a button. */
export function ButtonLink({ look = 'primary', className = '', ...rest }: LinkProps & { look?: Look }) {
  return <Link {...rest} className={`button button-${look} ${className}`} />;
}
