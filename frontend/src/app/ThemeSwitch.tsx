import { useEffect, useState } from 'react';
import { useI18n } from '../lib/i18n/I18n.tsx';
import { Icon } from '../ui/Icon.tsx';

const STORED_AS = 'corridor.theme';
const themes = ['system', 'light', 'dark'] as const;
type Theme = (typeof themes)[number];
const icons = { system: 'device', light: 'sun', dark: 'moon' } as const;

/** One button that goes round: as the device, light, dark. */
export function ThemeSwitch() {
  const { t } = useI18n();
  const [theme, setTheme] = useState<Theme>(storedTheme);
  useEffect(() => {
    document.documentElement.dataset.theme = theme;
    localStorage.setItem(STORED_AS, theme);
  }, [theme]);
  const next = themes[(themes.indexOf(theme) + 1) % themes.length] as Theme;
  const label = `${t.app.theme.label}: ${t.app.theme[theme]}`;
  return (
    <button type="button" className="tool" aria-label={label} title={label} onClick={() => setTheme(next)}>
      <Icon name={icons[theme]} size={18} />
    </button>
  );
}

function storedTheme(): Theme {
  const stored = localStorage.getItem(STORED_AS);
  return themes.find((theme) => theme === stored) ?? 'system';
}
