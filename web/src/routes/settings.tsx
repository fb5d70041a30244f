import { createRoute } from '@tanstack/react-router';
import { page } from './page';
import { searchOf } from '@/lib/search';
import { rootRoute } from './root';

export const settingsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/settings',
  validateSearch: searchOf({}),
  component: page(() => import('@/features/settings/settings-page'), 'SettingsPage'),
});
