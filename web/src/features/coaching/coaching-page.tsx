import { useMediaQuery } from '@mantine/hooks';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { ArrowLeft } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { agentDays, calls, leaderboard, remarks, type CallRow } from '@/api/queries';
import { PointsChange } from '@/components/figures';
import { NothingHeard } from '@/components/nothing-heard';
import { PageHead } from '@/components/page-head';
import { PeriodSwitch } from '@/components/period-switch';
import { Loaded, Loading, ProblemPanel, Skeleton } from '@/components/states';
import { useRange, useZone } from '@/components/tenant';
import { WorstCall } from '@/features/agents/worst-call';
import { CallTable } from '@/features/calls/call-table';
import { MissedPanel } from '@/features/rules/missed-panel';
import { count, dateTime, score } from '@/lib/format';
import { useKeys } from '@/lib/keys';
import type { PeriodChoice, Range } from '@/lib/period';
import { leastCalls } from '@/lib/statistics';
import { byNeed, distinct, type ToCoach } from './coaching-model';
import './coaching.css';

const route = getRouteApi('/coaching');
const columns = ['agent', 'city', 'priority', 'duration'];

/** Who needs help, with what, and the calls to hear together. */
export function CoachingPage() {
  const { t } = useTranslation();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const range = useRange(search);
  const found = useQuery(leaderboard(range, 0));
  const agents = byNeed(found.data ?? [], leastCalls);
  const wide = useMediaQuery('(min-width: 900px)') ?? false;
  const selected = agents.find(({ row }) => row.agent_id === search.sel) ?? (wide ? agents[0] : undefined);
  const select = (sel: string | undefined): void => void navigate({ search: (old) => ({ ...old, sel }), replace: true, resetScroll: false });
  const step = (by: 1 | -1) => (): boolean => {
    const at = agents.findIndex((each) => each === selected);
    const next = agents[Math.min(Math.max(0, at + by), agents.length - 1)];
    if (next === undefined || document.activeElement?.closest('table') != null) return false;
    select(next.row.agent_id);
    return true;
  };
  useKeys({ ArrowDown: step(1), j: step(1), ArrowUp: step(-1), k: step(-1) });
  return (
    <>
      <PageHead title={t('nav.coaching')} note={t('coaching.note')}>
        <PeriodSwitch choice={search} onChange={(change) => void navigate({ search: (old) => ({ ...old, ...change }) })} />
      </PageHead>
      <Loaded query={found} loading={<div className="hs-card"><Loading rows={8} height={56} /></div>}>
        {() => agents.length === 0 ? <div className="hs-card"><NothingHeard /></div> : (
          <div className="hs-coaching" data-chosen={selected !== undefined}>
            <div className="hs-card hs-coaching-list">
              <ul className="hs-plain-list" aria-label={t('coaching.agents')}>
                {agents.map((each) => <AgentRow key={each.row.agent_id} each={each} on={each === selected} onSelect={() => select(each.row.agent_id)} />)}
              </ul>
            </div>
            {selected && <AgentPanel key={selected.row.agent_id} each={selected} range={range} choice={search} onClose={() => select(undefined)} />}
          </div>
        )}
      </Loaded>
    </>
  );
}

function AgentRow({ each: { row, few }, on, onSelect }: { each: ToCoach; on: boolean; onSelect: () => void }) {
  const { t } = useTranslation();
  const trend = row.trend_data?.find((point) => point.metric === 'quality_score');
  return (
    <li className="hs-coach-row" data-on={on}>
      <button type="button" onClick={onSelect} {...(on ? { 'aria-current': 'true' as const } : {})}>
        <span className="hs-coach-name">{row.name}</span>
        <span className="hs-num">{score(row.overall_score)}</span>
        <span className="hs-small hs-muted">
          {t('figure.callCount', { count: row.calls_received, n: count(row.calls_received) })}
          {few ? ` · ${t('coaching.few')}` : ''}
        </span>
        <span className="hs-small">{trend !== undefined && trend.prev_value > 0 && <PointsChange now={trend.value} before={trend.prev_value} />}</span>
      </button>
    </li>
  );
}

