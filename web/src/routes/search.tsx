import { createRoute } from '@tanstack/react-router';
import { page } from './page';
import { oneOf, searchOf, text } from '@/lib/search';
import { dataFilters, placeFilters } from './filters';
import { rootRoute } from './root';

export const searchRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/search',
  validateSearch: searchOf({ ...dataFilters, ...placeFilters, q: text(200), speaker: oneOf(['agent', 'customer']) }),
  component: page(() => import('@/features/search/search-page'), 'SearchPage'),
});
