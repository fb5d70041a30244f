/** Every read of the dashboard: one function a resource, its key holds all its filters. */
import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { Range } from '@/lib/period';
import { api, body, type Schemas } from './client';
import type { paths } from './schema.gen';

/** The contract lets a caller ask for some members only; the dashboard asks for all. */
export type CallRow = Required<Schemas['CallRow']>;
export type CallPage = Omit<Schemas['CallList'], 'data'> & { data: CallRow[] };
/** With an evaluation every member of it is there; see isJudged. */
export type CallDetail = Schemas['CallFacts'] & Partial<Schemas['Evaluation']>;
export type JudgedCall = Schemas['CallFacts'] & Schemas['Evaluation'];
export type Answer = Schemas['Answer'];
export type Evidence = Schemas['Evidence'];
export type Transcript = Schemas['Transcript'];
export type Turn = Transcript['turns'][number];
export type Escalation = Omit<Schemas['Escalation'], 'agent' | 'city'> & {
  agent: { agent_id?: string | null; name?: string };
  city: { city_id?: number | null; name?: string };
};
export type MapState = Schemas['MapState'];
export type CallFilters = NonNullable<paths['/api/calls']['get']['parameters']['query']>;
export type EscalationStatus = Schemas['Escalation']['state'];

const minutes = 60_000;

export const limits = () =>
  queryOptions({
    queryKey: ['limits'],
    queryFn: async ({ signal }) => (await body(api.GET('/config/limits', { signal }))).data,
    staleTime: 10 * minutes,
  });

export const version = () =>
  queryOptions({
    queryKey: ['server', 'version'],
    queryFn: ({ signal }) => body(api.GET('/version', { signal })),
  });

export const health = () =>
  queryOptions({
    queryKey: ['server', 'health'],
    queryFn: ({ signal }) => body(api.GET('/health', { signal })),
    refetchInterval: 15_000,
  });

/** Refused with 503 while something that the server needs is missing. */
export const readiness = () =>
  queryOptions({
    queryKey: ['server', 'readiness'],
    queryFn: ({ signal }) => body(api.GET('/readyz', { params: { query: { verbose: 'true' } }, signal })),
    refetchInterval: 15_000,
  });

export const indiaMap = (range: Range) =>
  queryOptions({
    queryKey: ['figures', 'india-map', range],
    queryFn: async ({ signal }) => (await body(api.GET('/api/dashboard/india-map', { params: { query: range }, signal }))).data,
    placeholderData: keepPreviousData,
  });

/** How many calls fit; exact up to 10,000. */
export const callCount = (filters: CallFilters) =>
  queryOptions({
    queryKey: ['calls', 'count', filters],
    queryFn: async ({ signal }) => {
      const reply = await body(api.GET('/api/calls', { params: { query: { ...filters, count: true, limit: 1 } }, signal }));
      return { count: reply.count ?? 0, exact: reply.count_exact ?? true };
    },
    placeholderData: keepPreviousData,
  });

export const calls = (filters: CallFilters) =>
  infiniteQueryOptions({
    queryKey: ['calls', 'list', filters],
    queryFn: ({ pageParam, signal }) =>
      body(api.GET('/api/calls', { params: { query: { ...filters, limit: 50, ...(pageParam === '' ? { count: true } : { cursor: pageParam }) } }, signal })) as Promise<CallPage>,
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor,
    placeholderData: keepPreviousData,
  });

export const call = (id: string) =>
  queryOptions({
    queryKey: ['call', id, 'detail'],
    queryFn: ({ signal }) => body(api.GET('/api/calls/{id}', { params: { path: { id } }, signal })) as Promise<CallDetail>,
  });

export const transcript = (id: string) =>
  queryOptions({
    queryKey: ['call', id, 'transcript'],
    queryFn: ({ signal }) =>
      body(api.GET('/api/calls/{id}/transcript', { params: { path: { id }, query: { words: 'true' } }, signal })) as Promise<Transcript>,
  });

export const peaks = (id: string, points = 1000) =>
  queryOptions({
    queryKey: ['call', id, 'peaks', points],
    queryFn: ({ signal }) => body(api.GET('/api/calls/{id}/peaks', { params: { path: { id }, query: { points } }, signal })),
    staleTime: Infinity,
  });

