import { Button } from '@mantine/core';
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { api, body, type Schemas } from '@/api/client';
import { agentStats, calls } from '@/api/queries';
import { PointsChange, StatCard } from '@/components/figures';
import { InsightCard } from '@/components/insight-card';
import { PageHead } from '@/components/page-head';
import { PeriodSwitch } from '@/components/period-switch';
import { EmptyState, Loaded, Loading, ProblemPanel, Skeleton } from '@/components/states';
import { useRange } from '@/components/tenant';
import { tellProblem } from '@/components/toasts';
import { TrendPanel } from '@/components/trend-panel';
import { CallTable } from '@/features/calls/call-table';
import { ChangePanel } from '@/features/rules/change-panel';
import { count, percent, score } from '@/lib/format';
import { WorstCall } from './worst-call';

const route = getRouteApi('/agents/$id');

export function AgentPage() {
  const { t } = useTranslation();
  const { id } = route.useParams();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const range = useRange(search);
  const stats = useQuery(agentStats(id));
  const profile = stats.data?.agent_profile;
  const list = useInfiniteQuery(calls({ agent_id: id, ...range, sort: '-coaching_priority' }));
  const rows = list.data?.pages.flatMap((page) => page.data) ?? [];
  if (stats.isError && stats.data === undefined) {
    return <><PageHead title={t('agent.title')} crumbs={[{ label: t('nav.leaderboard'), to: '/leaderboard' }]} /><ProblemPanel error={stats.error} onRetry={() => void stats.refetch()} /></>;
  }
  return (
    <>
      <PageHead
        title={profile?.name ?? t('agent.title')} crumbs={[{ label: t('nav.leaderboard'), to: '/leaderboard' }]}
        note={profile === undefined ? ' ' : [profile.employee_id, profile.languages.join(', ')].filter(Boolean).join(' · ')}
      >
        <PeriodSwitch choice={search} onChange={(change) => void navigate({ search: (old) => ({ ...old, ...change }) })} />
      </PageHead>
      <Loaded query={stats} loading={<Skeleton height={88} />}>{(found) => <AgentFigures stats={found} />}</Loaded>
      <div style={{ marginBottom: 16 }}><ChangePanel whose={{ agent_id: id }} range={range} choice={search} /></div>
      <div className="hs-grid-even">
        <WorstCall id={id} />
        <div className="hs-stack">
          <TrendPanel metric="quality" whose={{ agent_id: id }} range={range} />
          <AgentInsight id={id} stats={stats.data} />
        </div>
      </div>
      <section className="hs-card" style={{ marginTop: 16 }} aria-labelledby="hs-agent-calls">
        <div className="hs-card-head">
          <h2 id="hs-agent-calls">{t('agent.calls')}</h2>
          <Link to="/calls" search={{ agent_id: id }}>{t('agent.allCalls')}</Link>
        </div>
        {list.isPending ? <Loading rows={5} /> : list.isError && rows.length === 0 ? <ProblemPanel error={list.error} onRetry={() => void list.refetch()} />
        : rows.length === 0 ? <EmptyState title={t('calls.none')}>{t('calls.noneHint')}</EmptyState>
        : <CallTable rows={rows.slice(0, 15)} without={['agent']} />}
      </section>
    </>
  );
}

function AgentFigures({ stats }: { stats: Schemas['AgentStats'] }) {
  const { t } = useTranslation();
  const now = stats.current_stats;
  const last = stats.previous_month_stats;
  const known = stats.analyzed_calls > 0;
  const note = (value: number, before: number) =>
    last.calls_handled === 0 ? t('agent.noLastMonth') : <PointsChange now={value} before={before} against={t('agent.lastMonth', { value: score(before), n: last.calls_handled })} />;
  const figures = [
    { label: t('score.overall_quality'), value: now.quality_score, before: last.quality_score },
    { label: t('metric.sop'), value: now.sop_compliance, before: last.sop_compliance },
    { label: t('score.sentiment_stabilization'), value: now.sentiment_stabilization, before: last.sentiment_stabilization },
  ];
  return (
    <div className="hs-stats">
      {figures.map((figure) => <StatCard key={figure.label} label={figure.label} value={known ? score(figure.value) : '–'} note={note(figure.value, figure.before)} />)}
      <StatCard label={t('leaderboard.escalation')} value={known ? percent(now.escalation_rate) : '–'} note={t('agent.ofCalls', { n: count(now.calls_handled_total), emergencies: count(now.total_emergencies_count) })} />
    </div>
  );
}

function AgentInsight({ id, stats }: { id: string; stats: Schemas['AgentStats'] | undefined }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const refresh = useMutation({
    mutationFn: () => body(api.POST('/api/agents/{id}/generate-insights', { params: { path: { id } } })),
    onSuccess: () => void client.invalidateQueries({ queryKey: ['figures', 'agent', id] }),
    onError: tellProblem,
  });
  if (stats === undefined) return <div className="hs-card"><Loading rows={4} /></div>;
  const texts = stats.llm_insights;
  return (
    <InsightCard
      title={t('agent.insight')} madeAt={stats.insight_metadata.last_insight_generated_at} stale={refresh.data?.stale === true}
      texts={[[t('agent.insightMonth'), texts.latest_month_insight], [t('agent.insightOverall'), texts.overall_insight_text], [t('agent.insightChange'), texts.latest_change_summary]]}
      action={<Button size="xs" variant="default" loading={refresh.isPending} onClick={() => refresh.mutate()}>{t('insight.refresh')}</Button>}
    />
  );
}
