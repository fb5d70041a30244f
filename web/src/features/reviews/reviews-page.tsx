import { Button } from '@mantine/core';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { ArrowRight } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { callCount, calls, configAgents, configIssues } from '@/api/queries';
import { ChoiceFilters } from '@/components/choice-filters';
import { PageHead } from '@/components/page-head';
import { PeriodSwitch } from '@/components/period-switch';
import { Segments } from '@/components/segments';
import { EmptyState, Loading, ProblemPanel } from '@/components/states';
import { useRange } from '@/components/tenant';
import { NothingHeard } from '@/components/nothing-heard';
import { CallTable } from '@/features/calls/call-table';
import { count, percent } from '@/lib/format';
import { useKeys } from '@/lib/keys';
import { callSorts } from '@/routes/calls';
import { nextInQueue, queueFilters } from './queue';

const route = getRouteApi('/reviews');
type Search = ReturnType<typeof route.useSearch>;

/** Judged calls waiting for a person, and those a person has put a score or a remark on. */
export function ReviewsPage() {
  const { t } = useTranslation();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const range = useRange(search);
  const { period, from, to, status, ...choice } = search;
  const waiting = useInfiniteQuery(calls(queueFilters(choice, range)));
  const done = useInfiniteQuery({ ...calls(queueFilters(choice, range, true)), enabled: status === 'done' });
  const doneCount = useQuery(callCount(queueFilters(choice, range, true)));
  const list = status === 'done' ? done : waiting;
  const rows = list.data?.pages.flatMap((page) => page.data) ?? [];
  const left = waiting.data?.pages[0]?.count;
  const push = (change: Partial<Search>): void => void navigate({ search: (old) => ({ ...old, ...change }) });
  const queue = { queue: 'review', period, from, to, ...choice } as const;
  const next = nextInQueue(waiting.data?.pages.flatMap((page) => page.data.map((row) => row.call_id)) ?? [], undefined);
  return (
    <>
      <PageHead title={t('nav.reviews')} note={left === undefined || doneCount.data === undefined ? ' ' : told(t, left, doneCount.data.count)}>
        <TakeNext id={next} queue={queue} />
        <Segments
          label={t('calls.status')} value={status ?? 'waiting'} onChange={(value) => push({ status: value === 'waiting' ? undefined : value })}
          options={(['waiting', 'done'] as const).map((value) => ({ value, label: t(`reviews.${value}`) }))}
        />
        <PeriodSwitch choice={search} onChange={push} />
      </PageHead>
      <ReviewFilters search={search} push={push} />
      <div className="hs-card">
        {list.isPending ? <Loading rows={10} />
        : list.isError && rows.length === 0 ? <ProblemPanel error={list.error} onRetry={() => void list.refetch()} />
        : rows.length === 0 ? (left === 0 && doneCount.data?.count === 0 ? <NothingHeard /> : <EmptyState title={t(`reviews.none_${status ?? 'waiting'}`)}>{t(`reviews.hint_${status ?? 'waiting'}`)}</EmptyState>)
        : <CallTable rows={rows} link={status === 'done' ? {} : queue} sort={search.sort ?? '-coaching_priority'} onSort={(sort) => push({ sort: callSorts.find((each) => each === sort) })} />}
      </div>
      {list.hasNextPage && (
        <div className="hs-row hs-more">
          <Button variant="default" size="sm" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>{t('common.more')}</Button>
        </div>
      )}
    </>
  );
}

function told(t: ReturnType<typeof useTranslation>['t'], left: number, done: number): string {
  const all = left + done;
  return t('reviews.note', { waiting: count(left), done: count(done), share: all === 0 ? '–' : percent(done / all) });
}

function TakeNext({ id, queue }: { id: string | undefined; queue: Search & { queue: 'review' } }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  useKeys({ n: () => { if (id !== undefined) void navigate({ to: '/calls/$id', params: { id }, search: queue }); } });
  if (id === undefined) return null;
  return (
    <Button renderRoot={(props: object) => <Link to="/calls/$id" params={{ id }} search={queue} {...props} />} size="xs" rightSection={<ArrowRight size={14} aria-hidden="true" />}>
      {t('reviews.take')}
    </Button>
  );
}

function ReviewFilters({ search, push }: { search: Search; push: (change: Partial<Search>) => void }) {
  const { t } = useTranslation();
  const agents = useQuery(configAgents());
  const issues = useQuery(configIssues());
  const choices = [
    { key: 'agent_id', label: t('calls.agent'), value: search.agent_id, options: (agents.data ?? []).map((agent) => ({ value: agent.id, label: agent.name })) },
    { key: 'issue', label: t('calls.issue'), value: search.issue, options: (issues.data ?? []).map((issue) => ({ value: issue.name, label: issue.name })) },
    { key: 'flagged', label: t('call.escalation'), value: search.flagged?.toString(), options: [{ value: 'true', label: t('common.yes') }, { value: 'false', label: t('common.no') }] },
  ];
  const set = (key: string, value: string): void =>
    push({ [key]: value === '' ? undefined : key === 'flagged' ? value === 'true' : value } as Partial<Search>);
  return (
    <search className="hs-filter">
      <ChoiceFilters choices={choices} onChange={set} />
    </search>
  );
}
