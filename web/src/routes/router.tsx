import type { QueryClient } from '@tanstack/react-query';
import { createRouter } from '@tanstack/react-router';
import { PageError } from '@/components/states';
import { parseQuery, writeQuery } from '@/lib/search';
import { agentRoute, leaderboardRoute } from './agents';
import { callRoute, callsRoute } from './calls';
import { escalationsRoute } from './escalations';
import { coachingRoute, reviewsRoute } from './improve';
import { jobsRoute } from './jobs';
import { mapRoute } from './map';
import { cityRoute, stateRoute } from './places';
import { rootRoute } from './root';
import { runRoute, runsRoute, scorecardRoute, scorecardsRoute, versionRoute } from './scorecards';
import { searchRoute } from './search';
import { settingsRoute } from './settings';
import { uploadRoute } from './upload';

const tree = rootRoute.addChildren([
  mapRoute, stateRoute, cityRoute, leaderboardRoute, agentRoute, callsRoute, callRoute, searchRoute, escalationsRoute, reviewsRoute, coachingRoute,
  scorecardsRoute, scorecardRoute, versionRoute, runsRoute, runRoute, uploadRoute, jobsRoute, settingsRoute,
]);

export function makeRouter(queryClient: QueryClient) {
  return createRouter({
    routeTree: tree,
    context: { queryClient },
    parseSearch: parseQuery,
    stringifySearch: writeQuery,
    search: { strict: true }, // what no schema knows is dropped from the address
    defaultPreload: 'intent',
    defaultPreloadStaleTime: 0, // freshness is the query cache's
    scrollRestoration: true,
    defaultErrorComponent: PageError,
    defaultPendingMs: 150,
  });
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
