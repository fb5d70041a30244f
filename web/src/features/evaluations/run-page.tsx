import { Button } from '@mantine/core';
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, body, type Schemas } from '@/api/client';
import { compareRuns, evaluationRun, evaluationRuns, runFlips, runResults } from '@/api/queries';
import { DataTable, type Column } from '@/components/data-table';
import { PointsChange } from '@/components/figures';
import { FilterChip } from '@/components/filter-chip';
import { PageHead } from '@/components/page-head';
import { Segments } from '@/components/segments';
import { EmptyState, Loaded, Loading, ProblemPanel } from '@/components/states';
import { useZone } from '@/components/tenant';
import { tell, tellProblem } from '@/components/toasts';
import { AnswerState } from '@/features/scorecards/try-panel';
import { count, dateTime, score, words } from '@/lib/format';
import { Progress } from './progress';
import { isMoving, promotable, type Run } from './run-model';
import { RunShift } from './run-shift';

const route = getRouteApi('/evaluations/$id');

/** A run: how far it is, what it changed, and whether it becomes current. */
export function RunPage() {
  const { t } = useTranslation();
  const { id } = route.useParams();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const zone = useZone();
  const found = useQuery(evaluationRun(id));
  const crumbs = [{ label: t('nav.evaluations'), to: '/evaluations' }];
  const go = (change: Partial<typeof search>): void => void navigate({ search: (old) => ({ ...old, ...change }), resetScroll: false });
  if (found.isError && found.data === undefined) return <><PageHead title={t('runs.run')} crumbs={crumbs} /><div className="hs-card"><ProblemPanel error={found.error} onRetry={() => void found.refetch()} /></div></>;
  if (found.data === undefined) return <><PageHead title={t('runs.run')} crumbs={crumbs} /><div className="hs-card"><Loading rows={8} /></div></>;
  const run = found.data;
  return (
    <>
      <PageHead
        title={run.name} crumbs={crumbs}
        note={<>{t(`runs.${run.state}`)} · <Link to="/scorecards/$key/versions/$n" params={{ key: run.scorecard.key, n: String(run.scorecard.version) }}>{run.scorecard.key} {run.scorecard.version}</Link> · {dateTime(run.created_at, zone)} · {run.created_by}</>}
      >
        <Actions run={run} />
      </PageHead>
      <div className="hs-stack">
        <section className="hs-card hs-row" style={{ padding: '12px 16px', gap: '4px 16px' }} role="status">
          <Progress run={run} />
          <span>{t('runs.changedOf', { count: run.changed, n: count(run.changed) })}</span>
          {run.failed > 0 && <span className="hs-missed-text">{t('runs.failedOf', { count: run.failed, n: count(run.failed) })}</span>}
          {run.spent.tokens_in > 0 && <span className="hs-muted">{t('runs.tokens', { n: count(run.spent.tokens_in + run.spent.tokens_out) })} · ${run.spent.cost_usd.toFixed(2)} USD</span>}
          {run.state === 'promoted' && <span>{t('runs.promotedOf', { promoted: count(run.promoted), kept: count(run.kept) })}</span>}
        </section>
        <Beside id={id} against={search.against} onAgainst={(against) => go({ against })} />
        {search.against === undefined ? <RunShift shift={run.result} before={t('runs.current')} after={t('runs.here')} onQuestion={(question) => go({ question })} /> : <Compared id={id} against={search.against} />}
        {search.question !== undefined ? <Flips id={id} state={run.state} question={search.question} onClose={() => go({ question: undefined })} /> : <Results id={id} state={run.state} all={search.changed_only === false} onAll={(all) => go({ changed_only: all ? false : undefined })} moving={isMoving(run)} />}
      </div>
    </>
  );
}

function Compared({ id, against }: { id: string; against: string }) {
  const found = useQuery(compareRuns(against, id));
  return <Loaded query={found} loading={<div className="hs-card"><Loading rows={5} /></div>}>{(both) => <RunShift shift={both} before={both.a.name} after={both.b.name} />}</Loaded>;
}

/** The other side of the figures: what is current, or another run over the same calls. */
function Beside({ id, against, onAgainst }: { id: string; against: string | undefined; onAgainst: (id: string | undefined) => void }) {
  const { t } = useTranslation();
  const list = useInfiniteQuery(evaluationRuns());
  const others = (list.data?.pages.flatMap((page) => page.data) ?? []).filter((run) => run.id !== id);
  if (others.length === 0 && against === undefined) return null;
  return (
    <label className="hs-field" style={{ justifySelf: 'start' }}>
      <span>{t('runs.beside')}</span>
      <select className="hs-input" value={against ?? ''} onChange={(event) => onAgainst(event.target.value || undefined)}>
        <option value="">{t('runs.current')}</option>
        {others.map((run) => <option key={run.id} value={run.id}>{run.name}</option>)}
      </select>
    </label>
  );
}

