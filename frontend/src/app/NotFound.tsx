import { useI18n } from '../lib/i18n/I18n.tsx';
import { ButtonLink } from '../ui/Button.tsx';
import { Card, EmptyState } from '../ui/Card.tsx';

export function NotFound() {
  const { t } = useI18n();
  return (
    <div className="page page-narrow">
      <Card>
        <EmptyState
          title={t.app.notFound.title}
          action={<ButtonLink to="/">{t.app.notFound.home}</ButtonLink>}
        >
          {t.app.notFound.text}
        </EmptyState>
      </Card>
    </div>
  );
}
