import { createRoute } from '@tanstack/react-router';
import { page } from './page';
import { flag, id, oneOf, searchOf, text, whole } from '@/lib/search';
import { dataFilters } from './filters';
import { rootRoute } from './root';

export const scorecardsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/scorecards',
  validateSearch: searchOf({}),
  component: page(() => import('@/features/scorecards/scorecards-page'), 'ScorecardsPage'),
});

export const scorecardRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/scorecards/$key',
  validateSearch: searchOf({}),
  component: page(() => import('@/features/scorecards/scorecard-page'), 'ScorecardPage'),
});

export const scorecardTabs = ['text', 'edit', 'try', 'diff'] as const;

export const versionRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/scorecards/$key/versions/$n',
  validateSearch: searchOf({ tab: oneOf(scorecardTabs, 'text'), against: whole(1, 1_000_000), call: id }),
  component: page(() => import('@/features/scorecards/version-page'), 'VersionPage'),
});

export const runsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/evaluations',
  validateSearch: searchOf({ scorecard: text(60), version: whole(1, 1_000_000), ...dataFilters, agent_id: id, issue: text(50) }),
  component: page(() => import('@/features/evaluations/runs-page'), 'RunsPage'),
});

export const runRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/evaluations/$id',
  validateSearch: searchOf({ changed_only: flag, question: text(200), against: id }),
  component: page(() => import('@/features/evaluations/run-page'), 'RunPage'),
});
