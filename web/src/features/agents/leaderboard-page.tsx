import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { leaderboard } from '@/api/queries';
import type { Schemas } from '@/api/client';
import { DataTable, type Column } from '@/components/data-table';
import { PointsChange, ScoreBar } from '@/components/figures';
import { PageHead } from '@/components/page-head';
import { PeriodSwitch } from '@/components/period-switch';
import { NothingHeard } from '@/components/nothing-heard';
import { Loaded } from '@/components/states';
import { useRange } from '@/components/tenant';
import { count, percent } from '@/lib/format';
import { leastCalls } from '@/lib/statistics';

const route = getRouteApi('/leaderboard');
type Row = Schemas['LeaderboardRow'];

const trendOf = (row: Row, metric: string) => row.trend_data?.find((each) => each.metric === metric);
const changeOf = (row: Row): number => {
  const trend = trendOf(row, 'quality_score');
  return trend === undefined ? 0 : trend.value - trend.prev_value;
};

export function LeaderboardPage() {
  const { t } = useTranslation();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const range = useRange(search);
  const least = search.min_calls ?? leastCalls;
  const found = useQuery(leaderboard(range, 0));
  return (
    <>
      <PageHead title={t('nav.leaderboard')} note={t('leaderboard.note', { count: least })}>
        <label className="hs-field">
          <span>{t('leaderboard.least')}</span>
          <select className="hs-input" value={least} onChange={(event) => void navigate({ search: (old) => ({ ...old, min_calls: Number(event.target.value) === leastCalls ? undefined : Number(event.target.value) }) })}>
            {[...new Set([0, 10, leastCalls, 100, least])].sort((a, b) => a - b).map((value) => <option key={value} value={value}>{value}</option>)}
          </select>
        </label>
        <PeriodSwitch choice={search} onChange={(change) => void navigate({ search: (old) => ({ ...old, ...change }) })} />
      </PageHead>
      <Loaded query={found}>
        {(rows) => {
          const heard = rows.filter((row) => row.calls_received > 0);
          if (heard.length === 0) return <div className="hs-card"><NothingHeard /></div>;
          const ranked = sorted(heard.filter((row) => row.calls_received >= least), search.sort);
          const few = heard.filter((row) => row.calls_received < least);
          const ranks = new Map([...heard].filter((row) => row.calls_received >= least).sort((a, b) => a.rank - b.rank).map((row, i) => [row.agent_id, i + 1]));
          return (
            <div className="hs-stack">
              {ranked.length > 0 && <div className="hs-card"><AgentTable rows={ranked} ranks={ranks} sort={search.sort ?? 'rank'} onSort={(sort) => void navigate({ search: (old) => ({ ...old, sort: sort as typeof search.sort }) })} /></div>}
              {few.length > 0 && (
                <section className="hs-card" aria-labelledby="hs-few">
                  <div className="hs-card-head"><h2 id="hs-few">{t('leaderboard.few', { count: least })}</h2></div>
                  <AgentTable rows={few} />
                </section>
              )}
            </div>
          );
        }}
      </Loaded>
    </>
  );
}

function sorted(rows: Row[], sort: string | undefined): Row[] {
  const by: Record<string, (a: Row, b: Row) => number> = {
    name: (a, b) => (a.name < b.name ? -1 : 1),
    calls: (a, b) => b.calls_received - a.calls_received,
    emergencies: (a, b) => b.emergencies - a.emergencies,
    change: (a, b) => changeOf(a) - changeOf(b),
  };
  return [...rows].sort((a, b) => (by[sort ?? '']?.(a, b) ?? 0) || a.rank - b.rank);
}

function AgentTable({ rows, ranks, sort, onSort }: { rows: readonly Row[]; ranks?: ReadonlyMap<string, number>; sort?: string; onSort?: (sort: string) => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const columns: Column<Row>[] = [
    ...(ranks ? [{ key: 'rank', header: t('leaderboard.rank'), num: true, sorts: ['rank'] as const, cell: (row: Row) => ranks.get(row.agent_id) ?? '' }] : []),
    { key: 'name', header: t('calls.agent'), sorts: ['name'], cell: (row) => <Link to="/agents/$id" params={{ id: row.agent_id }}>{row.name}</Link> },
    { key: 'score', header: t('leaderboard.score'), label: t('leaderboard.score'), cell: (row) => <ScoreBar value={row.overall_score} n={row.calls_received} /> },
    { key: 'change', header: t('leaderboard.change'), label: t('leaderboard.change'), num: true, sorts: ['change'], cell: (row) => { const trend = trendOf(row, 'quality_score'); return trend === undefined || trend.prev_value === 0 ? '–' : <PointsChange now={trend.value} before={trend.prev_value} />; } },
    { key: 'sop', header: t('metric.sop'), label: t('metric.sop'), cell: (row) => <ScoreBar value={trendOf(row, 'sop_compliance')?.value ?? 0} n={row.calls_received} /> },
    { key: 'escalation', header: t('leaderboard.escalation'), label: t('leaderboard.escalation'), num: true, cell: (row) => percent(trendOf(row, 'escalation_rate')?.value ?? 0) },
    { key: 'calls', header: t('figure.calls'), label: t('figure.calls'), num: true, sorts: ['calls'], cell: (row) => count(row.calls_received) },
    { key: 'emergencies', header: t('figure.emergencies'), label: t('figure.emergencies'), num: true, sorts: ['emergencies'], cell: (row) => count(row.emergencies) },
  ];
  return (
    <DataTable
      caption={t('nav.leaderboard')} columns={columns} rows={rows} rowKey={(row) => row.agent_id} onOpen={(row) => void navigate({ to: '/agents/$id', params: { id: row.agent_id } })}
      {...(sort === undefined ? {} : { sort })} {...(onSort === undefined ? {} : { onSort })}
    />
  );
}
