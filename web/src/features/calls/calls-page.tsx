import { Button, Menu as Popup } from '@mantine/core';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useServerEvents } from '@/api/live';
import { calls, configAgents, configCities, configIssues, type CallFilters } from '@/api/queries';
import { ChoiceFilters } from '@/components/choice-filters';
import { FilterChip } from '@/components/filter-chip';
import { PageHead } from '@/components/page-head';
import { PeriodSwitch } from '@/components/period-switch';
import { EmptyState, FirstRun, Loading, ProblemPanel } from '@/components/states';
import { useRange } from '@/components/tenant';
import { count, words } from '@/lib/format';
import { keepChoice, readChoice } from '@/lib/storage';
import { useKeys } from '@/lib/keys';
import { statuses } from '@/routes/calls';
import { CallTable, hideable } from './call-table';

const route = getRouteApi('/calls');
type Search = ReturnType<typeof route.useSearch>;

function useFilters(search: Search): CallFilters {
  const range = useRange(search);
  const { period: _period, from: _from, to: _to, sort, ...rest } = search;
  return { ...rest, ...range, ...(sort === undefined ? {} : { sort }) };
}

export function CallsPage() {
  const { t } = useTranslation();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const filters = useFilters(search);
  const list = useInfiniteQuery(calls(filters));
  const push = (change: Partial<Search>): void => void navigate({ search: (old) => ({ ...old, ...change }) });
  const rows = list.data?.pages.flatMap((page) => page.data) ?? [];
  const first = list.data?.pages[0];
  const total = first?.count === undefined ? undefined : `${count(first.count)}${first.count_exact === false ? '+' : ''}`;
  const [hidden, setHidden] = useState<readonly string[]>(() => (readChoice('calls.hidden') ?? '').split(',').filter((key) => hideable.some((each) => each === key)));
  const hide = (keys: readonly string[]): void => { setHidden(keys); keepChoice('calls.hidden', keys.join()); };
  useKeys({ f: () => document.querySelector<HTMLElement>('#hs-call-words')?.focus() });
  return (
    <>
      <PageHead title={t('calls.title')} note={total === undefined ? ' ' : t('calls.found', { total })}>
        <Columns hidden={hidden} onHide={hide} />
        <PeriodSwitch choice={search} onChange={push} />
      </PageHead>
      <CallFilterBar search={search} push={push} />
      <NewCalls key={JSON.stringify(filters)} onShow={() => void list.refetch()} />
      <div className="hs-card">
        {list.isPending ? <Loading rows={12} />
        : list.isError && rows.length === 0 ? <ProblemPanel error={list.error} onRetry={() => void list.refetch()} />
        : rows.length === 0 ? <NoCalls search={search} clear={() => void navigate({ search: {} })} />
        : <CallTable rows={rows} without={hidden} link={{ find: search.q, rule: search.rule }} sort={search.sort ?? '-call_timestamp'} onSort={(sort) => push({ sort: sort as Search['sort'] })} />}
      </div>
      {list.hasNextPage && (
        <div className="hs-row" style={{ justifyContent: 'center', marginTop: 12 }}>
          <Button variant="default" size="sm" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>{t('common.more')}</Button>
        </div>
      )}
    </>
  );
}

/** Which columns are shown, kept in this browser. */
function Columns({ hidden, onHide }: { hidden: readonly string[]; onHide: (keys: readonly string[]) => void }) {
  const { t } = useTranslation();
  return (
    <Popup position="bottom-end" withinPortal closeOnItemClick={false}>
      <Popup.Target><Button size="xs" variant="default" className="hs-not-phone">{t('calls.columns')}</Button></Popup.Target>
      <Popup.Dropdown>
        {hideable.map((key) => (
          <Popup.Item key={key} role="menuitemcheckbox" aria-checked={!hidden.includes(key)} onClick={() => onHide(hidden.includes(key) ? hidden.filter((each) => each !== key) : [...hidden, key])}>
            {t(`calls.${key}`)}{hidden.includes(key) ? '' : ' ✓'}
          </Popup.Item>
        ))}
      </Popup.Dropdown>
    </Popup>
  );
}

