import { Button } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { searchTurns } from '@/api/queries';
import { PageHead } from '@/components/page-head';
import { PeriodSwitch } from '@/components/period-switch';
import { Segments } from '@/components/segments';
import { EmptyState, Loading, ProblemPanel } from '@/components/states';
import { useRange, useZone } from '@/components/tenant';
import { withChips } from '@/features/call/redacted';
import { clock, dateTime } from '@/lib/format';
import { linkTo, pieces, type FoundCall, type FoundTurn } from './search-model';
import './search.css';

const route = getRouteApi('/search');

/** Where words were said: calls, newest first, with their turns; each opens the call at that second. */
export function SearchPage() {
  const { t } = useTranslation();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const range = useRange(search);
  const { q, period: _period, from: _from, to: _to, ...rest } = search;
  const list = useInfiniteQuery({ ...searchTurns({ ...rest, ...range, q: q ?? '' }), enabled: q !== undefined });
  const rows = list.data?.pages.flatMap((page) => page.data) ?? [];
  const push = (change: Partial<typeof search>): void => void navigate({ search: (old) => ({ ...old, ...change }) });
  return (
    <>
      <PageHead title={t('search.title')} note={t('search.note')}>
        <Segments
          label={t('transcript.speaker')} value={search.speaker ?? 'all'} onChange={(value) => push({ speaker: value === 'all' ? undefined : value })}
          options={(['all', 'agent', 'customer'] as const).map((value) => ({ value, label: t(`speaker.${value}`) }))}
        />
        <PeriodSwitch choice={search} onChange={push} />
      </PageHead>
      <Words />
      <div className="hs-card" aria-busy={list.isFetching}>
        {q === undefined ? <EmptyState title={t('search.start')}>{t('search.how')}</EmptyState>
        : list.isPending ? <Loading rows={6} />
        : list.isError && rows.length === 0 ? <ProblemPanel error={list.error} onRetry={() => void list.refetch()} />
        : rows.length === 0 ? <EmptyState title={t('search.none')}>{t('search.how')}</EmptyState>
        : <ol className="hs-plain-list" aria-label={t('search.results')}>{rows.map((call) => <Found key={call.call_id} call={call} q={q} />)}</ol>}
      </div>
      {list.hasNextPage && (
        <div className="hs-row hs-more"><Button variant="default" size="sm" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>{t('common.more')}</Button></div>
      )}
    </>
  );
}

/** Typing replaces the entry of the history, so that Back leaves the page and not a letter. */
function Words() {
  const { t } = useTranslation();
  const { q } = route.useSearch();
  const navigate = route.useNavigate();
  const [text, setText] = useState(q ?? '');
  useEffect(() => setText(q ?? ''), [q]);
  useEffect(() => {
    const wanted = text.trim() === '' ? undefined : text.trim();
    if (wanted === q) return;
    const timer = setTimeout(() => void navigate({ search: (old) => ({ ...old, q: wanted }), replace: true }), 300);
    return () => clearTimeout(timer);
  }, [text, q, navigate]);
  return (
    <div className="hs-filter">
      <input type="search" className="hs-input hs-words" maxLength={200} value={text} placeholder={t('search.words')} aria-label={t('search.words')} onChange={(event) => setText(event.target.value)} />
    </div>
  );
}

function Found({ call, q }: { call: FoundCall; q: string }) {
  const { t } = useTranslation();
  const zone = useZone();
  const params = { id: call.call_id };
  return (
    <li className="hs-found">
      <p className="hs-small hs-muted">
        <Link to="/calls/$id" params={params} search={{ find: q }}>{dateTime(call.call_timestamp, zone)}</Link> · {[call.agent.name, call.city.name, call.primary_issue_category].filter(Boolean).join(' · ')}
      </p>
      {call.turns.length === 0 ? <p className="hs-muted">{t('search.across')}</p> : (
        <ul className="hs-plain-list">{call.turns.map((turn) => <Turn key={turn.turn} turn={turn} params={params} />)}</ul>
      )}
    </li>
  );
}

function Turn({ turn, params }: { turn: FoundTurn; params: { id: string } }) {
  const { t } = useTranslation();
  return (
    <li>
      <Link to="/calls/$id" params={params} search={linkTo(turn)} className="hs-found-turn">
        <span className="hs-found-when hs-num" data-speaker={turn.speaker}>{t(`speaker.${turn.speaker}`)} {clock(turn.start_time)}</span>
        <span>{pieces(turn).map((piece, i) => (piece.found ? <mark key={i}>{withChips(piece.text)}</mark> : <span key={i}>{withChips(piece.text)}</span>))}</span>
      </Link>
    </li>
  );
}
