import { useMantineColorScheme } from '@mantine/core';
import { useIsFetching, useQuery } from '@tanstack/react-query';
import { Link, Outlet, useLocation, useNavigate } from '@tanstack/react-router';
import { CircleUser, Languages, Menu as MenuIcon, Moon, Search, Sun } from 'lucide-react';
import { lazy, Suspense, useEffect, useRef, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { openEscalations } from '@/api/queries';
import { useKeys } from '@/lib/keys';
import { menu, type MenuEntry } from '@/routes/menu';
import { ConnectionState } from './connection-state';
import './shell.css';

const SearchDialog = lazy(() => import('./search-dialog'));
const MenuDrawer = lazy(() => import('./menu-drawer'));
const HeaderMenu = lazy(() => import('./header-menu'));
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
        <button type="button" className="hs-find" onClick={() => setDialog('search')}>
          <Search size={16} aria-hidden="true" />
          <span>{t('search.hint')}</span>
          <kbd aria-hidden="true">/</kbd>
        </button>
        <ConnectionState />
        <Tools onKeys={() => setDialog('keys')} />
      </header>
      <nav className="hs-menu" aria-label={t('nav.main')}><MenuList path={path} /></nav>
      <main id="main" className="hs-main">
        <Refreshing />
        <Outlet />
      </main>
      <Suspense fallback={null}>
        {drawer && <MenuDrawer title={t('nav.main')} onClose={() => setDrawer(false)}><MenuList path={path} /></MenuDrawer>}
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
  const { t } = useTranslation();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const dark = colorScheme === 'dark' || (colorScheme === 'auto' && document.documentElement.dataset['mantineColorScheme'] === 'dark');
  return (
    <div className="hs-tools">
      <OnDemand kind="language" label={t('nav.language')} icon={<Languages size={18} aria-hidden="true" />} onKeys={onKeys} className="hs-not-phone" />
      <button type="button" className="hs-icon-button" aria-label={dark ? t('nav.light') : t('nav.dark')} onClick={() => setColorScheme(dark ? 'light' : 'dark')}>
        {dark ? <Sun size={18} aria-hidden="true" /> : <Moon size={18} aria-hidden="true" />}
      </button>
      <OnDemand kind="account" label={t('nav.account')} icon={<CircleUser size={19} aria-hidden="true" />} onKeys={onKeys} />
    </div>
  );
}

/** A button whose menu is fetched when it is first opened. */
function OnDemand({ kind, label, icon, onKeys, className = '' }: { kind: 'language' | 'account'; label: string; icon: ReactNode; onKeys: () => void; className?: string }) {
  const [wanted, setWanted] = useState(false);
  const button = <button type="button" className={`hs-icon-button ${className}`} aria-label={label} aria-haspopup="menu" onClick={() => setWanted(true)}>{icon}</button>;
  return wanted ? <Suspense fallback={button}><HeaderMenu kind={kind} label={label} icon={icon} onKeys={onKeys} className={className} /></Suspense> : button;
}
