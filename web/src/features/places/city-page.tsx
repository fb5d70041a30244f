import { Button } from '@mantine/core';
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { api, body } from '@/api/client';
import { calls, city as cityQuery } from '@/api/queries';
import { Change, PointsChange, StatCard } from '@/components/figures';
import { InsightCard } from '@/components/insight-card';
import { PageHead } from '@/components/page-head';
import { PeriodSwitch } from '@/components/period-switch';
import { EmptyState, Loaded, Partial, ProblemPanel, Skeleton } from '@/components/states';
import { useRange } from '@/components/tenant';
import { tellProblem } from '@/components/toasts';
import { count, percent, score, signed } from '@/lib/format';
import { MissedPanel } from '@/features/rules/missed-panel';
import { PlaceCalls } from './place-calls';

const route = getRouteApi('/cities/$id');

export function CityPage() {
  const { t } = useTranslation();
  const { id } = route.useParams();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const range = useRange(search);
  const found = useQuery(cityQuery(id, range));
  const client = useQueryClient();
  const refresh = useMutation({
    mutationFn: () => body(api.POST('/api/cities/{id}/generate-insights', { params: { path: { id: Number(id) } } })),
    onSuccess: () => void client.invalidateQueries({ queryKey: ['figures', 'city', id] }),
    onError: tellProblem,
  });
  const info = found.data?.city_info;
  const list = useInfiniteQuery(calls({ city_id: Number(id), ...range, sort: '-coaching_priority' }));
  if (found.isError && found.data === undefined) {
    return <><PageHead title={t('city.title')} crumbs={[{ label: t('nav.map'), to: '/' }]} /><ProblemPanel error={found.error} onRetry={() => void found.refetch()} /></>;
  }
  return (
    <>
      <PageHead title={info?.name ?? t('city.title')} crumbs={[{ label: t('nav.map'), to: '/' }]} note={info?.state ?? ' '}>
        <PeriodSwitch choice={search} onChange={(change) => void navigate({ search: (old) => ({ ...old, ...change }) })} />
      </PageHead>
      <Loaded query={found} loading={<Skeleton height={88} />}>
        {(data) => {
          if (!('metrics' in data)) return <div className="hs-card"><EmptyState title={t('calls.none')} actions={<Button component={Link} to="/upload" size="xs">{t('firstRun.upload')}</Button>}>{t('city.never')}</EmptyState></div>;
          const metrics = data.metrics;
          const known = metrics.analyzed_calls > 0;
          return (
            <>
              <Partial analysed={metrics.analyzed_calls} total={data.volume.total_calls} />
              <div className="hs-stats">
                <StatCard label={t('figure.calls')} value={count(data.volume.total_calls)} note={<Change text={signed(data.volume.monthly_volume - data.volume.prev_monthly_volume)} direction={data.volume.monthly_volume - data.volume.prev_monthly_volume} against={t('city.thisMonth')} />} />
                <StatCard label={t('metric.sop')} value={known ? score(metrics.avg_sop_compliance) : '–'} note={<>{t(`risk.${metrics.risk_level}`)}{known && metrics.prev_month_sop > 0 ? <> · <PointsChange now={metrics.avg_sop_compliance} before={metrics.prev_month_sop} against={t('city.lastMonth')} /></> : null}</>} />
                <StatCard label={t('score.overall_quality')} value={known ? score(metrics.avg_quality_score) : '–'} note={t('figure.n', { n: count(metrics.analyzed_calls) })} />
                <StatCard label={t('leaderboard.escalation')} value={known ? percent(metrics.avg_escalation_rate) : '–'} note={t('city.today', { calls: count(data.volume.total_calls_today), emergencies: count(data.volume.total_emergencies_today) })} />
              </div>
              <div className="hs-stack">
                <InsightCard
                  title={t('agent.insight')} stale={refresh.data?.stale === true}
                  texts={[[t('city.insightDay'), data.llm_insights.daily_ops_insight], [t('agent.insightMonth'), data.llm_insights.latest_month_insight], [t('agent.insightOverall'), data.llm_insights.overall_city_insight], [t('city.coaching'), data.llm_insights.coaching_focus]]}
                  action={<Button size="xs" variant="default" loading={refresh.isPending} onClick={() => refresh.mutate()}>{t('insight.refresh')}</Button>}
                />
                <MissedPanel whose={{ city_id: Number(id) }} range={range} choice={search} />
                <PlaceCalls list={list} link={{ city_id: Number(id) }} without={['city']} />
              </div>
            </>
          );
        }}
      </Loaded>
    </>
  );
}
