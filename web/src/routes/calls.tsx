import { createRoute } from '@tanstack/react-router';
import { page } from './page';
import { call, transcript } from '@/api/queries';
import { flag, id, number, oneOf, searchOf, text, whole } from '@/lib/search';
import { dataFilters, placeFilters } from './filters';
import { prefetch } from './prefetch';
import { rootRoute } from './root';

export const callSorts = [
  '-call_timestamp', 'call_timestamp', '-overall_quality', 'overall_quality', '-coaching_priority', 'coaching_priority', '-duration_seconds', 'duration_seconds',
] as const;
export const statuses = ['pending', 'transcribed', 'analyzed', 'failed'] as const;

export const callsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/calls',
  validateSearch: searchOf({
    ...dataFilters, ...placeFilters,
    q: text(200), status: oneOf(statuses), min_score: number(0, 1), max_score: number(0, 1), flagged: flag, emergency: flag, reviewed: flag, rule: text(200),
    sort: oneOf(callSorts, '-call_timestamp'),
  }),
  component: page(() => import('@/features/calls/calls-page'), 'CallsPage'),
});

export const callRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/calls/$id',
  validateSearch: searchOf({
    t: whole(0, 86_400_000), rule: text(100), turn: whole(1, 100_000), ev: id, against: id, find: text(100),
    view: oneOf(['checklist', 'transcript', 'more'], 'checklist'), order: oneOf(['worst', 'card'], 'worst'),
    // Taken from the queue of reviews with these filters.
    queue: oneOf(['review']), ...dataFilters, agent_id: id, issue: text(50), flagged: flag, sort: oneOf(callSorts, '-coaching_priority'),
  }),
  // Its waveform is read when the call has said that it has a recording.
  loader: ({ context, params }) => prefetch(context.queryClient, [call(params.id), transcript(params.id)]),
  component: page(() => import('@/features/call/call-page'), 'CallPage'),
});
