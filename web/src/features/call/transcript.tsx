import { ChevronDown, ChevronUp } from 'lucide-react';
import { memo, useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Transcript, Turn } from '@/api/queries';
import { Segments } from '@/components/segments';
import { clock } from '@/lib/format';
import { split, wordSpans, type Mark } from '@/lib/marks';
import { turnAt, type EvidenceMark } from './call-model';
import { usePlayback, type Playback } from './playback';
import { aroundRuns, withChips } from './redacted';
import './transcript.css';

interface Props {
  transcript: Transcript;
  marks: Map<number, EvidenceMark[]>;
  playback: Playback;
  selected: string | undefined;
  find: string | undefined;
  onFind: (text: string | undefined) => void;
  onMark: (mark: EvidenceMark) => void;
}

/** Places of a text in another, in code points, without regard to case. */
export function placesOf(text: string, wanted: string): Mark[] {
  const needle = Array.from(wanted.toLowerCase());
  const points = Array.from(text).map((point) => point.toLowerCase());
  const found: Mark[] = [];
  if (needle.length === 0) return found;
  for (let i = 0; i + needle.length <= points.length; i += 1) {
    if (needle.every((point, k) => points[i + k] === point)) {
      found.push({ from: i, to: i + needle.length, key: 'find' });
      i += needle.length - 1;
    }
  }
  return found;
}

type Speaker = 'all' | 'agent' | 'customer';

export function TranscriptPanel({ transcript, marks, playback, selected, find, onFind, onMark }: Props) {
  const { t } = useTranslation();
  const [speaker, setSpeaker] = useState<Speaker>('all');
  const [following, setFollowing] = useState(true);
  const [text, setText] = useState(find ?? '');
  const list = useRef<HTMLOListElement>(null);
  const hit = useRef(-1);
  const current = usePlayback(playback, (each) => turnAt(transcript.turns, each.time));
  const playing = usePlayback(playback, (each) => each.playing);

  useEffect(() => {
    const timer = setTimeout(() => { if (text !== (find ?? '')) onFind(text === '' ? undefined : text); }, 300);
    return () => clearTimeout(timer);
  }, [text, find, onFind]);
  useEffect(() => {
    if (!following || !playing) return;
    scrollToTurn(list.current, transcript.turns[current]?.turn);
  }, [current, following, playing, transcript]);
  // The reader's own scrolling ends the following; the page's never does, for it is no wheel and no touch.
  useEffect(() => {
    const stop = (): void => setFollowing(false);
    const box = list.current!;
    box.addEventListener('wheel', stop, { passive: true });
    box.addEventListener('touchmove', stop, { passive: true });
    return () => {
      box.removeEventListener('wheel', stop);
      box.removeEventListener('touchmove', stop);
    };
  }, []);

  const found = useMemo(
    () => new Map(find === undefined ? [] : transcript.turns.map((turn) => [turn.turn, placesOf(turn.text, find)] as const).filter(([, places]) => places.length > 0)),
    [transcript, find],
  );
  const hits = [...found.values()].reduce((sum, places) => sum + places.length, 0);
  const jump = (step: 1 | -1): void => {
    const turns = [...found.keys()];
    if (turns.length === 0) return;
    hit.current = (hit.current + step + turns.length) % turns.length;
    scrollToTurn(list.current, turns[hit.current]);
    setFollowing(false);
  };
  const shown = transcript.turns.filter((turn) => speaker === 'all' || turn.role === speaker);
  return (
    <section className="hs-card hs-transcript" aria-labelledby="hs-transcript-title">
      <div className="hs-card-head">
        <h2 id="hs-transcript-title" tabIndex={-1}>{t('transcript.title')}</h2>
        <div className="hs-row">
          <Segments
            label={t('transcript.speaker')} value={speaker} onChange={setSpeaker}
            options={(['all', 'agent', 'customer'] as const).map((value) => ({ value, label: t(`speaker.${value}`) }))}
          />
        </div>
        <div className="hs-row hs-transcript-find">
          <input className="hs-input" type="search" value={text} placeholder={t('transcript.find')} aria-label={t('transcript.find')} onChange={(event) => setText(event.target.value)} onKeyDown={(event) => { if (event.key === 'Enter') { jump(event.shiftKey ? -1 : 1); } }} />
          {find !== undefined && (
            <>
              <span className="hs-small hs-muted" role="status">{t('transcript.found', { count: hits })}</span>
              <button type="button" className="hs-icon-button" aria-label={t('transcript.previous')} onClick={() => jump(-1)}><ChevronUp size={16} /></button>
              <button type="button" className="hs-icon-button" aria-label={t('transcript.next')} onClick={() => jump(1)}><ChevronDown size={16} /></button>
            </>
          )}
        </div>
      </div>
      <ol ref={list} className="hs-turns" data-long={transcript.turns.length > 400}>
        {shown.map((turn) => (
          <TurnRow
            key={turn.turn} turn={turn} marks={marks.get(turn.turn)} found={found.get(turn.turn)} selected={selected}
            now={transcript.turns[current] === turn} playback={playback} playing={playing} onMark={onMark}
          />
        ))}
      </ol>
      {!following && playing && (
        <button type="button" className="hs-transcript-now hs-chip" onClick={() => { setFollowing(true); scrollToTurn(list.current, transcript.turns[current]?.turn); }}>{t('transcript.now')}</button>
      )}
    </section>
  );
}

