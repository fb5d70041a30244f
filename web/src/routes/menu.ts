import { Map as MapIcon, PhoneCall, Siren, Trophy, Upload, type LucideIcon } from 'lucide-react';

export interface MenuEntry {
  to: '/' | '/leaderboard' | '/calls' | '/escalations' | '/upload';
  label: 'nav.map' | 'nav.leaderboard' | 'nav.calls' | 'nav.escalations' | 'nav.upload';
  icon: LucideIcon;
  /** Pages below these stand under this entry. */
  also: readonly string[];
  key: string;
}

/** Pages are listed when they exist. */
export const menu: { label: 'nav.watch' | 'nav.run'; entries: MenuEntry[] }[] = [
  {
    label: 'nav.watch',
    entries: [
      { to: '/', label: 'nav.map', icon: MapIcon, also: ['/states/', '/cities/'], key: 'm' },
      { to: '/leaderboard', label: 'nav.leaderboard', icon: Trophy, also: ['/agents/'], key: 'l' },
      { to: '/calls', label: 'nav.calls', icon: PhoneCall, also: ['/calls/'], key: 'c' },
      { to: '/escalations', label: 'nav.escalations', icon: Siren, also: [], key: 'e' },
    ],
  },
  { label: 'nav.run', entries: [{ to: '/upload', label: 'nav.upload', icon: Upload, also: [], key: 'u' }] },
];
