import { Button } from '@mantine/core';
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, body, type Schemas } from '@/api/client';
import { scorecard, scorecardVersions } from '@/api/queries';
import { DataTable, type Column } from '@/components/data-table';
import { PageHead } from '@/components/page-head';
import { Loading, ProblemPanel } from '@/components/states';
import { useZone } from '@/components/tenant';
import { tell, tellProblem } from '@/components/toasts';
import { dateTime } from '@/lib/format';
import { titleOf } from './scorecard-model';

const route = getRouteApi('/scorecards/$key');
type Version = Schemas['ScorecardVersion'];

/** A scorecard: its versions, and which of them judges. */
export function ScorecardPage() {
  const { t, i18n } = useTranslation();
  const { key } = route.useParams();
  const navigate = useNavigate();
  const found = useQuery(scorecard(key));
  const list = useInfiniteQuery(scorecardVersions(key));
  const rows = list.data?.pages.flatMap((page) => page.data) ?? [];
  const zone = useZone();
  const columns: Column<Version>[] = [
    { key: 'version', header: t('scorecards.version'), cell: (row) => <Link to="/scorecards/$key/versions/$n" params={{ key, n: String(row.version) }}>{t('scorecards.versionN', { n: row.version })}</Link> },
    { key: 'state', header: t('calls.status'), cell: (row) => <VersionState state={row.state} /> },
    { key: 'note', header: t('scorecards.why'), wide: true, cell: (row) => row.note ?? (row.origin === 'library' ? <span className="hs-muted">{t('scorecards.library')}</span> : '') },
    { key: 'extends', header: t('scorecards.extends'), label: t('scorecards.extends'), cell: (row) => row.extends ?? '' },
    { key: 'made', header: t('scorecards.made'), wide: true, cell: (row) => <span className="hs-num">{dateTime(row.created_at, zone)} <span className="hs-muted">{row.created_by}</span></span> },
  ];
  return (
    <>
      <PageHead
        title={found.data === undefined ? key : titleOf(found.data.title, i18n.language, key)} crumbs={[{ label: t('nav.scorecards'), to: '/scorecards' }]}
        note={found.data === undefined ? ' ' : found.data.active_version === null ? t('scorecards.noneInForce') : t('scorecards.nowInForce', { n: found.data.active_version })}
      >
        {found.data?.active?.origin === 'tenant' && <Retire scorecardKey={key} />}
      </PageHead>
      <div className="hs-card">
        {list.isPending ? <Loading rows={3} /> : list.isError && rows.length === 0 ? <ProblemPanel error={list.error} onRetry={() => void list.refetch()} />
        : <DataTable caption={t('scorecards.versions')} columns={columns} rows={rows} rowKey={(row) => String(row.version)} onOpen={(row) => void navigate({ to: '/scorecards/$key/versions/$n', params: { key, n: String(row.version) } })} />}
      </div>
      {list.hasNextPage && (
        <div className="hs-row hs-more"><Button variant="default" size="sm" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>{t('common.more')}</Button></div>
      )}
    </>
  );
}

export function VersionState({ state }: { state: Version['state'] }) {
  const { t } = useTranslation();
  return state === 'active' ? <strong>✓ {t('scorecards.active')}</strong> : <span className={state === 'retired' ? 'hs-muted' : undefined}>{t(`scorecards.${state}`)}</span>;
}

/** Takes back what was activated; asked once more, for calls are judged otherwise from then on. */
function Retire({ scorecardKey }: { scorecardKey: string }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [sure, setSure] = useState(false);
  const retire = useMutation({
    mutationFn: () => body(api.PATCH('/api/scorecards/{key}', { params: { path: { key: scorecardKey } }, body: { status: 'retired' } })),
    onSuccess: () => {
      setSure(false);
      tell(t('scorecards.didRetire'));
      void client.invalidateQueries({ queryKey: ['scorecards'] });
    },
    onError: tellProblem,
  });
  if (!sure) return <Button size="xs" variant="default" onClick={() => setSure(true)}>{t('scorecards.retire')}</Button>;
  return (
    <div className="hs-row" role="group" aria-label={t('scorecards.retire')}>
      <span className="hs-small">{t('scorecards.sureRetire')}</span>
      <Button size="xs" autoFocus loading={retire.isPending} onClick={() => retire.mutate()}>{t('scorecards.retire')}</Button>
      <Button size="xs" variant="default" onClick={() => setSure(false)}>{t('common.cancel')}</Button>
    </div>
  );
}
