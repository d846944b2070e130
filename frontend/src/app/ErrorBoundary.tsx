import { Component, type ReactNode } from 'react';
import { useI18n } from '../lib/i18n/I18n.tsx';
import { Button } from '../ui/Button.tsx';
import { Notice } from '../ui/Notice.tsx';

/** Catches what a page throws while it is drawn. React gives only class components this. */
export class ErrorBoundary extends Component<{ children: ReactNode }, { error: Error | undefined }> {
  override state: { error: Error | undefined } = { error: undefined };

  static getDerivedStateFromError(error: Error) {
    return { error };
  }

  override render() {
    return this.state.error ? <Crash error={this.state.error} /> : this.props.children;
  }
}

function Crash({ error }: { error: Error }) {
  const { t } = useI18n();
  const reload = (
    <Button look="secondary" onClick={() => location.reload()}>
      {t.app.crash.reload}
    </Button>
  );
  return (
    <main className="page page-narrow">
      <Notice tone="bad" title={t.app.crash.title} action={reload}>
        <p>{t.app.crash.text}</p>
        <p className="small mono soft">{error.message.slice(0, 300)}</p>
      </Notice>
    </main>
  );
}