export const evaluations = (id: string) =>
  queryOptions({
    queryKey: ['call', id, 'evaluations'],
    queryFn: async ({ signal }) => (await body(api.GET('/api/calls/{id}/evaluations', { params: { path: { id } }, signal }))).data,
  });

export const evaluation = (id: string, eid: string) =>
  queryOptions({
    queryKey: ['call', id, 'evaluation', eid],
    queryFn: ({ signal }) => body(api.GET('/api/calls/{id}/evaluations/{eid}', { params: { path: { id, eid } }, signal })),
    staleTime: Infinity,
  });

export const remarks = (id: string) =>
  queryOptions({
    queryKey: ['call', id, 'remarks'],
    queryFn: async ({ signal }) => (await body(api.GET('/api/calls/{id}/remarks', { params: { path: { id } }, signal }))).data,
  });

export const callSteps = (id: string) =>
  queryOptions({
    queryKey: ['call', id, 'steps'],
    queryFn: async ({ signal }) => (await body(api.GET('/api/calls/{id}/events', { params: { path: { id } }, signal }))).data,
  });

export const leaderboard = (range: Range, leastCalls: number) =>
  queryOptions({
    queryKey: ['figures', 'leaderboard', range, leastCalls],
    queryFn: async ({ signal }) =>
      (await body(api.GET('/api/agents/leaderboard', { params: { query: { ...range, min_calls: leastCalls, include: 'trend' } }, signal }))).data,
    placeholderData: keepPreviousData,
  });

export const agentStats = (id: string, range?: Range) =>
  queryOptions({
    queryKey: ['figures', 'agent', id, range ?? 'all'],
    queryFn: async ({ signal }) => (await body(api.GET('/api/agents/{id}/stats', { params: { path: { id }, query: range ?? {} }, signal }))).data,
    placeholderData: keepPreviousData,
  });

export const agentDays = (id: string) =>
  queryOptions({
    queryKey: ['figures', 'agent-days', id],
    queryFn: ({ signal }) => body(api.GET('/api/agent-performance/{agent}', { params: { path: { agent: id } }, signal })),
  });

export const worstCall = (id: string) =>
  queryOptions({
    queryKey: ['figures', 'worst-call', id],
    queryFn: async ({ signal }) => (await body(api.GET('/api/agents/{id}/worst-call', { params: { path: { id } }, signal }))).worst_call,
  });

export const city = (id: string, range: Range) =>
  queryOptions({
    queryKey: ['figures', 'city', id, range],
    queryFn: async ({ signal }) => (await body(api.GET('/api/cities/{id}', { params: { path: { id }, query: range }, signal }))).data,
    placeholderData: keepPreviousData,
  });

export type RuleFilters = NonNullable<paths['/api/dashboard/rules']['get']['parameters']['query']>;

/** How often each question of the scorecard was missed, in these days and in as many before. */
export const ruleFigures = (filters: RuleFilters) =>
  queryOptions({
    queryKey: ['figures', 'rules', filters],
    queryFn: async ({ signal }) => (await body(api.GET('/api/dashboard/rules', { params: { query: filters }, signal }))).data,
    placeholderData: keepPreviousData,
  });

/** Id of the newest call that fits; null when none does. */
export const newestCall = (filters: CallFilters) =>
  queryOptions({
    queryKey: ['figures', 'newest-call', filters],
    queryFn: async ({ signal }) => (await body(api.GET('/api/calls', { params: { query: { ...filters, limit: 1, fields: 'call_id' } }, signal }))).data[0]?.call_id ?? null,
  });

export type TrendFilters = NonNullable<paths['/api/dashboard/trends']['get']['parameters']['query']>;

/** One figure over time, of all calls that the filter leaves. */
export const trend = (filters: TrendFilters) =>
  queryOptions({
    queryKey: ['figures', 'trend', filters],
    queryFn: async ({ signal }) => (await body(api.GET('/api/dashboard/trends', { params: { query: filters }, signal }))).series[0]?.points ?? [],
    placeholderData: keepPreviousData,
  });

