import '@fontsource-variable/noto-sans-sc/index.css';
import '../ui/tokens.css';
import '../ui/base.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { loadAppConfig } from '../lib/appConfig.ts';
import { I18nProvider } from '../lib/i18n/I18n.tsx';
import { App } from './App.tsx';
import { ErrorBoundary } from './ErrorBoundary.tsx';
import { NoConfig } from './NoConfig.tsx';

const root = createRoot(document.getElementById('root') as HTMLElement);

const page = await loadAppConfig().then(
  (config) => <App config={config} />,
  (error: unknown) => <NoConfig error={error} />,
);
root.render(
  <StrictMode>
    <I18nProvider>
      <ErrorBoundary>{page}</ErrorBoundary>
    </I18nProvider>
  </StrictMode>,
);
