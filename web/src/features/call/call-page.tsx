import { Button, Menu as Popup } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Copy, Flag, History as HistoryIcon, RotateCcw } from 'lucide-react';
import { lazy, Suspense, useCallback, useEffect, useMemo, useRef, useState, type RefObject } from 'react';
import { useTranslation } from 'react-i18next';
import { api, done } from '@/api/client';
import { isMissing } from '@/api/problem';
import { call as callQuery, evaluation, evaluations, transcript as transcriptQuery, type CallDetail, type Evidence, type JudgedCall, type Transcript } from '@/api/queries';
import { PageHead } from '@/components/page-head';
import { Segments } from '@/components/segments';
import { EmptyState, Loading, ProblemPanel, Skeleton } from '@/components/states';
import { useZone } from '@/components/tenant';
import { tell, tellProblem } from '@/components/toasts';
import { clock, dateTime, words } from '@/lib/format';
import { useKeys } from '@/lib/keys';
import { findingOf, isJudged, marksByTurn, type EvidenceMark, type Finding } from './call-model';
import { Checklist } from './checklist';
import { Compare } from './compare';
import { Playback, usePlayback } from './playback';
import { Player, playerKeys } from './player';
import { tidy } from './redacted';
import { History, Review } from './review';
import { SentimentStrip } from './sentiment-strip';
import { Summary } from './summary';
import { scrollToTurn, TranscriptPanel } from './transcript';
import './call.css';

const ReviewBar = lazy(() => import('@/features/reviews/review-bar'));
const route = getRouteApi('/calls/$id');
/** A quote is heard with a little of what comes before it. */
const leadIn = 1;

export function CallPage() {
  const { id } = route.useParams();
  const found = useQuery(callQuery(id));
  const { t } = useTranslation();
  if (found.data !== undefined) return <CallView key={id} id={id} call={found.data} />;
  if (found.isError) {
    return (
      <>
        <PageHead title={isMissing(found.error, 'call.not_found') ? t('call.gone') : t('call.title')} crumbs={[{ label: t('nav.calls'), to: '/calls' }]} />
        <ProblemPanel error={found.error} onRetry={() => void found.refetch()} />
      </>
    );
  }
  return (
    <>
      <PageHead title={t('call.title')} crumbs={[{ label: t('nav.calls'), to: '/calls' }]} />
      <div className="hs-card" style={{ padding: 16, marginBottom: 16 }}><Skeleton height={96} /></div>
      <div className="hs-call-columns"><Loading rows={8} height={64} /><Loading rows={8} height={64} /></div>
    </>
  );
}