/** Headline figures with those of as many days before. */
export const summary = (range: Range) =>
  queryOptions({
    queryKey: ['figures', 'summary', range],
    queryFn: ({ signal }) => body(api.GET('/api/dashboard/summary', { params: { query: range }, signal })),
    placeholderData: keepPreviousData,
  });

export const findAgents = (query: string) =>
  queryOptions({
    queryKey: ['search', 'agents', query],
    queryFn: async ({ signal }) => (await body(api.GET('/api/agents/search', { params: { query: { query, limit: 6 } }, signal }))).data,
    enabled: query !== '',
    placeholderData: keepPreviousData,
  });

export const findCalls = (query: string) =>
  queryOptions({
    queryKey: ['search', 'calls', query],
    queryFn: async ({ signal }) => ((await body(api.GET('/api/calls', { params: { query: { q: query, limit: 6 } }, signal }))) as CallPage).data,
    enabled: query !== '',
    placeholderData: keepPreviousData,
  });

export type SearchFilters = NonNullable<paths['/api/search']['get']['parameters']['query']>;

/** Turns with the words, by call. */
export const searchTurns = (filters: SearchFilters) =>
  infiniteQueryOptions({
    queryKey: ['search', 'turns', filters],
    queryFn: ({ pageParam, signal }) => body(api.GET('/api/search', { params: { query: { ...filters, ...(pageParam === '' ? {} : { cursor: pageParam }) } }, signal })),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor,
    placeholderData: keepPreviousData,
  });

export const configAgents = () =>
  queryOptions({
    queryKey: ['config', 'agents'],
    queryFn: async ({ signal }) => (await body(api.GET('/config/agents', { signal }))).data,
    staleTime: 5 * minutes,
  });

export const configCities = () =>
  queryOptions({
    queryKey: ['config', 'cities'],
    queryFn: async ({ signal }) => (await body(api.GET('/config/cities', { signal }))).data,
    staleTime: 5 * minutes,
  });

export const configIssues = () =>
  queryOptions({
    queryKey: ['config', 'issues'],
    queryFn: async ({ signal }) => (await body(api.GET('/config/issue-categories', { signal }))).categories,
    staleTime: 5 * minutes,
  });

export const escalations = (status: EscalationStatus | undefined) =>
  infiniteQueryOptions({
    queryKey: ['escalations', 'list', status ?? 'all'],
    queryFn: async ({ pageParam, signal }) =>
      (await body(
        api.GET('/api/escalations', { params: { query: { ...(status ? { status } : {}), limit: 50, ...(pageParam ? { cursor: pageParam } : {}) } }, signal }),
      )) as { data: Escalation[]; next_cursor: string | null },
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor,
    placeholderData: keepPreviousData,
  });

export const scorecards = () =>
  queryOptions({
    queryKey: ['scorecards', 'all'],
    queryFn: async ({ signal }) => (await body(api.GET('/api/scorecards', { params: { query: { limit: 50 } }, signal }))).data,
  });

export const scorecard = (key: string) =>
  queryOptions({
    queryKey: ['scorecards', 'one', key],
    queryFn: ({ signal }) => body(api.GET('/api/scorecards/{key}', { params: { path: { key } }, signal })),
  });

export const scorecardVersions = (key: string) =>
  infiniteQueryOptions({
    queryKey: ['scorecards', 'versions', key],
    queryFn: ({ pageParam, signal }) => body(api.GET('/api/scorecards/{key}/versions', { params: { path: { key }, query: { limit: 50, ...(pageParam === '' ? {} : { cursor: pageParam }) } }, signal })),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor,
  });

export const scorecardVersion = (key: string, n: number) =>
  queryOptions({
    queryKey: ['scorecards', 'version', key, n],
    queryFn: ({ signal }) => body(api.GET('/api/scorecards/{key}/versions/{n}', { params: { path: { key, n } }, signal })),
  });

export const scorecardDiff = (key: string, n: number, against: number) =>
  queryOptions({
    queryKey: ['scorecards', 'diff', key, n, against],
    queryFn: ({ signal }) => body(api.GET('/api/scorecards/{key}/versions/{n}/diff', { params: { path: { key, n }, query: { against } }, signal })),
    staleTime: Infinity, // versions never change
  });

