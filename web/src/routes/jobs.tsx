import { createRoute } from '@tanstack/react-router';
import { page } from './page';
import { id, oneOf, searchOf, text } from '@/lib/search';
import { rootRoute } from './root';

export const jobStates = ['available', 'running', 'dead', 'done', 'cancelled'] as const;

export const jobsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/jobs',
  validateSearch: searchOf({ state: oneOf(jobStates), kind: text(60), call_id: id }),
  component: page(() => import('@/features/jobs/jobs-page'), 'JobsPage'),
});
