import { Drawer, Menu as Popup } from '@mantine/core';
import { useMantineColorScheme } from '@mantine/core';
import { useIsFetching, useQuery } from '@tanstack/react-query';
import { Link, Outlet, useLocation, useNavigate } from '@tanstack/react-router';
import { CircleUser, Keyboard, Languages, Menu as MenuIcon, Moon, Search, Sun } from 'lucide-react';
import { lazy, Suspense, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { openEscalations } from '@/api/queries';
import { chooseLanguage, languages, type Language } from '@/i18n';
import { useKeys } from '@/lib/keys';
import { keepChoice, readChoice } from '@/lib/storage';
import { menu, type MenuEntry } from '@/routes/menu';
import { ConnectionState } from './connection-state';
import './shell.css';

const SearchDialog = lazy(() => import('./search-dialog'));
const ShortcutDialog = lazy(() => import('./shortcut-dialog'));

export function Shell() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [drawer, setDrawer] = useState(false);
  const [dialog, setDialog] = useState<'search' | 'keys' | undefined>();
  const path = useLocation({ select: (location) => location.pathname });
  useEffect(() => setDrawer(false), [path]);
  const going = useRef(0);
  const go = (key: string) => (): boolean => {
    if (Date.now() - going.current > 1500) return false;
    going.current = 0;
    const entry = menu.flatMap((group) => group.entries).find((each) => each.key === key);
    if (entry) void navigate({ to: entry.to });
    return entry !== undefined;
  };
  useKeys({
    '/': () => setDialog('search'),
    '?': () => setDialog('keys'),
    g: () => { going.current = Date.now(); },
  });
  useGoKeys(going, go);
  return (
    <div className="hs-root">
      <a className="hs-skip" href="#main">{t('nav.skip')}</a>
      <header className="hs-header">
        <button type="button" className="hs-icon-button hs-only-phone" aria-label={t('nav.open')} aria-expanded={drawer} onClick={() => setDrawer(true)}>
          <MenuIcon size={20} aria-hidden="true" />
        </button>
        <Link to="/" className="hs-brand"><Mark />HackSmart</Link>
        <button type="button" className="hs-find" onClick={() => setDialog('search')} aria-label={t('search.open')}>
          <Search size={16} aria-hidden="true" />
          <span>{t('search.hint')}</span>
          <kbd>/</kbd>
        </button>
        <ConnectionState />
        <Tools onKeys={() => setDialog('keys')} />
      </header>
      <nav className="hs-menu" aria-label={t('nav.main')}><MenuList path={path} /></nav>
      <Drawer opened={drawer} onClose={() => setDrawer(false)} size={264} title="HackSmart" closeButtonProps={{ 'aria-label': t('common.close') }}>
        <nav aria-label={t('nav.main')}><MenuList path={path} /></nav>
      </Drawer>
      <main id="main" className="hs-main">
        <Refreshing />
        <Outlet />
      </main>
      <Suspense fallback={null}>
        {dialog === 'search' && <SearchDialog onClose={() => setDialog(undefined)} />}
        {dialog === 'keys' && <ShortcutDialog onClose={() => setDialog(undefined)} />}
      </Suspense>
    </div>
  );
}

/** G and then a letter; runs before the page's own keys, so that G C is not the page's C. */
function useGoKeys(going: { current: number }, go: (key: string) => () => boolean): void {
  useEffect(() => {
    const listener = (event: KeyboardEvent): void => {
      if (going.current === 0 || event.ctrlKey || event.metaKey || event.altKey || event.key.toLowerCase() === 'g') return;
      if (go(event.key.toLowerCase())()) {
        event.preventDefault();
        event.stopPropagation();
      }
      going.current = 0;
    };
    document.addEventListener('keydown', listener, true);
    return () => document.removeEventListener('keydown', listener, true);
  });
}

function Mark() {
  return (
    <svg width="26" height="26" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="8" fill="var(--hs-primary)" />
      <path d="M6 18v-4M11 22V10M16 25V7M21 21v-10M26 18v-4" stroke="var(--hs-on-primary)" strokeWidth="2.6" strokeLinecap="round" />
    </svg>
  );
}

function Refreshing() {
  const fetching = useIsFetching({ predicate: (query) => query.state.data !== undefined });
  const [shown, setShown] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setShown(fetching > 0), fetching > 0 ? 300 : 0);
    return () => clearTimeout(timer);
  }, [fetching]);
  return shown ? <div className="hs-progress" aria-hidden="true" /> : null;
}