/** New calls never move a row under the pointer: they wait behind this bar. */
function NewCalls({ onShow }: { onShow: () => void }) {
  const { t } = useTranslation();
  const [fresh, setFresh] = useState<ReadonlySet<string>>(new Set());
  useServerEvents((event) => {
    if ((event.type === 'call.ingested' || event.type === 'call.analyzed') && event.call_id) setFresh((old) => new Set(old).add(event.call_id!));
  });
  if (fresh.size === 0) return null;
  return (
    <div className="hs-notice" role="status">
      {t('calls.new', { count: fresh.size })}
      <button type="button" className="hs-quiet-button" onClick={() => { setFresh(new Set()); onShow(); }}>{t('common.show')}</button>
    </div>
  );
}

function NoCalls({ search, clear }: { search: Search; clear: () => void }) {
  const { t } = useTranslation();
  // Whether there was ever a call is asked only here.
  const any = useInfiniteQuery(calls({}));
  const filtered = Object.keys(search).some((key) => key !== 'period' && key !== 'sort');
  if (any.data?.pages[0]?.data.length === 0) return <FirstRun />;
  return (
    <EmptyState title={filtered ? t('calls.noneFiltered') : t('calls.none')} actions={<Button size="xs" variant="default" onClick={clear}>{t('filter.clear')}</Button>}>
      {t('calls.noneHint')}
    </EmptyState>
  );
}

function CallFilterBar({ search, push }: { search: Search; push: (change: Partial<Search>) => void }) {
  const { t } = useTranslation();
  const navigate = route.useNavigate();
  const agents = useQuery(configAgents());
  const cities = useQuery(configCities());
  const issues = useQuery(configIssues());
  const [text, setText] = useState(search.q ?? '');
  useEffect(() => setText(search.q ?? ''), [search.q]);
  useEffect(() => {
    const wanted = text.trim() === '' ? undefined : text.trim();
    if (wanted === search.q) return;
    // Typing replaces the entry, so that Back leaves the page and not a letter.
    const timer = setTimeout(() => void navigate({ search: (old) => ({ ...old, q: wanted }), replace: true }), 300);
    return () => clearTimeout(timer);
  }, [text, search.q, navigate]);
  const states = [...new Set((cities.data ?? []).flatMap((city) => (city.state === null ? [] : [city.state])))].sort();
  const choices = [
    { key: 'agent_id', label: t('calls.agent'), value: search.agent_id, options: (agents.data ?? []).map((agent) => ({ value: agent.id, label: agent.name })) },
    { key: 'state', label: t('calls.state'), value: search.state, options: states.map((state) => ({ value: state, label: state })) },
    { key: 'city_id', label: t('calls.city'), value: search.city_id?.toString(), options: (cities.data ?? []).map((city) => ({ value: String(city.id), label: city.name })) },
    { key: 'issue', label: t('calls.issue'), value: search.issue, options: (issues.data ?? []).map((issue) => ({ value: issue.name, label: issue.name })) },
    { key: 'status', label: t('calls.status'), value: search.status, options: statuses.map((status) => ({ value: status, label: t(`status.${status}`) })) },
    { key: 'flagged', label: t('call.escalation'), value: search.flagged?.toString(), options: [{ value: 'true', label: t('common.yes') }, { value: 'false', label: t('common.no') }] },
    { key: 'reviewed', label: t('calls.reviewed'), value: search.reviewed?.toString(), options: [{ value: 'true', label: t('common.yes') }, { value: 'false', label: t('common.no') }] },
    { key: 'max_score', label: t('calls.quality'), value: search.max_score?.toString(), options: ['0.5', '0.6', '0.7', '0.8'].map((value) => ({ value, label: t('calls.below', { value: Math.round(Number(value) * 100) }) })) },
  ];
  const set = (key: string, value: string): void => {
    const typed = value === '' ? undefined : key === 'city_id' || key === 'max_score' ? Number(value) : key === 'flagged' || key === 'reviewed' ? value === 'true' : value;
    push({ [key]: typed } as Partial<Search>);
  };
  return (
    <search className="hs-filter">
      <input id="hs-call-words" className="hs-input" type="search" value={text} placeholder={t('calls.words')} aria-label={t('calls.words')} onChange={(event) => setText(event.target.value)} />
      <ChoiceFilters choices={choices} onChange={set}>
        {search.rule !== undefined && <FilterChip label={`${t('calls.rule')}: ${words(search.rule)}`} onRemove={() => push({ rule: undefined })} />}
      </ChoiceFilters>
    </search>
  );
}
