import { useEffect, useRef } from 'react';
import { NavLink, Outlet, ScrollRestoration, useLocation } from 'react-router';
import { AccountMenu } from '../features/wallet/AccountMenu.tsx';
import { WrongNetwork } from '../features/wallet/WrongNetwork.tsx';
import { useAppConfig } from '../lib/appConfig.ts';
import { useI18n } from '../lib/i18n/I18n.tsx';
import { Icon, type IconName } from '../ui/Icon.tsx';
import { ChainStatus } from './ChainStatus.tsx';
import { LanguageSwitch } from './LanguageSwitch.tsx';
import { ThemeSwitch } from './ThemeSwitch.tsx';
import './layout.css';

/** The frame of every page: header, navigation (at the bottom on a phone), content. */
export function Layout() {
  const { t } = useI18n();
  const { sandboxUrl } = useAppConfig();
  const content = useFocusOnNewPage();
  const places: { to: string; icon: IconName; name: string }[] = [
    { to: '/', icon: 'wallet', name: t.app.nav.wallet },
    { to: '/pay', icon: 'pay', name: t.app.nav.pay },
    { to: '/activity', icon: 'activity', name: t.app.nav.activity },
    { to: '/insurance', icon: 'shield', name: t.app.nav.insurance },
    ...(sandboxUrl
      ? ([
          { to: '/escrows', icon: 'lock', name: t.app.nav.escrows },
          { to: '/partner', icon: 'partner', name: t.app.nav.partner },
        ] as const)
      : []),
  ];
  return (
    <>
      <a className="skip-link" href="#content">
        {t.app.skipToContent}
      </a>
      <header className="top no-print">
        <div className="top-inner">
          <NavLink to="/" className="logo" aria-label="Corridor">
            <img src="/favicon.svg" alt="" width={30} height={30} />
            <span>Corridor</span>
          </NavLink>
          <nav className="places" aria-label={t.app.mainNavigation}>
            {places.map(({ to, icon, name }) => (
              <NavLink key={to} to={to} end={to === '/'}>
                <Icon name={icon} />
                <span>{name}</span>
              </NavLink>
            ))}
          </nav>
          <div className="top-tools">
            <LanguageSwitch />
            <ThemeSwitch />
            <AccountMenu />
          </div>
        </div>
      </header>
      <main id="content" ref={content} tabIndex={-1}>
        <WrongNetwork />
        <Outlet />
      </main>
      <footer className="foot no-print">
        <ChainStatus />
      </footer>
      <ScrollRestoration />
    </>
  );
}

/** A new page is read out from its content on, as it would be if the browser had loaded it. */
function useFocusOnNewPage() {
  const { pathname } = useLocation();
  const content = useRef<HTMLElement>(null);
  const shown = useRef(pathname);
  useEffect(() => {
    if (shown.current === pathname) return;
    shown.current = pathname;
    content.current?.focus({ preventScroll: true });
  }, [pathname]);
  return content;
}
