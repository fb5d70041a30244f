import { Menu } from '@mantine/core';
import { Keyboard } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useDensity, useShortcuts } from '@/components/choices';
import { chooseLanguage, languages, type Language } from '@/i18n';

/** Menus of the header; opened at once, for it is fetched when somebody wants it. */
export default function HeaderMenu({ kind, label, icon, onKeys, className }: { kind: 'language' | 'account'; label: string; icon: ReactNode; onKeys: () => void; className: string }) {
  return (
    <Menu position="bottom-end" withinPortal defaultOpened>
      <Menu.Target>
        <button type="button" className={`hs-icon-button ${className}`} aria-label={label}>{icon}</button>
      </Menu.Target>
      <Menu.Dropdown>
        {kind === 'account' && <AccountItems onKeys={onKeys} />}
        {kind === 'account' && <Menu.Divider />}
        <LanguageItems />
      </Menu.Dropdown>
    </Menu>
  );
}

function LanguageItems() {
  const { i18n } = useTranslation();
  return (Object.keys(languages) as Language[]).map((language) => (
    <Menu.Item key={language} lang={language} onClick={() => void chooseLanguage(language)}>
      {languages[language]}{i18n.language === language ? ' ✓' : ''}
    </Menu.Item>
  ));
}

function AccountItems({ onKeys }: { onKeys: () => void }) {
  const { t } = useTranslation();
  const [density, chooseDensity] = useDensity();
  const [keys, chooseKeys] = useShortcuts();
  return (
    <>
      <Menu.Label>{t('account.local')}</Menu.Label>
      <Menu.Item closeMenuOnClick={false} onClick={() => chooseDensity(density === 'compact' ? 'comfortable' : 'compact')}>{density === 'compact' ? t('account.comfortable') : t('account.compact')}</Menu.Item>
      <Menu.Item closeMenuOnClick={false} onClick={() => chooseKeys(keys === 'on' ? 'off' : 'on')}>{keys === 'on' ? t('account.keysOff') : t('account.keysOn')}</Menu.Item>
      <Menu.Item leftSection={<Keyboard size={14} aria-hidden="true" />} onClick={onKeys}>{t('account.shortcuts')}</Menu.Item>
      <Menu.Item component="a" href="/docs">{t('account.api')}</Menu.Item>
    </>
  );
}
