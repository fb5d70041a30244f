import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { calls, indiaMap } from '@/api/queries';
import { DataTable } from '@/components/data-table';
import { Change, Interval, PointsChange, ScoreBar, StatCard } from '@/components/figures';
import { PageHead } from '@/components/page-head';
import { PeriodSwitch } from '@/components/period-switch';
import { EmptyState, Loaded, Partial, Skeleton } from '@/components/states';
import { useRange } from '@/components/tenant';
import { shortCode, stateKey } from '@/features/map/join';
import { count, score, signed } from '@/lib/format';
import { before, daysBetween } from '@/lib/period';
import { MissedPanel } from '@/features/rules/missed-panel';
import { PlaceCalls } from './place-calls';

const route = getRouteApi('/states/$code');

export function StatePage() {
  const { t } = useTranslation();
  const { code } = route.useParams();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const open = useNavigate();
  const range = useRange(search);
  const map = useQuery(indiaMap(range));
  const earlier = useQuery(indiaMap(before(range)));
  const isThis = (state: { state_code: string | null; state: string }): boolean => shortCode(state) === code || stateKey(state) === code;
  const here = map.data?.find(isThis);
  const then = earlier.data?.find(isThis);
  const list = useInfiniteQuery({ ...calls({ state: here?.state ?? '', ...range, sort: '-coaching_priority' }), enabled: here !== undefined });
  const against = t('figure.against', { count: daysBetween(range) });
  return (
    <>
      <PageHead title={here?.state ?? t('state.title', { code })} crumbs={[{ label: t('nav.map'), to: '/' }]} note={here === undefined ? ' ' : t(`risk.${here.risk_level}`)}>
        <PeriodSwitch choice={search} onChange={(change) => void navigate({ search: (old) => ({ ...old, ...change }) })} />
      </PageHead>
      <Loaded query={map} loading={<Skeleton height={88} />}>
        {() => here === undefined ? <div className="hs-card"><EmptyState title={t('calls.none')}>{t('calls.noneHint')}</EmptyState></div> : (
          <>
            <Partial analysed={here.analyzed_calls} total={here.total_calls} />
            <div className="hs-stats">
              <StatCard label={t('figure.calls')} value={count(here.total_calls)} {...(then ? { note: <Change text={signed(here.total_calls - then.total_calls)} direction={here.total_calls - then.total_calls} against={against} /> } : {})} />
              <StatCard label={t('metric.sop')} value={here.analyzed_calls === 0 ? '–' : score(here.avg_sop_score)} note={then && then.analyzed_calls > 0 ? <PointsChange now={here.avg_sop_score} before={then.avg_sop_score} against={against} /> : t('figure.n', { n: count(here.analyzed_calls) })} />
              <StatCard label={t('metric.emergency')} value={<Interval count={here.emergencies} n={here.total_calls} />} note={t('figure.ofCalls', { part: count(here.emergencies), n: count(here.total_calls) })} />
              <StatCard label={t('map.issue')} value={<span style={{ fontSize: 16 }}>{here.top_issue}</span>} />
            </div>
            <div className="hs-stack">
              <section className="hs-card" aria-labelledby="hs-cities">
                <div className="hs-card-head"><h2 id="hs-cities">{t('map.cities')}</h2></div>
                <DataTable
                  caption={t('map.cities')} rows={here.cities} rowKey={(city) => String(city.id)} onOpen={(city) => void open({ to: '/cities/$id', params: { id: String(city.id) } })}
                  columns={[
                    { key: 'name', header: t('calls.city'), cell: (city) => <Link to="/cities/$id" params={{ id: String(city.id) }}>{city.name}</Link> },
                    { key: 'calls', header: t('figure.calls'), label: t('figure.calls'), num: true, cell: (city) => count(city.total_calls) },
                    { key: 'sop', header: t('metric.sop'), label: t('metric.sop'), cell: (city) => (city.risk_level === 'unknown' ? '–' : <ScoreBar value={city.sop_score} />) },
                    { key: 'risk', header: t('map.risk'), cell: (city) => t(`risk.${city.risk_level}`) },
                  ]}
                />
              </section>
              <MissedPanel whose={{ state: here.state }} range={range} choice={search} />
              <PlaceCalls list={list} link={{ state: here.state }} without={[]} />
            </div>
          </>
        )}
      </Loaded>
    </>
  );
}