function CallView({ id, call }: { id: string; call: CallDetail }) {
  const { t } = useTranslation();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const spoken = useQuery({ ...transcriptQuery(id), enabled: call.processing_status !== 'pending' });
  const older = useQuery({ ...evaluation(id, search.ev ?? ''), enabled: search.ev !== undefined && search.ev !== call.evaluation_id });
  const judged = useMemo(() => (older.data ? ({ ...call, ...older.data } as unknown as JudgedCall) : isJudged(call) ? call : undefined), [call, older.data]);
  const duration = (call.media?.duration_ms ?? call.duration_seconds * 1000) / 1000;
  const [playback] = useState(() => new Playback(duration));
  playback.duration = duration;
  const findings = useMemo(() => (judged?.answers ?? []).map(findingOf), [judged]);
  const marks = useMemo(() => (spoken.data ? marksByTurn(spoken.data, findings) : new Map<number, EvidenceMark[]>()), [spoken.data, findings]);
  const [said, say] = useState('');
  const page = useRef<HTMLDivElement>(null);
  const turnList = useCallback(() => page.current?.querySelector<HTMLElement>('.hs-turns') ?? null, []);

  const go = useCallback(
    (change: Partial<typeof search>) => void navigate({ search: (old) => ({ ...old, ...change }), replace: true, resetScroll: false }),
    [navigate],
  );
  const show = useCallback((finding: Finding, seconds: number, turn: number | undefined): void => {
    playback.seek(Math.max(0, seconds - leadIn));
    void playback.play();
    go({ t: Math.round(seconds * 1000), rule: finding.answer.question_id });
    scrollToTurn(turnList(), turn);
    say(`${t(`verdict.${finding.verdict}`)}: ${finding.answer.title}, ${clock(seconds)}`);
  }, [go, playback, t, turnList]);
  const onEvidence = useCallback((finding: Finding, evidence: Evidence) => show(finding, evidence.start_time, evidence.turn), [show]);
  const onFinding = useCallback((finding: Finding) => {
    const first = finding.answer.evidence[0];
    if (first) onEvidence(finding, first);
    page.current?.querySelector(`[data-rule="${CSS.escape(finding.answer.question_id)}"]`)?.scrollIntoView({ block: 'nearest' });
  }, [onEvidence]);
  const onMark = useCallback((mark: EvidenceMark) => {
    const finding = findings.find((each) => each.answer.question_id === mark.rule);
    if (finding) onEvidence(finding, mark.evidence);
  }, [findings, onEvidence]);

  useOpenedAt(playback, search.t ?? askedAt(findings, search.rule), spoken.data, turnList);
  usePositionInUrl(playback, go);
  useCallKeys(playback, findings, onFinding, page);

  const silent = call.processing_status === 'pending' || call.media === null || call.media.playback === false;
  const seekTo = (seconds: number, turn: number): void => {
    playback.seek(seconds);
    void playback.play();
    scrollToTurn(turnList(), turn);
  };
  return (
    <div ref={page} className="hs-call" data-view={search.view ?? 'checklist'}>
      <CallHead id={id} call={call} judged={judged} evaluationId={search.ev} onEvaluation={(ev) => go({ ev })} onAgainst={(against) => go({ against })} onHear={seekTo} />
      {search.queue === 'review' && <Suspense fallback={null}><ReviewBar callId={id} choice={search} /></Suspense>}
      <Stages call={call} />
      <PlayerPlace>
        <Player callId={id} playback={playback} transcript={spoken.data} findings={findings} selected={search.rule} onFinding={onFinding} silent={silent} />
      </PlayerPlace>
      <Segments
        className="hs-call-tabs" label={t('call.parts')} value={search.view ?? 'checklist'} onChange={(view) => go({ view: view === 'checklist' ? undefined : view })}
        options={(['checklist', 'transcript', 'more'] as const).map((value) => ({ value, label: t(`call.${value}`) }))}
      />
      <p className="hs-visually-hidden" role="status">{said}</p>
      <div className="hs-call-columns">
        <div className="hs-call-transcript">
          {spoken.data !== undefined ? (
            <TranscriptPanel transcript={spoken.data} marks={marks} playback={playback} selected={search.rule} find={search.find} onFind={(find) => go({ find })} onMark={onMark} />
          ) : (
            <TranscriptMissing call={call} error={spoken.error} loading={spoken.isFetching} onRetry={() => void spoken.refetch()} />
          )}
        </div>
        <div className="hs-stack">
          <div className="hs-call-checklist hs-stack">
            {judged && search.against !== undefined && <Compare callId={id} call={judged} against={search.against} onClose={() => go({ against: undefined })} onFinding={onFinding} />}
            {judged ? (
              <Checklist call={judged} findings={findings} selected={search.rule} order={search.order ?? 'worst'} onOrder={(order) => go({ order: order === 'worst' ? undefined : order })} onEvidence={onEvidence} onSearched={(finding) => show(finding, finding.answer.searched!.start_time, finding.answer.searched!.turn_from)} />
            ) : (
              <div className="hs-card"><EmptyState title={t('call.notJudged')}>{t(`call.notJudged_${call.processing_status}`)}</EmptyState></div>
            )}
          </div>
          <div className="hs-call-more hs-stack">
            {judged && (
              <section className="hs-card" aria-labelledby="hs-sentiment-title">
                <div className="hs-card-head"><h2 id="hs-sentiment-title">{t('sentiment.title')}</h2></div>
                <SentimentStrip points={judged.sentiment_trajectory} direction={judged.sentiment_direction} transcript={spoken.data} duration={duration} onSeek={seekTo} />
              </section>
            )}
            {judged && <Summary call={judged} />}
            <Review callId={id} call={judged} />
            <History callId={id} />
          </div>
        </div>
      </div>
    </div>
  );
}

/** Tells the transcript how high the sticky player is. */
function PlayerPlace({ children }: { children: React.ReactNode }) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const size = new ResizeObserver(([entry]) => document.documentElement.style.setProperty('--hs-player-height', `${Math.round(entry!.contentRect.height)}px`));
    size.observe(box.current!);
    return () => size.disconnect();
  }, []);
  return <div ref={box} className="hs-call-player">{children}</div>;
}