/** What is wrong with a text; asked by POST, for the text is the question. `name` stands for it in the key: texts are large. */
export const reviewOf = (name: string, content: string) =>
  queryOptions({
    queryKey: ['scorecard-review', name],
    queryFn: ({ signal }) => body(api.POST('/api/scorecards/validate', { body: { content }, signal })),
    placeholderData: keepPreviousData,
    staleTime: Infinity,
    gcTime: 0,
  });

export const trial = (key: string, n: number, callId: string) =>
  queryOptions({
    queryKey: ['scorecard-trial', key, n, callId],
    queryFn: ({ signal }) => body(api.POST('/api/scorecards/{key}/versions/{n}/try', { params: { path: { key, n } }, body: { call_id: callId }, signal })),
  });

const runMoves = (run: { state: string } | undefined): number | false => (run?.state === 'running' || run?.state === 'promoting' ? 2000 : false);

export const evaluationRuns = () =>
  infiniteQueryOptions({
    queryKey: ['runs', 'all'],
    queryFn: ({ pageParam, signal }) => body(api.GET('/api/evaluation-runs', { params: { query: { limit: 50, ...(pageParam === '' ? {} : { cursor: pageParam }) } }, signal })),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor,
    refetchInterval: (query) => runMoves(query.state.data?.pages.flatMap((page) => page.data).find((run) => runMoves(run) !== false)),
  });

export const evaluationRun = (id: string) =>
  queryOptions({
    queryKey: ['runs', 'one', id],
    queryFn: ({ signal }) => body(api.GET('/api/evaluation-runs/{id}', { params: { path: { id } }, signal })),
    refetchInterval: (query) => runMoves(query.state.data),
  });

export const compareRuns = (a: string, b: string) =>
  queryOptions({
    queryKey: ['runs', 'compare', a, b],
    queryFn: ({ signal }) => body(api.GET('/api/evaluation-runs/compare', { params: { query: { a, b } }, signal })),
  });

/** `state` of the run: when that changes, what was read while calls were still judged is read again. */
export const runResults = (id: string, changedOnly: boolean, state: string) =>
  infiniteQueryOptions({
    queryKey: ['runs', 'results', id, changedOnly, state],
    queryFn: ({ pageParam, signal }) =>
      body(api.GET('/api/evaluation-runs/{id}/results', { params: { path: { id }, query: { changed_only: changedOnly, limit: 50, ...(pageParam === '' ? {} : { cursor: pageParam }) } }, signal })),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor,
    placeholderData: keepPreviousData,
  });

export const runFlips = (id: string, question: string, state: string) =>
  infiniteQueryOptions({
    queryKey: ['runs', 'flips', id, question, state],
    queryFn: ({ pageParam, signal }) =>
      body(api.GET('/api/evaluation-runs/{id}/flips', { params: { path: { id }, query: { question_id: question, limit: 50, ...(pageParam === '' ? {} : { cursor: pageParam }) } }, signal })),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor,
    placeholderData: keepPreviousData,
  });

export const queues = () =>
  queryOptions({
    queryKey: ['jobs', 'queues'],
    queryFn: async ({ signal }) => (await body(api.GET('/api/queues', { signal }))).data,
    refetchInterval: 5000,
  });

export type JobFilters = NonNullable<paths['/api/jobs']['get']['parameters']['query']>;

export const jobs = (filters: JobFilters) =>
  infiniteQueryOptions({
    queryKey: ['jobs', 'list', filters],
    queryFn: ({ pageParam, signal }) => body(api.GET('/api/jobs', { params: { query: { ...filters, limit: 50, ...(pageParam === '' ? {} : { cursor: pageParam }) } }, signal })),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor,
    placeholderData: keepPreviousData,
  });

/** Open and not acknowledged; more than a page counts as "200+". */
export const openEscalations = () =>
  queryOptions({
    queryKey: ['escalations', 'open-count'],
    queryFn: async ({ signal }) => {
      const reply = await body(api.GET('/api/escalations', { params: { query: { status: 'open', limit: 200 } }, signal }));
      return { count: reply.data.length, more: reply.next_cursor !== null };
    },
  });