export function scrollToTurn(list: HTMLElement | null, turn: number | undefined): void {
  const row = turn === undefined ? null : (list?.querySelector<HTMLElement>(`[data-turn="${turn}"]`) ?? null);
  if (row === null || list === null || list.offsetParent === null) return;
  const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
  if (list.scrollHeight > list.clientHeight + 1 && getComputedStyle(list).overflowY !== 'visible') {
    // Only the list moves: what the person clicked stays where it is.
    const top = row.offsetTop - list.offsetTop - (list.clientHeight - row.clientHeight) / 2;
    list.scrollTo({ top, behavior: calm ? 'auto' : 'smooth' });
  } else {
    row.scrollIntoView({ block: 'center', behavior: calm ? 'auto' : 'smooth' });
  }
}

interface RowProps {
  turn: Turn;
  marks: EvidenceMark[] | undefined;
  found: Mark[] | undefined;
  selected: string | undefined;
  now: boolean;
  playing: boolean;
  playback: Playback;
  onMark: (mark: EvidenceMark) => void;
}

const TurnRow = memo(function TurnRow({ turn, marks, found, selected, now, playback, playing, onMark }: RowProps) {
  const { t } = useTranslation();
  const word = usePlayback(playback, (each) => (now && playing ? wordAt(turn, each.time) : -1));
  const pieces = useMemo(() => {
    const spans = word >= 0 ? wordSpans(turn.text, (turn.words ?? []).map((each) => each.text)) : [];
    const spoken = spans[word];
    return split(turn.text, aroundRuns<Mark>(turn.text, [...(marks ?? []), ...(found ?? []), ...(spoken ? [{ ...spoken, key: 'word' }] : [])]));
  }, [turn, marks, found, word]);
  return (
    <li className="hs-turn" data-turn={turn.turn} data-role={turn.role} data-now={now} {...(now ? { 'aria-current': 'true' as const } : {})}>
      <div className="hs-turn-head">
        <span className="hs-turn-speaker">{t(`speaker.${turn.role}`)}</span>
        <button type="button" className="hs-quiet-button hs-num hs-small" aria-label={t('transcript.playFrom', { time: clock(turn.start_ms / 1000) })} onClick={() => { playback.seek(turn.start_ms / 1000); void playback.play(); }}>
          {clock(turn.start_ms / 1000)}
        </button>
        {turn.overlap && <span className="hs-small hs-muted">{t('transcript.overlap')}</span>}
      </div>
      <p lang={turn.language}>
        {pieces.map((piece) => {
          const here = (marks ?? []).filter((mark) => piece.keys.includes(mark.key));
          const mark = here.find((each) => each.rule === selected) ?? here[0];
          const extra = `${piece.keys.includes('find') ? ' hs-found' : ''}${piece.keys.includes('word') ? ' hs-word' : ''}`;
          if (mark === undefined) return <span key={piece.from} className={extra.trim() || undefined}>{withChips(piece.text)}</span>;
          return (
            <mark key={piece.from} className={`hs-mark${extra}`} data-verdict={mark.verdict} data-on={mark.rule === selected} title={here.map((each) => `${t(`verdict.${each.verdict}`)}: ${each.title}`).join('\n')} onClick={() => onMark(mark)}>
              {withChips(piece.text)}
            </mark>
          );
        })}
      </p>
    </li>
  );
});

function wordAt(turn: Turn, seconds: number): number {
  const ms = seconds * 1000;
  return (turn.words ?? []).findIndex((word) => word.start_ms <= ms && word.end_ms >= ms);
}
