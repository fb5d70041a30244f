import { Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, body } from '@/api/client';
import { scorecard, scorecardVersion } from '@/api/queries';
import { PageHead } from '@/components/page-head';
import { Segments } from '@/components/segments';
import { Loading, ProblemPanel } from '@/components/states';
import { useZone } from '@/components/tenant';
import { tell, tellProblem } from '@/components/toasts';
import { dateTime } from '@/lib/format';
import { scorecardTabs } from '@/routes/scorecards';
import { DiffPanel } from './diff-panel';
import { NewVersion } from './new-version';
import { titleOf } from './scorecard-model';
import { VersionState } from './scorecard-page';
import { Numbered } from './numbered';
import { TryPanel } from './try-panel';
import './scorecards.css';

const route = getRouteApi('/scorecards/$key/versions/$n');

/** One version: read it, write the next from it, try it on a call, see what it changed. */
export function VersionPage() {
  const { t, i18n } = useTranslation();
  const { key, n } = route.useParams();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const zone = useZone();
  const found = useQuery(scorecardVersion(key, Number(n)));
  const card = useQuery(scorecard(key));
  const crumbs = [{ label: t('nav.scorecards'), to: '/scorecards' }, { label: key, to: `/scorecards/${key}` }];
  const go = (change: Partial<typeof search>): void => void navigate({ search: (old) => ({ ...old, ...change }) });
  if (found.isError && found.data === undefined) return <><PageHead title={t('scorecards.versionN', { n })} crumbs={crumbs} /><div className="hs-card"><ProblemPanel error={found.error} onRetry={() => void found.refetch()} /></div></>;
  if (found.data === undefined) return <><PageHead title={t('scorecards.versionN', { n })} crumbs={crumbs} /><div className="hs-card"><Loading rows={12} height={24} /></div></>;
  const version = found.data;
  const tab = search.tab ?? 'text';
  return (
    <>
      <PageHead
        name={`${titleOf(version.title, i18n.language, key)} ${n}`} crumbs={crumbs}
        title={<>{titleOf(version.title, i18n.language, key)} <span className="hs-muted">{t('scorecards.versionN', { n })}</span> <VersionState state={version.state} /></>}
        note={<>{version.note ?? (version.origin === 'library' ? t('scorecards.library') : '')} · {version.created_by} · {dateTime(version.created_at, zone)}</>}
      >
        <Link to="/evaluations" search={{ scorecard: key, version: version.version }}>{t('scorecards.judgePast')}</Link>
        {version.state !== 'active' && <Activate scorecardKey={key} version={version.version} />}
      </PageHead>
      <Segments
        className="hs-version-tabs" label={t('scorecards.parts')} value={tab} onChange={(next) => go({ tab: next === 'text' ? undefined : next })}
        options={scorecardTabs.map((value) => ({ value, label: t(`scorecards.tab_${value}`) }))}
      />
      {tab === 'text' && <div className="hs-card hs-version-text"><Numbered text={version.content} label={t('scorecards.tab_text')} /></div>}
      {tab === 'edit' && <NewVersion scorecardKey={key} from={version} next={(card.data?.newest_version ?? version.version) + 1} />}
      {tab === 'try' && <TryPanel scorecardKey={key} version={version.version} call={search.call} onCall={(call) => go({ call })} />}
      {tab === 'diff' && <DiffPanel scorecardKey={key} version={version.version} against={search.against ?? (version.version > 1 ? version.version - 1 : undefined)} onAgainst={(against) => go({ against })} />}
    </>
  );
}

/** Asked once more: from the next judgement on, calls are judged by it. */
function Activate({ scorecardKey, version }: { scorecardKey: string; version: number }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [sure, setSure] = useState(false);
  const activate = useMutation({
    mutationFn: () => body(api.POST('/api/scorecards/{key}/versions/{n}/activate', { params: { path: { key: scorecardKey, n: version } } })),
    onSuccess: () => {
      setSure(false);
      tell(t('scorecards.didActivate', { n: version }));
      void client.invalidateQueries({ queryKey: ['scorecards'] });
    },
    onError: tellProblem,
  });
  if (!sure) return <Button size="xs" onClick={() => setSure(true)}>{t('scorecards.activate')}</Button>;
  return (
    <div className="hs-row" role="group" aria-label={t('scorecards.activate')}>
      <span className="hs-small">{t('scorecards.sureActivate')}</span>
      <Button size="xs" autoFocus loading={activate.isPending} onClick={() => activate.mutate()}>{t('scorecards.activateN', { n: version })}</Button>
      <Button size="xs" variant="default" onClick={() => setSure(false)}>{t('common.cancel')}</Button>
    </div>
  );
}