/** A link with a question alone means the words that decided it. */
function askedAt(findings: readonly Finding[], rule: string | undefined): number | undefined {
  const seconds = rule === undefined ? undefined : findings.find((finding) => finding.answer.question_id === rule)?.at;
  return seconds === undefined ? undefined : Math.round(seconds * 1000);
}

/** A link with a time opens there, once; it never starts to play by itself. */
function useOpenedAt(playback: Playback, t: number | undefined, transcript: Transcript | undefined, list: () => HTMLElement | null): void {
  const opened = useRef(false);
  useEffect(() => {
    if (opened.current || transcript === undefined) return;
    opened.current = true;
    if (t === undefined) return;
    playback.seek(Math.max(0, t / 1000 - leadIn));
    const turn = transcript.turns.findLast((each) => each.start_ms <= t);
    requestAnimationFrame(() => scrollToTurn(list(), turn?.turn));
  }, [playback, t, transcript, list]);
}

/** The position is written when playing stops, not while it runs. */
function usePositionInUrl(playback: Playback, go: (change: { t: number }) => void): void {
  const playing = usePlayback(playback, (each) => each.playing);
  const played = useRef(false);
  useEffect(() => {
    if (playing) played.current = true;
    else if (played.current) {
      played.current = false;
      go({ t: Math.round(playback.time * 1000) });
    }
  }, [playing, playback, go]);
}

function useCallKeys(playback: Playback, findings: readonly Finding[], onFinding: (finding: Finding) => void, page: RefObject<HTMLElement | null>): void {
  const jump = (step: 1 | -1): void => {
    const missed = findings.filter((finding) => finding.verdict === 'missed' && finding.at !== undefined).sort((a, b) => a.at! - b.at!);
    const now = playback.time + leadIn;
    const next = step > 0 ? missed.find((finding) => finding.at! > now + 0.5) : missed.findLast((finding) => finding.at! < now - 0.5);
    if (next) onFinding(next);
  };
  const focus = (selector: string): void => page.current?.querySelector<HTMLElement>(selector)?.focus();
  useKeys({
    ...playerKeys(playback),
    n: () => jump(1),
    p: () => jump(-1),
    t: () => focus('#hs-transcript-title'),
    c: () => focus('#hs-checklist-title'),
  });
}

interface HeadProps {
  id: string;
  call: CallDetail;
  judged: JudgedCall | undefined;
  evaluationId: string | undefined;
  onEvaluation: (id: string | undefined) => void;
  onAgainst: (id: string) => void;
  onHear: (seconds: number, turn: number) => void;
}

function CallHead({ id, call, judged, evaluationId, onEvaluation, onAgainst, onHear }: HeadProps) {
  const { t } = useTranslation();
  const zone = useZone();
  const cue = judged?.escalation_cues[0]?.evidence;
  return (
    <PageHead
      name={t('call.named', { agent: call.agent.name })}
      crumbs={[{ label: t('nav.calls'), to: '/calls' }]}
      title={
        <>
          <span>
            {t('call.with')}{' '}
            {call.agent.agent_id === null ? call.agent.name : <Link to="/agents/$id" params={{ id: call.agent.agent_id }}>{call.agent.name}</Link>}{' '}
            <span className="hs-muted hs-call-role">({t('speaker.agent')})</span>
          </span>
          {judged?.escalation_risk && <span className="hs-chip" data-tone="alert"><Flag size={12} aria-hidden="true" />{t('call.escalation')}</span>}
          {call.demonstration && <span className="hs-chip" title={t('demonstration.hint')}>{t('demonstration.mark')}</span>}
          {call.media?.truncated && <span className="hs-chip" data-tone="alert">{t('call.truncated')}</span>}
          {judged?.transcript.low_confidence && <span className="hs-chip">{t('call.lowConfidence')}</span>}
          {judged?.provisional && <span className="hs-chip">{t('call.provisional')}</span>}
        </>
      }
      note={
        <>
          <span>
            {call.city.city_id === null ? call.city.name : <Link to="/cities/$id" params={{ id: String(call.city.city_id) }}>{call.city.name}</Link>}
            {' · '}{call.primary_issue_category} · {dateTime(call.call_timestamp, zone)} · {clock(call.duration_seconds)}
            <span className="hs-small hs-call-id"> · {id}</span>
            <button type="button" className="hs-quiet-button" aria-label={t('call.copyId')} title={t('call.copyId')} onClick={() => void navigator.clipboard?.writeText(id).then(() => tell(t('common.copied')))}><Copy size={13} aria-hidden="true" /></button>
          </span>
          {judged?.why_flagged && (
            <p className="hs-call-why">
              <span className="hs-missed-text">{tidy(judged.why_flagged)}</span>
              {cue && <button type="button" className="hs-quiet-button" onClick={() => onHear(Math.max(0, cue.start_time - leadIn), cue.turn)}>{t('call.hear')}</button>}
            </p>
          )}
        </>
      }
    >
      <HeadActions id={id} call={call} evaluationId={evaluationId} onEvaluation={onEvaluation} onAgainst={onAgainst} />
    </PageHead>
  );
}

