import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { FlaskConical } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { Schemas } from '@/api/client';
import { callCount, summary } from '@/api/queries';
import { Change, Interval, PointsChange, StatCard } from '@/components/figures';
import { Partial, ProblemPanel, Skeleton } from '@/components/states';
import { compact, count, score, signed } from '@/lib/format';
import { daysBetween, type Range } from '@/lib/period';

type Figures = Schemas['DashboardFigures'];

/** Four figures over all calls of the period, each with what it was in as many days before. */
export function Headline({ range }: { range: Range }) {
  const found = useQuery(summary(range));
  if (found.isError && found.data === undefined) return <div className="hs-card" style={{ marginBottom: 16 }}><ProblemPanel error={found.error} onRetry={() => void found.refetch()} /></div>;
  if (found.data === undefined) return <div className="hs-stats">{[0, 1, 2, 3].map((each) => <Skeleton key={each} height={92} />)}</div>;
  const { current, previous } = found.data;
  return (
    <>
      {found.data.demonstration_calls > 0 && <Demonstration calls={found.data.demonstration_calls} />}
      {current.analyzed_calls < current.calls && <Waiting range={range} calls={current.calls} />}
      <Four now={current} then={previous} open={found.data.open_escalations} days={daysBetween(range)} />
    </>
  );
}

function Four({ now, then, open, days }: { now: Figures; then: Figures; open: number; days: number }) {
  const { t } = useTranslation();
  const against = t('figure.against', { count: days });
  const more = now.calls - then.calls;
  return (
    <div className="hs-stats">
      <StatCard label={t('figure.calls')} value={<span title={count(now.calls)}>{compact(now.calls)}</span>} note={<Change text={signed(more)} direction={more} against={against} />} />
      <StatCard
        label={t('metric.sop')} value={now.sop_calls === 0 ? '–' : score(now.sop_compliance)}
        note={now.sop_calls > 0 && then.sop_calls > 0 ? <PointsChange now={now.sop_compliance} before={then.sop_compliance} against={against} /> : t('figure.n', { n: count(now.sop_calls) })}
      />
      <StatCard
        label={t('metric.emergency')} value={<Interval count={now.emergency_calls} n={now.calls} />}
        note={now.calls > 0 && then.calls > 0 ? <PointsChange now={now.emergency_rate} before={then.emergency_rate} against={against} /> : t('figure.ofCalls', { part: count(now.emergency_calls), n: count(now.calls) })}
      />
      <StatCard label={t('figure.open')} value={count(open)} note={<Link to="/escalations" search={{ status: 'open' }}>{t('nav.escalations')}</Link>} />
    </div>
  );
}

/** What failed is not waited for. */
function Waiting({ range, calls }: { range: Range; calls: number }) {
  const pending = useQuery(callCount({ ...range, status: 'pending' }));
  const halfway = useQuery(callCount({ ...range, status: 'transcribed' }));
  if (pending.data === undefined || halfway.data === undefined) return null;
  return <Partial analysed={calls - pending.data.count - halfway.data.count} total={calls} />;
}

function Demonstration({ calls }: { calls: number }) {
  const { t } = useTranslation();
  return (
    <div className="hs-notice hs-small" style={{ flexWrap: 'nowrap' }}>
      <FlaskConical size={14} aria-hidden="true" style={{ flex: 'none' }} />
      <span>{t('demonstration.notice', { count: calls, n: count(calls) })} <code>hacksmart demo remove</code></span>
    </div>
  );
}
