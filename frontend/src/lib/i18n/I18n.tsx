import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react';
import { type Dictionary, en } from './en.ts';
import { zh } from './zh.ts';

export const languages = { en: { dictionary: en, tag: 'en' }, zh: { dictionary: zh, tag: 'zh-CN' } } as const;
export type Language = keyof typeof languages;

interface I18n {
  t: Dictionary;
  language: Language;
  /** BCP 47 tag for `Intl`. */
  locale: string;
  setLanguage: (language: Language) => void;
}

const I18nContext = createContext<I18n | undefined>(undefined);
const STORED_AS = 'corridor.language';

/** Gives the dictionary to the app, remembers the choice, and keeps the document's `lang` in step. */
export function I18nProvider({ children }: { children: ReactNode }) {
  const [language, setLanguage] = useState<Language>(initialLanguage);
  useEffect(() => {
    document.documentElement.lang = languages[language].tag;
    localStorage.setItem(STORED_AS, language);
  }, [language]);
  const value = useMemo(() => {
    const { dictionary, tag } = languages[language];
    return { t: dictionary, language, locale: language === 'en' ? englishLocale() : tag, setLanguage };
  }, [language]);
  return <I18nContext value={value}>{children}</I18nContext>;
}

export function useI18n(): I18n {
  const value = useContext(I18nContext);
  if (!value) throw new Error('useI18n outside of I18nProvider');
  return value;
}

/** The stored choice, else the first language of the browser that there is a dictionary for. */
function initialLanguage(): Language {
  const stored = localStorage.getItem(STORED_AS);
  if (stored === 'en' || stored === 'zh') return stored;
  const wanted = navigator.languages.map((tag) => tag.slice(0, 2).toLowerCase());
  return wanted.find((code): code is Language => code === 'en' || code === 'zh') ?? 'en';
}

/** The reader's own English, so that a Briton reads British dates. */
function englishLocale(): string {
  return navigator.languages.find((tag) => tag.toLowerCase().startsWith('en')) ?? 'en-GB';
}
