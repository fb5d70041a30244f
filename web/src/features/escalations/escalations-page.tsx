import { Button } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { useInfiniteQuery, useMutation, useQuery, useQueryClient, type InfiniteData } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, body } from '@/api/client';
import { useServerEvents } from '@/api/live';
import { Problem } from '@/api/problem';
import { call as callQuery, escalations, transcript as transcriptQuery, type Escalation, type EscalationStatus } from '@/api/queries';
import { PageHead } from '@/components/page-head';
import { Segments } from '@/components/segments';
import { EmptyState, Loaded, Loading, ProblemPanel, Skeleton } from '@/components/states';
import { useZone } from '@/components/tenant';
import { tell, tellProblem } from '@/components/toasts';
import { isJudged } from '@/features/call/call-model';
import { Playback } from '@/features/call/playback';
import { Player } from '@/features/call/player';
import { tidy, withChips } from '@/features/call/redacted';
import { age, clock, dateTime } from '@/lib/format';
import { useKeys } from '@/lib/keys';
import { Alerts } from './alerts';
import './escalations.css';

const route = getRouteApi('/escalations');
/** Nobody took note of it for so long. */
const overdueAfter = 15 * 60_000;

export function EscalationsPage() {
  const { t } = useTranslation();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const list = useInfiniteQuery(escalations(search.status));
  const rows = useMemo(() => list.data?.pages.flatMap((page) => page.data) ?? [], [list.data]);
  const wide = useMediaQuery('(min-width: 900px)') ?? false;
  // Beside the list there is room for one at once; on a phone the list comes first.
  const selected = rows.find((row) => row.id === search.sel) ?? (wide ? rows[0] : undefined);
  useRowsKeptFresh(search.status);
  const select = (sel: string | undefined): void => void navigate({ search: (old) => ({ ...old, sel }), replace: true, resetScroll: false });
  const step = (by: 1 | -1) => (): void => {
    const at = rows.findIndex((row) => row.id === selected?.id);
    const next = rows[Math.min(Math.max(0, at + by), rows.length - 1)];
    if (next) select(next.id);
  };
  useKeys({ ArrowDown: step(1), j: step(1), ArrowUp: step(-1), k: step(-1) });
  return (
    <>
      <PageHead title={t('nav.escalations')} note={t('escalations.note')}>
        <Alerts />
        <Segments
          label={t('calls.status')} value={search.status ?? 'all'}
          onChange={(status) => void navigate({ search: { status: status === 'all' ? undefined : status } })}
          options={(['all', 'open', 'acknowledged', 'assigned', 'snoozed', 'resolved'] as const).map((value) => ({ value, label: t(`escalation.${value}`) }))}
        />
      </PageHead>
      <NewEscalations onShow={() => void list.refetch()} />
      {list.isPending ? <div className="hs-card"><Loading rows={6} height={72} /></div>
      : list.isError && rows.length === 0 ? <div className="hs-card"><ProblemPanel error={list.error} onRetry={() => void list.refetch()} /></div>
      : rows.length === 0 ? <div className="hs-card"><EmptyState title={t('escalations.none')}>{t('escalations.noneHint')}</EmptyState></div>
      : (
        <div className="hs-escalations" data-chosen={selected !== undefined}>
          <div className="hs-card hs-escalation-list">
            <ul className="hs-plain-list" aria-label={t('nav.escalations')}>
              {rows.map((row) => <EscalationRow key={row.id} row={row} on={row.id === selected?.id} onSelect={() => select(row.id)} />)}
            </ul>
            {list.hasNextPage && <div style={{ padding: 8 }}><Button variant="default" size="xs" fullWidth loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>{t('common.more')}</Button></div>}
          </div>
          {selected ? <EscalationPanel key={selected.id} escalation={selected} onNext={step(1)} onClose={() => select(undefined)} /> : <div className="hs-card hs-not-phone"><EmptyState title={t('escalations.choose')} /></div>}
        </div>
      )}
    </>
  );
}

/** What others did to rows shows in their place. The list is not read anew: no row moves under the pointer. */
function useRowsKeptFresh(status: EscalationStatus | undefined): void {
  const client = useQueryClient();
  useServerEvents((event) => {
    if (!event.type.startsWith('escalation.') || event.type === 'escalation.raised') return;
    void body(api.GET('/api/escalations', { params: { query: { limit: 200 } } })).then((reply) => {
      const fresh = new Map((reply.data as Escalation[]).map((row) => [row.id, row]));
      client.setQueryData<InfiniteData<{ data: Escalation[]; next_cursor: string | null }>>(escalations(status).queryKey, (old) =>
        old && { ...old, pages: old.pages.map((page) => ({ ...page, data: page.data.map((row) => fresh.get(row.id) ?? row) })) });
    }, () => undefined);
  });
}

