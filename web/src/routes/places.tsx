import { createRoute } from '@tanstack/react-router';
import { page } from './page';
import { oneOf, searchOf } from '@/lib/search';
import { dataFilters } from './filters';
import { rootRoute } from './root';

const search = searchOf({ ...dataFilters, tab: oneOf(['overview', 'calls'], 'overview') });

export const stateRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/states/$code',
  validateSearch: search,
  component: page(() => import('@/features/places/state-page'), 'StatePage'),
});

export const cityRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/cities/$id',
  validateSearch: search,
  component: page(() => import('@/features/places/city-page'), 'CityPage'),
});
