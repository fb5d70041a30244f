import { createRoute } from '@tanstack/react-router';
import { page } from './page';
import { indiaMap } from '@/api/queries';
import { metrics } from '@/lib/scales';
import { oneOf, searchOf, text } from '@/lib/search';
import { prefetchRange } from './prefetch';
import { dataFilters } from './filters';
import { rootRoute } from './root';

const search = searchOf({ ...dataFilters, metric: oneOf(metrics, 'sop'), sel: text(5), view: oneOf(['list', 'map'], 'list') });

export const mapRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/',
  validateSearch: search,
  loaderDeps: ({ search: given }) => ({ period: given.period, from: given.from, to: given.to }),
  loader: ({ context, deps }) => prefetchRange(context.queryClient, deps, (range) => [indiaMap(range)]),
  component: page(() => import('@/features/map/risk-map-page'), 'RiskMapPage'),
});