function HeadActions({ id, call, evaluationId, onEvaluation, onAgainst }: Pick<HeadProps, 'id' | 'call' | 'evaluationId' | 'onEvaluation' | 'onAgainst'>) {
  const { t } = useTranslation();
  const zone = useZone();
  const client = useQueryClient();
  const past = useQuery({ ...evaluations(id), enabled: call.evaluation_id !== null });
  const again = useMutation({
    mutationFn: () => done(api.POST('/api/calls/{id}/process', { params: { path: { id }, query: { force: 'true' } } })),
    onSuccess: () => {
      tell(t('call.queued'));
      void client.invalidateQueries({ queryKey: ['call', id] });
    },
    onError: tellProblem,
  });
  return (
    <div className="hs-row hs-no-print">
      {(past.data?.length ?? 0) > 1 && (
        <Popup position="bottom-end" withinPortal>
          <Popup.Target>
            <Button size="xs" variant="default" leftSection={<HistoryIcon size={14} aria-hidden="true" />}>
              {evaluationId === undefined ? t('call.evaluations', { count: past.data!.length }) : t('call.olderEvaluation')}
            </Button>
          </Popup.Target>
          <Popup.Dropdown>
            {past.data!.map((each) => (
              <Popup.Item key={each.id} onClick={() => onEvaluation(each.current ? undefined : each.id)}>
                {dateTime(each.created_at, zone)} · {each.evaluator}{each.current ? ` · ${t('call.current')}` : ''}
              </Popup.Item>
            ))}
            <Popup.Divider />
            <Popup.Label>{t('compare.with')}</Popup.Label>
            {past.data!.filter((each) => each.id !== (evaluationId ?? call.evaluation_id)).map((each) => (
              <Popup.Item key={each.id} onClick={() => onAgainst(each.id)}>{dateTime(each.created_at, zone)} · {each.evaluator}</Popup.Item>
            ))}
          </Popup.Dropdown>
        </Popup>
      )}
      <Button size="xs" variant="default" leftSection={<RotateCcw size={14} aria-hidden="true" />} loading={again.isPending} onClick={() => again.mutate()}>{t('call.again')}</Button>
    </div>
  );
}

/** How far the analysis is, until it is done. Filled by events. */
function Stages({ call }: { call: CallDetail }) {
  const { t } = useTranslation();
  if (call.processing_status === 'analyzed') return null;
  if (call.processing_status === 'failed') {
    return (
      <div className="hs-notice" role="status">
        <strong className="hs-missed-text">{t('call.failed')}</strong>
        {call.failure_code !== null && <a href={`/problems/${call.failure_code}`}>{words(call.failure_code)}</a>}
      </div>
    );
  }
  const stages = ['stored', 'transcribed', 'judged'] as const;
  const at = call.processing_status === 'pending' ? 1 : 2;
  return (
    <ol className="hs-notice hs-stages" aria-label={t('call.progress')}>
      {stages.map((stage, i) => (
        <li key={stage} data-done={i < at} {...(i === at ? { 'aria-current': 'step' as const } : {})}>{i < at ? '✓ ' : i === at ? '… ' : ''}{t(`stage.${stage}`)}</li>
      ))}
    </ol>
  );
}

function TranscriptMissing({ call, error, loading, onRetry }: { call: CallDetail; error: unknown; loading: boolean; onRetry: () => void }) {
  const { t } = useTranslation();
  if (error && !isMissing(error, 'transcript.not_found')) return <div className="hs-card"><ProblemPanel error={error} onRetry={onRetry} /></div>;
  if (loading) return <div className="hs-card"><Loading rows={6} height={64} /></div>;
  return <div className="hs-card"><EmptyState title={t('transcript.none')}>{t(call.processing_status === 'failed' ? 'transcript.noneFailed' : 'transcript.noneYet')}</EmptyState></div>;
}
