import { useState } from 'react';
import { shortHex } from '../lib/format.ts';
import { useI18n } from '../lib/i18n/I18n.tsx';
import { Icon } from './Icon.tsx';
import './hex.css';

interface HexProps {
  value: string;
  /** What it is, for the label of the copy button: `address`, `block hash`. */
  what: string;
  /** All digits, wrapped, instead of the first and last four. */
  full?: boolean;
}

/** An address or hash in monospace with a copy button. The whole value is in the title. */
export function Hex({ value, what, full = false }: HexProps) {
  const { t } = useI18n();
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(value);
    setCopied(true);
    setTimeout(() => setCopied(false), 1_500);
  };
  return (
    <span className={`hex ${full ? 'hex-full' : ''}`}>
      <span className="mono" title={value}>
        {full ? value : shortHex(value)}
      </span>
      <button
        type="button"
        className="hex-copy no-print"
        aria-label={copied ? t.address.copied : t.address.copyLabel(what)}
        title={copied ? t.address.copied : t.address.copy}
        onClick={() => void copy()}
      >
        <Icon name={copied ? 'check' : 'copy'} size={15} />
      </button>
      <span className="visually-hidden" aria-live="polite">
        {copied && t.address.copied}
      </span>
    </span>
  );
}