function Actions({ run }: { run: Run }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [asked, setAsked] = useState(false);
  const [name, setName] = useState('');
  const path = { params: { path: { id: run.id } } };
  const act = useMutation({
    mutationFn: (what: 'cancel' | 'promote') => (what === 'cancel' ? body(api.POST('/api/evaluation-runs/{id}/cancel', path)) : body(api.POST('/api/evaluation-runs/{id}/promote', path))),
    onSuccess: (_run, what) => {
      setAsked(false);
      tell(t(`runs.did_${what}`));
      void client.invalidateQueries({ queryKey: ['runs'] });
    },
    onError: tellProblem,
  });
  if (run.state === 'running') return <Button size="xs" variant="default" loading={act.isPending} onClick={() => act.mutate('cancel')}>{t('runs.cancel')}</Button>;
  if (!promotable(run)) return null;
  if (!asked) return <Button size="xs" onClick={() => setAsked(true)}>{t('runs.promote')}</Button>;
  return (
    <form className="hs-row" onSubmit={(event) => { event.preventDefault(); if (name.trim() === run.name) act.mutate('promote'); }}>
      <label className="hs-field"><span>{t('runs.typeName', { name: run.name })}</span><input className="hs-input" autoFocus value={name} onChange={(event) => setName(event.target.value)} /></label>
      <Button type="submit" size="xs" disabled={name.trim() !== run.name} loading={act.isPending}>{t('runs.promote')}</Button>
      <Button type="button" size="xs" variant="default" onClick={() => setAsked(false)}>{t('common.cancel')}</Button>
    </form>
  );
}

type Result = Schemas['RunResult'];

/** The run's calls; a changed one opens with both evaluations side by side. */
function Results({ id, state, all, onAll, moving }: { id: string; state: string; all: boolean; onAll: (all: boolean) => void; moving: boolean }) {
  const { t } = useTranslation();
  const list = useInfiniteQuery({ ...runResults(id, !all, state), refetchInterval: moving ? 5000 : false });
  const rows = list.data?.pages.flatMap((page) => page.data) ?? [];
  const columns: Column<Result>[] = [
    { key: 'call', header: t('call.title'), wide: true, cell: (row) => <Link to="/calls/$id" params={{ id: row.call_id }} search={{ ...(row.evaluation_id === null ? {} : { ev: row.evaluation_id }), ...(row.before === null || row.evaluation_id === null ? {} : { against: row.before }) }}>{row.call_id.slice(0, 8)}…</Link> },
    { key: 'state', header: t('calls.status'), cell: (row) => row.error_code === null ? t(`runs.call_${row.state}`) : <span className="hs-missed-text">{t(`runs.call_${row.state}`)}: {words(row.error_code)}</span> },
    { key: 'flips', header: t('runs.flips'), label: t('runs.flips'), num: true, cell: (row) => count(row.flips) },
    { key: 'before', header: t('runs.current'), label: t('runs.current'), num: true, cell: (row) => (row.quality.before === null ? '–' : score(row.quality.before)) },
    { key: 'after', header: t('runs.here'), label: t('runs.here'), num: true, cell: (row) => (row.quality.after === null ? '–' : score(row.quality.after)) },
    { key: 'change', header: t('map.change'), label: t('map.change'), num: true, cell: (row) => (row.quality.before === null || row.quality.after === null ? '–' : <PointsChange now={row.quality.after} before={row.quality.before} />) },
    { key: 'outcome', header: t('runs.outcome'), cell: (row) => (row.outcome === null ? '' : t(`runs.outcome_${row.outcome}`)) },
  ];
  return (
    <section className="hs-card" aria-labelledby="hs-run-calls">
      <div className="hs-card-head">
        <h2 id="hs-run-calls">{t('figure.calls')}</h2>
        <Segments label={t('figure.calls')} value={all ? 'all' : 'changed'} onChange={(value) => onAll(value === 'all')} options={(['changed', 'all'] as const).map((value) => ({ value, label: t(`runs.show_${value}`) }))} />
      </div>
      {list.isPending ? <Loading rows={5} /> : list.isError && rows.length === 0 ? <ProblemPanel error={list.error} onRetry={() => void list.refetch()} />
      : rows.length === 0 ? <EmptyState title={t(all ? 'runs.noCalls' : 'runs.noChange')} />
      : <DataTable caption={t('figure.calls')} columns={columns} rows={rows} rowKey={(row) => row.call_id} />}
      {list.hasNextPage && <div className="hs-row hs-more" style={{ paddingBottom: 12 }}><Button variant="default" size="xs" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>{t('common.more')}</Button></div>}
    </section>
  );
}

/** Calls whose answer to one question is another now. */
function Flips({ id, state, question, onClose }: { id: string; state: string; question: string; onClose: () => void }) {
  const { t } = useTranslation();
  const list = useInfiniteQuery(runFlips(id, question, state));
  const rows = list.data?.pages.flatMap((page) => page.data) ?? [];
  return (
    <section className="hs-card" aria-labelledby="hs-run-flips">
      <div className="hs-card-head"><h2 id="hs-run-flips">{t('runs.flips')}</h2><FilterChip label={words(question)} onRemove={onClose} /></div>
      {list.isPending ? <Loading rows={5} /> : list.isError && rows.length === 0 ? <ProblemPanel error={list.error} onRetry={() => void list.refetch()} />
      : rows.length === 0 ? <EmptyState title={t('runs.noChange')} />
      : (
        <DataTable
          caption={t('runs.flips')} rows={rows} rowKey={(row) => row.call_id}
          columns={[
            { key: 'call', header: t('call.title'), cell: (row) => <Link to="/calls/$id" params={{ id: row.call_id }} search={{ rule: question }}>{row.call_id.slice(0, 8)}…</Link> },
            { key: 'before', header: t('runs.current'), label: t('runs.current'), cell: (row) => <AnswerState state={row.before} /> },
            { key: 'after', header: t('runs.here'), label: t('runs.here'), cell: (row) => <AnswerState state={row.after} /> },
          ]}
        />
      )}
      {list.hasNextPage && <div className="hs-row hs-more" style={{ paddingBottom: 12 }}><Button variant="default" size="xs" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>{t('common.more')}</Button></div>}
    </section>
  );
}
