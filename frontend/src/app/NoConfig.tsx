import { useI18n } from '../lib/i18n/I18n.tsx';
import { Button } from '../ui/Button.tsx';
import { Notice } from '../ui/Notice.tsx';

/** Shown when the app cannot learn where it is: nothing else would work. */
export function NoConfig({ error }: { error: unknown }) {
  const { t } = useI18n();
  const reload = (
    <Button look="secondary" onClick={() => location.reload()}>
      {t.app.retry}
    </Button>
  );
  return (
    <main className="page page-narrow">
      <Notice tone="bad" title={t.app.noConfig.title} action={reload}>
        <p>{t.app.noConfig.text}</p>
        <p className="small mono soft">
          {error instanceof Error ? error.message.slice(0, 300) : String(error)}
        </p>
      </Notice>
    </main>
  );
}