/** New ones wait behind this bar; what is said aloud comes at most every 5 seconds. */
function NewEscalations({ onShow }: { onShow: () => void }) {
  const { t } = useTranslation();
  const [fresh, setFresh] = useState(0);
  const [said, say] = useState('');
  const last = useRef(0);
  const show = (): void => { setFresh(0); onShow(); };
  useKeys({ n: () => { if (fresh > 0) show(); } });
  useServerEvents((event) => {
    if (event.type !== 'escalation.raised') return;
    setFresh((old) => old + 1);
    if (Date.now() - last.current > 5000) {
      last.current = Date.now();
      say(t('escalations.raised'));
    }
  });
  return (
    <>
      <p className="hs-visually-hidden" role="status">{said}</p>
      {fresh > 0 && (
        <div className="hs-notice hs-new">
          {t('escalations.new', { count: fresh })}
          <button type="button" className="hs-quiet-button" onClick={show}>{t('common.show')} (N)</button>
        </div>
      )}
    </>
  );
}

function EscalationRow({ row, on, onSelect }: { row: Escalation; on: boolean; onSelect: () => void }) {
  const { t } = useTranslation();
  return (
    <li className="hs-escalation" data-on={on} data-id={row.id}>
      <button type="button" onClick={onSelect} aria-current={on}>
        <span className="hs-row" style={{ justifyContent: 'space-between' }}>
          <strong>{t(`escalation.${row.state}`)}{row.assigned_to ? `: ${row.assigned_to}` : ''}</strong>
          <Age since={row.created_at} open={row.state === 'open'} />
        </span>
        <span className="hs-escalation-reason">{tidy(row.reason)}</span>
        <span className="hs-small hs-muted">{row.agent.name} · {row.city.name}</span>
      </button>
    </li>
  );
}

/** Ticks by itself: the list is not drawn again. */
function Age({ since, open }: { since: string; open: boolean }) {
  const { t } = useTranslation();
  const text = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    const tick = (): void => {
      const late = open && Date.now() - Date.parse(since) > overdueAfter;
      if (text.current) text.current.textContent = `${late ? `${t('escalation.overdue')} · ` : ''}${age(since, Date.now())}`;
    };
    tick();
    const timer = setInterval(tick, 5000);
    return () => clearInterval(timer);
  }, [since, open, t]);
  return <span ref={text} className="hs-small hs-muted hs-num" />;
}

type Action = 'acknowledge' | 'assign' | 'snooze' | 'resolve';

function EscalationPanel({ escalation, onNext, onClose }: { escalation: Escalation; onNext: () => void; onClose: () => void }) {
  const { t } = useTranslation();
  const zone = useZone();
  const found = useQuery(callQuery(escalation.call_id));
  return (
    <section className="hs-card hs-escalation-panel" aria-labelledby="hs-escalation-title">
      <div className="hs-card-head">
        <div>
          <button type="button" className="hs-quiet-button hs-only-phone" onClick={onClose}>← {t('nav.escalations')}</button>
          <h2 id="hs-escalation-title">{tidy(escalation.reason)}</h2>
          <p className="hs-small hs-muted">{escalation.agent.name} · {escalation.city.name} · {dateTime(escalation.call_timestamp, zone)} · <Link to="/calls/$id" params={{ id: escalation.call_id }}>{t('escalations.openCall')}</Link></p>
        </div>
      </div>
      <div className="hs-card-body hs-stack">
        <Actions escalation={escalation} onNext={onNext} />
        {escalation.note !== null && <p><span className="hs-muted">{t('escalations.note_')}</span> {escalation.note} <span className="hs-small hs-muted">({escalation.changed_by})</span></p>}
        <Loaded query={found} loading={<Skeleton height={160} />}>
          {(call) => <Evidence call={call} id={escalation.call_id} />}
        </Loaded>
      </div>
    </section>
  );
}

