import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { Fragment, useEffect, useMemo, useRef, type KeyboardEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { indiaMap, summary, type MapState } from '@/api/queries';
import { Change, Interval, PointsChange } from '@/components/figures';
import { PageHead } from '@/components/page-head';
import { PeriodSwitch } from '@/components/period-switch';
import { Segments } from '@/components/segments';
import { NothingHeard } from '@/components/nothing-heard';
import { Loading, ProblemPanel } from '@/components/states';
import { useRange } from '@/components/tenant';
import { TrendPanel } from '@/components/trend-panel';
import { count, percent, score, signed } from '@/lib/format';
import { before, daysBetween } from '@/lib/period';
import { metrics, stepsOf, type Metric } from '@/lib/scales';
import { leastCalls } from '@/lib/statistics';
import { Headline } from './headline';
import { IndiaMap } from './india-map';
import { stateKey } from './join';
import { rankStates, type RankedState } from './ranking';
import './map.css';

const route = getRouteApi('/');

export function RiskMapPage() {
  const { t } = useTranslation();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const open = useNavigate();
  const range = useRange(search);
  const metric: Metric = search.metric ?? 'sop';
  const now = useQuery(indiaMap(range));
  const then = useQuery(indiaMap(before(range)));
  const ranked = useMemo(() => rankStates(metric, now.data ?? []), [metric, now.data]);
  const push = (change: Partial<typeof search>): void => void navigate({ search: (old) => ({ ...old, ...change }), resetScroll: false });
  const select = (sel: string | undefined): void => push({ sel });
  const openState = (key: string): void => void open({ to: '/states/$code', params: { code: key }, search: { period: search.period, from: search.from, to: search.to } });
  const describe = (each: RankedState): string =>
    [each.state.state, each.rank === undefined ? t('map.unranked') : t('map.rankOf', { rank: each.rank }), each.n === 0 ? '' : `${t(`metric.${metric}`)} ${shown(metric, each)}`, t('figure.callCount', { count: each.state.total_calls, n: count(each.state.total_calls) })].filter(Boolean).join(', ');
  return (
    <>
      <PageHead title={t('map.title')} note={t('map.note', { metric: t(`metric.${metric}`), count: daysBetween(range) })}>
        <Segments label={t('map.metric')} value={metric} onChange={(value) => push({ metric: value === 'sop' ? undefined : value })} options={metrics.map((value) => ({ value, label: t(`metric.${value}`) }))} />
        <PeriodSwitch choice={search} onChange={push} />
      </PageHead>
      {now.isError && now.data === undefined ? <div className="hs-card"><ProblemPanel error={now.error} onRetry={() => void now.refetch()} /></div> : (
        <>
          <Headline range={range} />
          <Segments className="hs-map-tabs" label={t('map.view')} value={search.view ?? 'list'} onChange={(view) => push({ view: view === 'list' ? undefined : view })} options={[{ value: 'list', label: t('map.list') }, { value: 'map', label: t('map.map') }]} />
          <div className="hs-grid-2 hs-risk" data-view={search.view ?? 'list'}>
            <section className="hs-card hs-risk-map" aria-label={t('map.map')}>
              <IndiaMap ranked={ranked} metric={metric} selected={search.sel} onSelect={select} onOpen={openState} describe={describe} />
              <Legend metric={metric} ranked={ranked} />
              <p className="hs-attribution">{t('map.attribution')} {t('map.indicative')}</p>
            </section>
            <section className="hs-card hs-risk-list" aria-label={t('map.list')}>
              {now.data === undefined ? <Loading rows={10} />
              : ranked.every((each) => each.state.total_calls === 0) ? <NothingHeard />
              : <RankTable ranked={ranked} earlier={then.data ?? []} metric={metric} selected={search.sel} onSelect={select} onOpen={openState} range={range} />}
            </section>
            <div className="hs-risk-trend"><TrendPanel metric={metric} range={range} /></div>
          </div>
        </>
      )}
    </>
  );
}

function shown(metric: Metric, each: RankedState): string {
  return metric === 'sop' ? score(each.value) : metric === 'volume' ? count(each.value) : percent(each.value);
}

function Legend({ metric, ranked }: { metric: Metric; ranked: readonly RankedState[] }) {
  const { t } = useTranslation();
  const text = (value: number): string => (metric === 'volume' ? count(value) : `${Math.round(value * 100)}`);
  const unit = metric === 'volume' ? '' : ' %';
  const few = metric === 'volume' ? 0 : ranked.filter((each) => each.rank === undefined && each.n > 0).length;
  const none = ranked.filter((each) => each.n === 0).length;
  return (
    <ul className="hs-legend" aria-label={t('map.legend')}>
      {stepsOf(metric).map(({ step, from, to }) => (
        <li key={step}>
          <i data-step={step} aria-hidden="true" />
          {from === undefined ? t('map.under', { value: text(to!) + unit }) : to === undefined ? t('map.over', { value: text(from) + unit }) : `${text(from)}–${text(to)}${unit}`}
          {' '}({ranked.filter((each) => each.step === step && each.rank !== undefined).length})
        </li>
      ))}
      {few > 0 && <li><i data-few="" aria-hidden="true" />{t('map.few', { least: leastCalls })} ({few})</li>}
      <li><i data-step="none" aria-hidden="true" />{t('map.noCalls')} ({none})</li>
    </ul>
  );
}

interface TableProps {
  ranked: readonly RankedState[];
  earlier: readonly MapState[];
  metric: Metric;
  selected: string | undefined;
  onSelect: (key: string | undefined) => void;
  onOpen: (key: string) => void;
  range: { from: string; to: string };
}

/** One tab stop; arrows, Home and End move, Space selects, Enter opens the state. A click shows its cities. */
function RankTable({ ranked, earlier, metric, selected, onSelect, onOpen, range }: TableProps) {
  const { t } = useTranslation();
  const body = useRef<HTMLTableElement>(null);
  const total = useQuery(summary(range));
  const then = useMemo(() => new Map(earlier.map((state) => [stateKey(state), state])), [earlier]);
  const placed = ranked.reduce((sum, each) => sum + each.state.total_calls, 0);
  const elsewhere = total.data === undefined ? 0 : total.data.current.calls - placed;
  const active = Math.max(0, ranked.findIndex((each) => each.key === selected));
  useEffect(() => {
    if (selected !== undefined) body.current?.querySelector(`[data-key="${CSS.escape(selected)}"]`)?.scrollIntoView({ block: 'nearest' });
  }, [selected]);
  const rows = (): HTMLElement[] => [...(body.current?.querySelectorAll<HTMLElement>('.hs-rank-row') ?? [])];
  const keys = (index: number, key: string) => (event: KeyboardEvent): void => {
    if (event.target !== event.currentTarget) return;
    const to = { ArrowDown: index + 1, ArrowUp: index - 1, Home: 0, End: ranked.length - 1 }[event.key];
    if (to !== undefined) rows()[Math.min(Math.max(0, to), ranked.length - 1)]?.focus();
    else if (event.key === ' ') onSelect(selected === key ? undefined : key);
    else if (event.key === 'Enter') onOpen(key);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const columns = 6;
  const firstFew = ranked.findIndex((each) => each.rank === undefined);
  return (
    <div className="hs-table-wrap">
      <table ref={body} className="hs-table hs-rank-table" role="grid">
        <caption>{t('map.caption')}</caption>
        <thead>
          <tr>
            <th scope="col" className="num">{t('map.rank')}</th>
            <th scope="col">{t('calls.state')}</th>
            <th scope="col" className="num">{t(`metric.${metric}`)}</th>
            <th scope="col" className="num opt">{t('map.change')}</th>
            <th scope="col" className="num">{t('figure.calls')}</th>
            <th scope="col" className="opt">{t('map.issue')}</th>
          </tr>
        </thead>
        <tbody>
          {ranked.map((each, index) => (
            <Fragment key={each.key}>
              {index === firstFew && <tr className="hs-rank-sep"><th colSpan={columns} scope="colgroup">{t('map.tooFew', { least: leastCalls })}</th></tr>}
              <tr
                className="hs-rank-row" data-key={each.key} data-selected={each.key === selected} aria-selected={each.key === selected} tabIndex={index === active ? 0 : -1}
                onKeyDown={keys(index, each.key)} onClick={(event) => { if ((event.target as Element).closest('a') === null) onSelect(each.key === selected ? undefined : each.key); }} onDoubleClick={() => onOpen(each.key)}
              >
                <td className="num hs-muted">{each.rank ?? ''}</td>
                <td><span className="hs-dot" data-step={each.step ?? 'none'} aria-hidden="true" /><Link to="/states/$code" params={{ code: each.key }} tabIndex={-1}><strong>{each.state.state}</strong></Link></td>
                <td className="num"><StateValue metric={metric} each={each} /></td>
                <td className="num opt"><StateChange metric={metric} each={each} before={then.get(each.key)} /></td>
                <td className="num">{count(each.state.total_calls)}</td>
                <td className="opt">{each.state.total_calls === 0 ? '–' : each.state.top_issue}</td>
              </tr>
              {each.key === selected && <tr className="hs-city-row"><td colSpan={columns}><CityList state={each.state} /></td></tr>}
            </Fragment>
          ))}
          {elsewhere > 0 && <tr><td /><td colSpan={columns - 1} className="hs-muted">{t('map.noState', { count: elsewhere, n: count(elsewhere) })}</td></tr>}
        </tbody>
      </table>
    </div>
  );
}

function StateValue({ metric, each }: { metric: Metric; each: RankedState }) {
  if (each.n === 0) return <span className="hs-muted">–</span>;
  if (metric === 'emergency') return <Interval count={each.state.emergencies} n={each.state.total_calls} />;
  return <strong>{shown(metric, each)}</strong>;
}

function StateChange({ metric, each, before: then }: { metric: Metric; each: RankedState; before: MapState | undefined }) {
  const { t } = useTranslation();
  if (then === undefined || each.n === 0) return <span className="hs-muted">–</span>;
  if (metric === 'volume') return <Change text={signed(each.state.total_calls - then.total_calls)} direction={each.state.total_calls - then.total_calls} />;
  if (metric === 'sop') return then.analyzed_calls === 0 ? <span className="hs-muted">–</span> : <PointsChange now={each.state.avg_sop_score} before={then.avg_sop_score} />;
  if (then.total_calls === 0) return <span className="hs-muted">{t('map.new')}</span>;
  return <PointsChange now={each.value} before={then.emergencies / then.total_calls} />;
}

function CityList({ state }: { state: MapState }) {
  const { t } = useTranslation();
  return (
    <ul className="hs-plain-list hs-city-list" aria-label={t('map.citiesOf', { state: state.state })}>
      {state.cities.map((city) => (
        <li key={city.id}>
          <Link to="/cities/$id" params={{ id: String(city.id) }}>{city.name}</Link>{' '}
          <span className="hs-muted hs-num">{city.risk_level === 'unknown' ? '–' : score(city.sop_score)} · {t('figure.callCount', { count: city.total_calls, n: count(city.total_calls) })}{city.lat === null ? ` · ${t('map.noPoint')}` : ''}</span>
        </li>
      ))}
    </ul>
  );
}
