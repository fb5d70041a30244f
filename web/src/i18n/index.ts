import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import { keepChoice, readChoice } from '@/lib/storage';
import en from './en.json';

export const languages = { en: 'English', hi: 'हिन्दी' } as const;
export type Language = keyof typeof languages;

declare module 'i18next' {
  interface CustomTypeOptions {
    resources: { translation: typeof en };
    returnNull: false;
  }
}

const wanted = (): Language => (readChoice('language') === 'hi' ? 'hi' : 'en');

export async function startLanguages(): Promise<void> {
  await i18next.use(initReactI18next).init({
    lng: 'en',
    fallbackLng: 'en',
    resources: { en: { translation: en } },
    interpolation: { escapeValue: false }, // React escapes
    returnNull: false,
  });
  if (wanted() !== 'en') await chooseLanguage(wanted());
}

/** The second catalogue is fetched when it is chosen. */
export async function chooseLanguage(language: Language): Promise<void> {
  if (language === 'hi' && !i18next.hasResourceBundle('hi', 'translation')) {
    const { default: hi } = await import('./hi.json');
    i18next.addResourceBundle('hi', 'translation', hi);
  }
  await i18next.changeLanguage(language);
  document.documentElement.lang = language;
  keepChoice('language', language);
}
