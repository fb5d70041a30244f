import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { oneOf, searchOf, whole } from '@/lib/search';
import { dataFilters } from './filters';
import { rootRoute } from './root';

export const leaderboardSorts = ['rank', 'name', 'calls', 'emergencies', 'change'] as const;

export const leaderboardRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/leaderboard',
  validateSearch: searchOf({ ...dataFilters, sort: oneOf(leaderboardSorts, 'rank'), min_calls: whole(0, 1_000_000) }),
  component: lazyRouteComponent(() => import('@/features/agents/leaderboard-page'), 'LeaderboardPage'),
});

export const agentRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/agents/$id',
  validateSearch: searchOf({ ...dataFilters, tab: oneOf(['overview', 'calls'], 'overview') }),
  component: lazyRouteComponent(() => import('@/features/agents/agent-page'), 'AgentPage'),
});
