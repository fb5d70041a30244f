import { createRoute } from '@tanstack/react-router';
import { page } from './page';
import { id, oneOf, searchOf } from '@/lib/search';
import { rootRoute } from './root';

export const escalationStatuses = ['open', 'acknowledged', 'assigned', 'snoozed', 'resolved'] as const;

export const escalationsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/escalations',
  validateSearch: searchOf({ status: oneOf(escalationStatuses), sel: id }),
  component: page(() => import('@/features/escalations/escalations-page'), 'EscalationsPage'),
});