/** The words that raised it, with what was said around them. */
function Evidence({ call, id }: { call: NonNullable<ReturnType<typeof useQuery<import('@/api/queries').CallDetail>>['data']>; id: string }) {
  const { t } = useTranslation();
  const spoken = useQuery(transcriptQuery(id));
  const duration = (call.media?.duration_ms ?? call.duration_seconds * 1000) / 1000;
  const [playback] = useState(() => new Playback(duration));
  const cues = isJudged(call) ? call.escalation_cues : [];
  const turn = cues[0]?.evidence.turn;
  const hear = (seconds: number): void => { playback.seek(Math.max(0, seconds - 1)); void playback.play(); };
  useKeys({
    h: () => {
      if (playback.playing) playback.pause();
      else hear(cues[0]?.evidence.start_time ?? 0);
    },
  });
  const around = (spoken.data?.turns ?? []).filter((each) => turn !== undefined && Math.abs(each.turn - turn) <= 2);
  return (
    <>
      <ul className="hs-plain-list hs-stack" style={{ gap: 4 }}>
        {cues.map((cue, i) => (
          <li key={i}>
            <strong>{cue.label}</strong>{' '}
            <button type="button" className="hs-quiet-button" onClick={() => hear(cue.evidence.start_time)}>“{tidy(cue.evidence.quote)}” {clock(cue.evidence.start_time)} · {t('call.hear')}{i === 0 ? ' (H)' : ''}</button>
          </li>
        ))}
      </ul>
      <Player callId={id} playback={playback} transcript={spoken.data} findings={[]} selected={undefined} onFinding={() => undefined} silent={call.media?.playback !== true} compact />
      {around.length > 0 && (
        <ol className="hs-turns" style={{ padding: 0 }}>
          {around.map((each) => (
            <li key={each.turn} className="hs-turn" data-role={each.role} data-now={each.turn === turn}>
              <div className="hs-turn-head"><span className="hs-turn-speaker">{t(`speaker.${each.role}`)}</span><span className="hs-small hs-muted hs-num">{clock(each.start_ms / 1000)}</span></div>
              <p lang={each.language}>{withChips(each.text)}</p>
            </li>
          ))}
        </ol>
      )}
    </>
  );
}

function Actions({ escalation, onNext }: { escalation: Escalation; onNext: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [asking, setAsking] = useState<Exclude<Action, 'acknowledge' | 'snooze'>>();
  const [text, setText] = useState('');
  const field = useRef<HTMLTextAreaElement & HTMLInputElement>(null);
  const id = { params: { path: { id: escalation.id } } };
  const act = useMutation({
    mutationFn: async (action: Action) => {
      if (action === 'acknowledge') return body(api.POST('/api/escalations/{id}/acknowledge', { ...id, body: {} }));
      if (action === 'assign') return body(api.POST('/api/escalations/{id}/assign', { ...id, body: { assigned_to: text.trim() } }));
      if (action === 'snooze') return body(api.POST('/api/escalations/{id}/snooze', { ...id, body: { minutes: 30 } }));
      return body(api.POST('/api/escalations/{id}/resolve', { ...id, body: { note: text.trim() } }));
    },
    onSuccess: (_reply, action) => {
      setAsking(undefined);
      setText('');
      tell(t(`escalations.did_${action}`));
      if (action === 'resolve') onNext();
    },
    // 409: somebody else was faster; the row shows who.
    onError: (error) => { if (error instanceof Problem && error.code === 'escalation.state') tell(error.detail); else tellProblem(error); },
    onSettled: () => void client.invalidateQueries({ queryKey: ['escalations'] }),
  });
  useEffect(() => { if (asking) field.current?.focus(); }, [asking]);
  const may = escalation.state !== 'resolved';
  const mayAcknowledge = escalation.state === 'open' || escalation.state === 'snoozed';
  useKeys({
    a: () => { if (mayAcknowledge) act.mutate('acknowledge'); },
    s: () => { if (may) setAsking('assign'); },
    z: () => { if (may) act.mutate('snooze'); },
    r: () => { if (may) setAsking('resolve'); },
  });
  if (!may) return <p className="hs-muted">{t('escalations.closed')}</p>;
  return (
    <div className="hs-stack" style={{ gap: 8 }}>
      <div className="hs-row">
        <Button size="xs" disabled={!mayAcknowledge} loading={act.isPending && act.variables === 'acknowledge'} onClick={() => act.mutate('acknowledge')}>{t('keys.acknowledge')} (A)</Button>
        <Button size="xs" variant="default" onClick={() => setAsking('assign')}>{t('keys.assign')} (S)</Button>
        <Button size="xs" variant="default" onClick={() => act.mutate('snooze')}>{t('keys.snooze')} (Z)</Button>
        <Button size="xs" variant="default" onClick={() => setAsking('resolve')}>{t('keys.resolve')} (R)</Button>
      </div>
      {asking && (
        <form className="hs-row" onSubmit={(event) => { event.preventDefault(); if (text.trim() !== '') act.mutate(asking); }} onKeyDown={(event) => { if (event.key === 'Escape') setAsking(undefined); if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && text.trim() !== '') act.mutate(asking); }}>
          <label className="hs-field" style={{ flex: 1 }}>
            <span>{asking === 'assign' ? t('escalations.assignTo') : t('escalations.resolveNote')}</span>
            {asking === 'assign' ? <input ref={field} className="hs-input" value={text} maxLength={150} onChange={(event) => setText(event.target.value)} /> : <textarea ref={field} className="hs-input" value={text} maxLength={2000} onChange={(event) => setText(event.target.value)} />}
          </label>
          <Button type="submit" size="xs" disabled={text.trim() === ''} loading={act.isPending}>{t('common.save')}</Button>
          <Button type="button" size="xs" variant="default" onClick={() => setAsking(undefined)}>{t('common.cancel')}</Button>
        </form>
      )}
    </div>
  );
}
