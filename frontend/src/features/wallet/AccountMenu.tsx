import { useEffect, useRef, useState } from 'react';
import { useDisconnect } from 'wagmi';
import { useAccount } from '../../lib/account.ts';
import { shortHex } from '../../lib/format.ts';
import { useI18n } from '../../lib/i18n/I18n.tsx';
import { Badge } from '../../ui/Badge.tsx';
import { Button } from '../../ui/Button.tsx';
import { Hex } from '../../ui/Hex.tsx';
import { Icon } from '../../ui/Icon.tsx';
import './accountMenu.css';

/** Who is connected, in the header; opens to the whole address and the way out. */
export function AccountMenu() {
  const { t } = useI18n();
  const account = useAccount();
  const { mutate: disconnect } = useDisconnect();
  const [open, setOpen] = useState(false);
  const place = useRef<HTMLDivElement>(null);

  useEffect(() => {
    if (!open) return;
    const closeOutside = (event: Event) => {
      if (
        event instanceof KeyboardEvent
          ? event.key === 'Escape'
          : !place.current?.contains(event.target as Node)
      ) {
        setOpen(false);
      }
    };
    document.addEventListener('pointerdown', closeOutside);
    document.addEventListener('keydown', closeOutside);
    return () => {
      document.removeEventListener('pointerdown', closeOutside);
      document.removeEventListener('keydown', closeOutside);
    };
  }, [open]);

  if (!account) return null;
  return (
    <div className="account" ref={place}>
      <button
        type="button"
        className="account-button"
        aria-expanded={open}
        aria-label={`${t.account.label} ${shortHex(account.address)}`}
        onClick={() => setOpen(!open)}
      >
        <span className={`account-dot ${account.isTestWallet ? 'account-dot-test' : ''}`} />
        <span className="mono">{shortHex(account.address)}</span>
        <Icon name="down" size={16} />
      </button>
      {open && (
        <div className="account-panel">
          <p className="account-wallet">
            {account.isTestWallet ? <Badge tone="warn">{t.account.testBadge}</Badge> : account.walletName}
          </p>
          {account.isTestWallet && <p className="small soft">{t.account.testHint}</p>}
          <Hex value={account.address} what={t.address.yourAddress} full />
          <Button
            look="secondary"
            onClick={() => {
              setOpen(false);
              disconnect();
            }}
          >
            {t.account.disconnect}
          </Button>
        </div>
      )}
    </div>
  );
}