function MenuList({ path }: { path: string }) {
  const { t } = useTranslation();
  return menu.map((group) => (
    <div key={group.label}>
      <div className="hs-menu-group">{t(group.label)}</div>
      <ul className="hs-plain-list">
        {group.entries.map((entry) => <li key={entry.to}><MenuLink entry={entry} path={path} /></li>)}
      </ul>
    </div>
  ));
}

function MenuLink({ entry, path }: { entry: MenuEntry; path: string }) {
  const { t } = useTranslation();
  const here = path === entry.to;
  const below = entry.also.some((prefix) => path.startsWith(prefix));
  const Icon = entry.icon;
  return (
    <Link to={entry.to} className="hs-menu-entry" data-active={here || below} {...(here ? { 'aria-current': 'page' as const } : {})}>
      <Icon size={18} aria-hidden="true" />
      {t(entry.label)}
      {entry.to === '/escalations' && <EscalationBadge />}
    </Link>
  );
}

function EscalationBadge() {
  const { t } = useTranslation();
  const { data } = useQuery(openEscalations());
  if (data === undefined || data.count === 0) return null;
  const number = `${data.count}${data.more ? '+' : ''}`;
  return <span className="hs-badge"><span className="hs-visually-hidden">{t('nav.openEscalations')} </span>{number}</span>;
}

function Tools({ onKeys }: { onKeys: () => void }) {
  const { t, i18n } = useTranslation();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const dark = colorScheme === 'dark' || (colorScheme === 'auto' && document.documentElement.dataset['mantineColorScheme'] === 'dark');
  return (
    <div className="hs-tools">
      <Popup position="bottom-end" withinPortal>
        <Popup.Target>
          <button type="button" className="hs-icon-button" aria-label={t('nav.language')}><Languages size={18} aria-hidden="true" /></button>
        </Popup.Target>
        <Popup.Dropdown>
          {(Object.keys(languages) as Language[]).map((language) => (
            <Popup.Item key={language} lang={language} onClick={() => void chooseLanguage(language)} aria-current={i18n.language === language}>
              {languages[language]}{i18n.language === language ? ' ✓' : ''}
            </Popup.Item>
          ))}
        </Popup.Dropdown>
      </Popup>
      <button type="button" className="hs-icon-button" aria-label={dark ? t('nav.light') : t('nav.dark')} onClick={() => setColorScheme(dark ? 'light' : 'dark')}>
        {dark ? <Sun size={18} aria-hidden="true" /> : <Moon size={18} aria-hidden="true" />}
      </button>
      <AccountMenu onKeys={onKeys} />
    </div>
  );
}

function AccountMenu({ onKeys }: { onKeys: () => void }) {
  const { t } = useTranslation();
  const [density, setDensity] = useState(readChoice('density') ?? 'comfortable');
  const [keys, setKeys] = useState(readChoice('keys') ?? 'on');
  const changeDensity = (): void => {
    const next = density === 'compact' ? 'comfortable' : 'compact';
    keepChoice('density', next);
    document.documentElement.dataset['hsDensity'] = next;
    setDensity(next);
  };
  const changeKeys = (): void => {
    const next = keys === 'on' ? 'off' : 'on';
    keepChoice('keys', next);
    setKeys(next);
  };
  return (
    <Popup position="bottom-end" withinPortal closeOnItemClick={false}>
      <Popup.Target>
        <button type="button" className="hs-icon-button" aria-label={t('nav.account')}><CircleUser size={19} aria-hidden="true" /></button>
      </Popup.Target>
      <Popup.Dropdown>
        <Popup.Label>{t('account.local')}</Popup.Label>
        <Popup.Item onClick={changeDensity}>{density === 'compact' ? t('account.comfortable') : t('account.compact')}</Popup.Item>
        <Popup.Item onClick={changeKeys}>{keys === 'on' ? t('account.keysOff') : t('account.keysOn')}</Popup.Item>
        <Popup.Item leftSection={<Keyboard size={14} aria-hidden="true" />} closeMenuOnClick onClick={onKeys}>{t('account.shortcuts')}</Popup.Item>
        <Popup.Item component="a" href="/docs" closeMenuOnClick>{t('account.api')}</Popup.Item>
      </Popup.Dropdown>
    </Popup>
  );
}
