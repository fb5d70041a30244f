import { BookOpenCheck, ClipboardCheck, GitCompare, GraduationCap, ListChecks, Map as MapIcon, PhoneCall, Settings, Siren, Trophy, Upload, type LucideIcon } from 'lucide-react';

export interface MenuEntry {
  to: '/' | '/leaderboard' | '/calls' | '/escalations' | '/reviews' | '/coaching' | '/scorecards' | '/evaluations' | '/upload' | '/jobs' | '/settings';
  label: 'nav.map' | 'nav.leaderboard' | 'nav.calls' | 'nav.escalations' | 'nav.reviews' | 'nav.coaching' | 'nav.scorecards' | 'nav.evaluations' | 'nav.upload' | 'nav.jobs' | 'nav.settings';
  icon: LucideIcon;
  /** Pages below these stand under this entry. */
  also: readonly string[];
  key: string;
}

/** Pages are listed when they exist. */
export const menu: { label: 'nav.watch' | 'nav.improve' | 'nav.run'; entries: MenuEntry[] }[] = [
  {
    label: 'nav.watch',
    entries: [
      { to: '/', label: 'nav.map', icon: MapIcon, also: ['/states/', '/cities/'], key: 'm' },
      { to: '/leaderboard', label: 'nav.leaderboard', icon: Trophy, also: ['/agents/'], key: 'l' },
      { to: '/calls', label: 'nav.calls', icon: PhoneCall, also: ['/search', '/calls/'], key: 'c' },
      { to: '/escalations', label: 'nav.escalations', icon: Siren, also: [], key: 'e' },
    ],
  },
  {
    label: 'nav.improve',
    entries: [
      { to: '/reviews', label: 'nav.reviews', icon: ClipboardCheck, also: [], key: 'r' },
      { to: '/coaching', label: 'nav.coaching', icon: GraduationCap, also: [], key: 'o' },
      { to: '/scorecards', label: 'nav.scorecards', icon: BookOpenCheck, also: ['/scorecards/'], key: 'k' },
      { to: '/evaluations', label: 'nav.evaluations', icon: GitCompare, also: ['/evaluations/'], key: 'v' },
    ],
  },
  {
    label: 'nav.run',
    entries: [
      { to: '/upload', label: 'nav.upload', icon: Upload, also: [], key: 'u' },
      { to: '/jobs', label: 'nav.jobs', icon: ListChecks, also: [], key: 'j' },
      { to: '/settings', label: 'nav.settings', icon: Settings, also: [], key: 's' },
    ],
  },
];
