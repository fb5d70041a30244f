import { createRoute } from '@tanstack/react-router';
import { page } from './page';
import { flag, id, oneOf, searchOf, text } from '@/lib/search';
import { callSorts } from './calls';
import { dataFilters } from './filters';
import { rootRoute } from './root';

export const reviewsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/reviews',
  validateSearch: searchOf({
    ...dataFilters, status: oneOf(['waiting', 'done'], 'waiting'), agent_id: id, issue: text(50), flagged: flag, sort: oneOf(callSorts, '-coaching_priority'),
  }),
  component: page(() => import('@/features/reviews/reviews-page'), 'ReviewsPage'),
});

export const coachingRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/coaching',
  validateSearch: searchOf({ ...dataFilters, sel: id }),
  component: page(() => import('@/features/coaching/coaching-page'), 'CoachingPage'),
});