function AgentPanel({ each: { row }, range, choice, onClose }: { each: ToCoach; range: Range; choice: PeriodChoice; onClose: () => void }) {
  const { t } = useTranslation();
  const id = row.agent_id;
  const hear = useInfiniteQuery(calls({ agent_id: id, ...range, status: 'analyzed', sort: '-coaching_priority' }));
  const rows = hear.data?.pages[0]?.data.slice(0, 5) ?? [];
  return (
    <div className="hs-stack">
      <div className="hs-row hs-coach-head">
        <button type="button" className="hs-icon-button hs-only-narrow" aria-label={t('coaching.back')} onClick={onClose}><ArrowLeft size={18} aria-hidden="true" /></button>
        <h2><Link to="/agents/$id" params={{ id }}>{row.name}</Link></h2>
      </div>
      <Training id={id} />
      <MissedPanel whose={{ agent_id: id }} range={range} choice={choice} />
      <section className="hs-card" aria-labelledby="hs-hear">
        <div className="hs-card-head">
          <h2 id="hs-hear">{t('coaching.hear')}</h2>
          <Link to="/calls" search={{ agent_id: id, sort: '-coaching_priority' }}>{t('agent.allCalls')}</Link>
        </div>
        {hear.isPending ? <Loading rows={4} /> : hear.isError && rows.length === 0 ? <ProblemPanel error={hear.error} onRetry={() => void hear.refetch()} />
        : <CallTable rows={rows} without={columns} />}
      </section>
      <WorstCall id={id} />
      <Said id={id} range={range} />
    </div>
  );
}

/** What to train, as the newest judgements of the agent's calls say it. */
function Training({ id }: { id: string }) {
  const { t } = useTranslation();
  const found = useQuery(agentDays(id));
  return (
    <section className="hs-card" aria-labelledby="hs-train">
      <div className="hs-card-head"><h2 id="hs-train">{t('coaching.train')}</h2></div>
      <div className="hs-card-body">
        <Loaded query={found} loading={<Skeleton height={72} />}>
          {(figures) => {
            const advice = distinct(figures.coaching_insights);
            if (advice.length === 0) return <p className="hs-muted">{t('coaching.noTraining')}</p>;
            return <ul className="hs-coach-advice">{advice.map((text) => <li key={text}>{text}</li>)}</ul>;
          }}
        </Loaded>
      </div>
    </section>
  );
}

/** What people have said about the agent's calls. */
function Said({ id, range }: { id: string; range: Range }) {
  const { t } = useTranslation();
  const reviewed = useInfiniteQuery(calls({ agent_id: id, ...range, reviewed: true, sort: '-call_timestamp' }));
  const rows = reviewed.data?.pages[0]?.data.slice(0, 5) ?? [];
  return (
    <section className="hs-card" aria-labelledby="hs-said">
      <div className="hs-card-head">
        <h2 id="hs-said">{t('coaching.said')}</h2>
        <Link to="/reviews" search={{ agent_id: id }}>{t('coaching.review')}</Link>
      </div>
      <div className="hs-card-body">
        {reviewed.isPending ? <Skeleton height={48} /> : reviewed.isError && rows.length === 0 ? <ProblemPanel error={reviewed.error} onRetry={() => void reviewed.refetch()} />
        : rows.length === 0 ? <p className="hs-muted">{t('coaching.nothingSaid')}</p>
        : <ul className="hs-plain-list hs-stack">{rows.map((row) => <SaidOf key={row.call_id} row={row} />)}</ul>}
      </div>
    </section>
  );
}

function SaidOf({ row }: { row: CallRow }) {
  const { t } = useTranslation();
  const zone = useZone();
  const found = useQuery(remarks(row.call_id));
  return (
    <li>
      <p className="hs-small"><Link to="/calls/$id" params={{ id: row.call_id }}>{dateTime(row.call_timestamp, zone)}</Link> <span className="hs-muted">· {row.primary_issue_category}</span></p>
      <Loaded query={found} loading={<Skeleton height={20} />}>
        {(list) => list.length === 0 ? <p className="hs-muted">{t('coaching.scoreOnly')}</p> : (
          <>{list.slice(0, 3).map((remark) => <p key={remark.id} className="hs-coach-remark">{remark.text} <span className="hs-small hs-muted">{remark.principal}</span></p>)}</>
        )}
      </Loaded>
    </li>
  );
}
