import { type Language, languages, useI18n } from '../lib/i18n/I18n.tsx';
import { Icon } from '../ui/Icon.tsx';

/** Each language under its own name, so that whoever reads it finds it. */
export function LanguageSwitch() {
  const { t, language, setLanguage } = useI18n();
  return (
    <label className="tool-select">
      <Icon name="globe" size={18} />
      <span className="visually-hidden">{t.language.switchTo}</span>
      <select value={language} onChange={(event) => setLanguage(event.target.value as Language)}>
        {Object.entries(languages).map(([code, { dictionary, tag }]) => (
          <option key={code} value={code} lang={tag}>
            {dictionary.language.name}
          </option>
        ))}
      </select>
    </label>
  );
}
