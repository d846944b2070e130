import { NavLink, Outlet } from 'react-router';
import { useAppConfig } from '../../lib/appConfig.ts';
import { useI18n } from '../../lib/i18n/I18n.tsx';
import { Card, EmptyState } from '../../ui/Card.tsx';
import { PageTitle } from '../../ui/PageTitle.tsx';
import './partner.css';

/** The frame of the partner's pages. */
export function PartnerLayout() {
  const { t } = useI18n();
  const { sandboxUrl } = useAppConfig();
  if (!sandboxUrl) {
    return (
      <div className="page page-narrow">
        <Card>
          <EmptyState title={t.partner.noSandbox.title}>{t.partner.noSandbox.text}</EmptyState>
        </Card>
      </div>
    );
  }
  return (
    <div className="page">
      <div>
        <PageTitle>{t.partner.title}</PageTitle>
        <p className="soft">{t.partner.intro}</p>
      </div>
      <nav className="tabs" aria-label={t.partner.title}>
        <NavLink to="/partner" end>
          {t.partner.tabs.payments}
        </NavLink>
        <NavLink to="/partner/policies">{t.partner.tabs.policies}</NavLink>
        <NavLink to="/partner/accounts">{t.partner.tabs.accounts}</NavLink>
        <NavLink to="/partner/webhooks">{t.partner.tabs.webhooks}</NavLink>
      </nav>
      <Outlet />
    </div>
  );
}
