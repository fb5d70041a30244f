import { Button } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { evaluationRuns } from '@/api/queries';
import { DataTable, type Column } from '@/components/data-table';
import { PageHead } from '@/components/page-head';
import { EmptyState, Loading, ProblemPanel } from '@/components/states';
import { useZone } from '@/components/tenant';
import { count, dateTime } from '@/lib/format';
import { NewRun } from './new-run';
import { Progress } from './progress';
import type { Run } from './run-model';

/** Past calls judged again by a version of choice: started, followed, and made current or not. */
export function RunsPage() {
  const { t } = useTranslation();
  const zone = useZone();
  const navigate = useNavigate();
  const list = useInfiniteQuery(evaluationRuns());
  const rows = list.data?.pages.flatMap((page) => page.data) ?? [];
  const columns: Column<Run>[] = [
    { key: 'name', header: t('runs.name'), wide: true, cell: (row) => <Link to="/evaluations/$id" params={{ id: row.id }}>{row.name}</Link> },
    { key: 'card', header: t('runs.by'), cell: (row) => `${row.scorecard.key} ${row.scorecard.version}` },
    { key: 'state', header: t('calls.status'), cell: (row) => t(`runs.${row.state}`) },
    { key: 'progress', header: t('runs.progress'), wide: true, cell: (row) => <Progress run={row} /> },
    { key: 'changed', header: t('runs.changed'), label: t('runs.changed'), num: true, cell: (row) => count(row.changed) },
    { key: 'failed', header: t('runs.failed'), label: t('runs.failed'), num: true, cell: (row) => count(row.failed) },
    { key: 'made', header: t('runs.started'), wide: true, cell: (row) => <span className="hs-num">{dateTime(row.created_at, zone)} <span className="hs-muted">{row.created_by}</span></span> },
  ];
  return (
    <>
      <PageHead title={t('nav.evaluations')} note={t('runs.note')} />
      <div className="hs-stack">
        <NewRun />
        <div className="hs-card">
          {list.isPending ? <Loading rows={5} /> : list.isError && rows.length === 0 ? <ProblemPanel error={list.error} onRetry={() => void list.refetch()} />
          : rows.length === 0 ? <EmptyState title={t('runs.none')}>{t('runs.noneHint')}</EmptyState>
          : <DataTable caption={t('nav.evaluations')} columns={columns} rows={rows} rowKey={(row) => row.id} onOpen={(row) => void navigate({ to: '/evaluations/$id', params: { id: row.id } })} />}
        </div>
        {list.hasNextPage && <div className="hs-row hs-more"><Button variant="default" size="sm" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>{t('common.more')}</Button></div>}
      </div>
    </>
  );
}
