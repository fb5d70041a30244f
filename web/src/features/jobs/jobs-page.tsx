import { Button } from '@mantine/core';
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { RotateCcw } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { api, body, type Schemas } from '@/api/client';
import { jobs, queues } from '@/api/queries';
import { DataTable, type Column } from '@/components/data-table';
import { FilterChip } from '@/components/filter-chip';
import { PageHead } from '@/components/page-head';
import { Segments } from '@/components/segments';
import { EmptyState, Loaded, Loading, ProblemPanel } from '@/components/states';
import { useZone } from '@/components/tenant';
import { tell, tellProblem } from '@/components/toasts';
import { count, dateTime, span, words } from '@/lib/format';
import { jobStates } from '@/routes/jobs';

const route = getRouteApi('/jobs');
type Job = Schemas['Job'];
type Queue = Schemas['Queue'];

/** What the program is working on, what waits, and what it has given up on. */
export function JobsPage() {
  const { t } = useTranslation();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const push = (change: Partial<typeof search>): void => void navigate({ search: (old) => ({ ...old, ...change }) });
  const list = useInfiniteQuery(jobs(search));
  const rows = list.data?.pages.flatMap((page) => page.data) ?? [];
  return (
    <>
      <PageHead title={t('nav.jobs')} note={t('jobs.note')}>
        <Segments
          label={t('calls.status')} value={search.state ?? 'live'} onChange={(value) => push({ state: value === 'live' ? undefined : value })}
          options={(['live', ...jobStates] as const).map((value) => ({ value, label: t(`jobs.${value}`) }))}
        />
      </PageHead>
      <Queues onDead={() => push({ state: 'dead' })} />
      {(search.kind !== undefined || search.call_id !== undefined) && (
        <div className="hs-filter">
          {search.kind !== undefined && <FilterChip label={`${t('jobs.kind')}: ${words(search.kind)}`} onRemove={() => push({ kind: undefined })} />}
          {search.call_id !== undefined && <FilterChip label={`${t('call.title')}: ${search.call_id.slice(0, 8)}…`} onRemove={() => push({ call_id: undefined })} />}
        </div>
      )}
      <div className="hs-card">
        {list.isPending ? <Loading rows={8} />
        : list.isError && rows.length === 0 ? <ProblemPanel error={list.error} onRetry={() => void list.refetch()} />
        : rows.length === 0 ? <EmptyState title={t(`jobs.none_${search.state ?? 'live'}`)}>{t('jobs.noneHint')}</EmptyState>
        : <JobTable rows={rows} onKind={(kind) => push({ kind })} />}
      </div>
      {list.hasNextPage && (
        <div className="hs-row hs-more">
          <Button variant="default" size="sm" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>{t('common.more')}</Button>
        </div>
      )}
    </>
  );
}

function Queues({ onDead }: { onDead: () => void }) {
  const { t } = useTranslation();
  const found = useQuery(queues());
  const columns: Column<Queue>[] = [
    { key: 'queue', header: t('jobs.queue'), cell: (row) => <><strong>{words(row.queue)}</strong>{row.paused && <> <span className="hs-chip">{t('jobs.paused')}</span></>}</> },
    { key: 'available', header: t('jobs.available'), label: t('jobs.available'), num: true, cell: (row) => count(row.available) },
    { key: 'delayed', header: t('jobs.delayed'), label: t('jobs.delayed'), num: true, cell: (row) => count(row.delayed) },
    { key: 'running', header: t('jobs.running'), label: t('jobs.running'), num: true, cell: (row) => count(row.running) },
    { key: 'oldest', header: t('jobs.oldest'), label: t('jobs.oldest'), num: true, cell: (row) => (row.available === 0 ? '–' : span(row.oldest_seconds)) },
    { key: 'pace', header: t('jobs.pace'), label: t('jobs.pace'), num: true, cell: (row) => count(row.done_last_hour) },
    { key: 'dead', header: t('jobs.dead'), label: t('jobs.dead'), num: true, cell: (row) => (row.dead === 0 ? 0 : <button type="button" className="hs-quiet-button" style={{ color: 'var(--hs-missed)' }} onClick={onDead}>{count(row.dead)}</button>) },
  ];
  return (
    <section className="hs-card" style={{ marginBottom: 16 }} aria-labelledby="hs-queues">
      <div className="hs-card-head"><h2 id="hs-queues">{t('jobs.queues')}</h2></div>
      <Loaded query={found} loading={<Loading rows={3} />}>
        {(rows) => rows.length === 0 ? <p className="hs-card-body hs-muted">{t('jobs.noQueues')}</p> : <DataTable caption={t('jobs.queues')} columns={columns} rows={rows} rowKey={(row) => row.queue} />}
      </Loaded>
    </section>
  );
}

function JobTable({ rows, onKind }: { rows: readonly Job[]; onKind: (kind: string) => void }) {
  const { t } = useTranslation();
  const zone = useZone();
  const columns: Column<Job>[] = [
    { key: 'id', header: t('jobs.id'), num: true, cell: (row) => row.id },
    { key: 'kind', header: t('jobs.kind'), cell: (row) => <button type="button" className="hs-quiet-button" onClick={() => onKind(row.kind)}>{words(row.kind)}</button> },
    { key: 'state', header: t('calls.status'), cell: (row) => <span className={row.state === 'dead' ? 'hs-missed-text' : undefined}>{t(`jobs.${row.state}`)}</span> },
    { key: 'call', header: t('call.title'), cell: (row) => (row.call_id === null ? '' : <Link to="/calls/$id" params={{ id: row.call_id }}>{t('jobs.openCall')}</Link>) },
    { key: 'time', header: t('calls.time'), cell: (row) => <span className="hs-num">{dateTime(row.finished_at ?? row.run_at ?? row.created_at, zone)}</span> },
    { key: 'runs', header: t('jobs.runs'), label: t('jobs.runs'), num: true, cell: (row) => t('jobs.tries', { runs: row.runs, failures: row.failures + row.crashes }) },
    { key: 'error', header: t('jobs.cause'), wide: true, cell: (row) => (row.error === null ? '' : <p><a href={`/problems/${row.error.code}`}>{row.error.code}</a> <span className="hs-small">{row.error.text}</span></p>) },
    { key: 'act', header: t('jobs.again'), cell: (row) => <Again job={row} /> },
  ];
  return <DataTable caption={t('nav.jobs')} columns={columns} rows={rows} rowKey={(row) => String(row.id)} />;
}

/** Queues a dead job again; the dead one stays and names the new. */
function Again({ job }: { job: Job }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const retry = useMutation({
    mutationFn: () => body(api.POST('/api/jobs/{id}/retry', { params: { path: { id: job.id } } })),
    onSuccess: (made) => {
      tell(t('jobs.queued', { id: made.job_id }));
      void client.invalidateQueries({ queryKey: ['jobs'] });
    },
    onError: tellProblem,
  });
  if (job.state !== 'dead') return null;
  if (job.requeued_as !== null) return <span className="hs-muted">{t('jobs.as', { id: job.requeued_as })}</span>;
  return (
    <Button size="compact-sm" variant="default" leftSection={<RotateCcw size={13} aria-hidden="true" />} loading={retry.isPending} onClick={() => retry.mutate()} aria-label={t('jobs.requeueOne', { id: job.id })}>
      {t('jobs.requeue')}
    </Button>
  );
}
