import { createRoute } from '@tanstack/react-router';
import { page } from './page';
import { oneOf, searchOf, whole } from '@/lib/search';
import { dataFilters } from './filters';
import { rootRoute } from './root';

export const leaderboardSorts = ['rank', 'name', 'calls', 'emergencies', 'change'] as const;

export const leaderboardRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/leaderboard',
  validateSearch: searchOf({ ...dataFilters, sort: oneOf(leaderboardSorts, 'rank'), min_calls: whole(0, 1_000_000) }),
  component: page(() => import('@/features/agents/leaderboard-page'), 'LeaderboardPage'),
});

export const agentRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/agents/$id',
  validateSearch: searchOf({ ...dataFilters, tab: oneOf(['overview', 'calls'], 'overview') }),
  component: page(() => import('@/features/agents/agent-page'), 'AgentPage'),
});
