import { useEffect, useRef, useState, type KeyboardEvent, type PointerEvent } from 'react';
import { useTranslation } from 'react-i18next';
import type { Transcript } from '@/api/queries';
import { clock } from '@/lib/format';
import { turnAt } from './call-model';
import type { Playback, Span } from './playback';

interface Peaks {
  duration_ms: number;
  channels: number[][];
}

type Role = 'agent' | 'customer';

/** Which channel is whose: by the turns where each channel is a speaker of its own; the first is the agent's otherwise. */
function lanesOf(peaks: Peaks, transcript: Transcript | undefined): { role: Role | undefined; points: number[] }[] {
  if (peaks.channels.length < 2) return peaks.channels.slice(0, 1).map((points) => ({ role: undefined, points }));
  const lanes = peaks.channels.slice(0, 2).map((points, channel) => {
    const turn = transcript?.turns.find((each) => each.speaker === `ch${channel}`);
    return { role: (turn?.role === 'customer' ? 'customer' : turn?.role === 'agent' ? 'agent' : undefined) as Role | undefined, points };
  });
  if (lanes[0]!.role === 'customer' || lanes[1]!.role === 'agent') lanes.reverse();
  return [{ ...lanes[0]!, role: 'agent' }, { ...lanes[1]!, role: 'customer' }];
}

function draw(canvas: HTMLCanvasElement, lanes: ReturnType<typeof lanesOf>, played: boolean, part: { from: number; to: number }): void {
  const context = canvas.getContext('2d');
  const scale = window.devicePixelRatio || 1;
  const width = canvas.clientWidth;
  const height = canvas.clientHeight;
  if (context === null || width === 0) return;
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  context.scale(scale, scale);
  const style = getComputedStyle(canvas);
  const colour = (name: string): string => style.getPropertyValue(name).trim();
  const laneHeight = height / lanes.length;
  const step = 3; // a bar of 2 px and a gap of 1
  lanes.forEach((lane, index) => {
    const middle = laneHeight * (index + 0.5);
    const pairs = lane.points.length / 2;
    context.fillStyle = played ? colour(lane.role === 'customer' ? '--hs-customer' : '--hs-agent') : colour('--hs-border');
    for (let x = 0; x < width; x += step) {
      const at = (place: number): number => Math.floor((part.from + (place / width) * (part.to - part.from)) * pairs);
      const from = at(x);
      const to = Math.max(from + 1, at(x + step));
      let most = 0;
      for (let i = from; i < to && i < pairs; i += 1) most = Math.max(most, Math.abs(lane.points[2 * i]!), Math.abs(lane.points[2 * i + 1]!));
      const size = Math.max(1, (most / 128) * (laneHeight - 4));
      context.fillRect(x, middle - size / 2, 2, size);
    }
  });
}

/** Two canvases one above the other: all in the resting colour, and the played part, which grows by clipping. */
export function Waveform({ peaks, transcript, playback, bracket, compact, span }: {
  peaks: Peaks | undefined; transcript: Transcript | undefined; playback: Playback; bracket: Span | undefined; compact?: boolean;
  /** The part that is shown; all of the call without it. */
  span?: Span | undefined;
}) {
  const { t } = useTranslation();
  const box = useRef<HTMLDivElement>(null);
  const rest = useRef<HTMLCanvasElement>(null);
  const played = useRef<HTMLCanvasElement>(null);
  const cursor = useRef<HTMLDivElement>(null);
  const bubble = useRef<HTMLDivElement>(null);
  const [dragging, setDragging] = useState(false);
  const duration = playback.duration;
  const said = useRef(0);
  const from = span?.from ?? 0;
  const to = span?.to ?? duration;
  const length = Math.max(to - from, 0.001);
  const share = (seconds: number): number => Math.min(1, Math.max(0, (seconds - from) / length));

  useEffect(() => {
    if (peaks === undefined || box.current === null) return;
    const lanes = lanesOf(peaks, transcript);
    const redraw = (): void => {
      const part = { from: from / Math.max(duration, 0.001), to: to / Math.max(duration, 0.001) };
      if (rest.current) draw(rest.current, lanes, false, part);
      if (played.current) draw(played.current, lanes, true, part);
    };
    redraw();
    const size = new ResizeObserver(redraw);
    size.observe(box.current);
    const scheme = new MutationObserver(redraw);
    scheme.observe(document.documentElement, { attributeFilter: ['data-mantine-color-scheme'] });
    return () => {
      size.disconnect();
      scheme.disconnect();
    };
  }, [peaks, transcript, from, to, duration]);

  useEffect(() => playback.onTime((seconds) => {
    const place = share(seconds);
    if (played.current) played.current.style.clipPath = `inset(0 ${(1 - place) * 100}% 0 0)`;
    if (cursor.current) cursor.current.style.insetInlineStart = `${place * 100}%`;
    const slider = box.current;
    if (slider === null || Math.abs(seconds - said.current) < 1) return;
    said.current = seconds;
    slider.setAttribute('aria-valuenow', String(Math.round(seconds)));
    slider.setAttribute('aria-valuetext', valueText(seconds));
  }));

  function valueText(seconds: number): string {
    const turn = transcript === undefined ? undefined : transcript.turns[turnAt(transcript.turns, seconds)];
    const speaker = turn !== undefined && turn.end_ms >= seconds * 1000 ? t(`speaker.${turn.role}`) : undefined;
    return speaker === undefined
      ? t('player.position', { time: clock(seconds), total: clock(duration) })
      : t('player.positionSpeaker', { time: clock(seconds), total: clock(duration), speaker });
  }

  const secondsAt = (event: PointerEvent): number => {
    const area = event.currentTarget.getBoundingClientRect();
    return from + Math.min(Math.max(0, (event.clientX - area.left) / area.width), 1) * length;
  };
  const showBubble = (event: PointerEvent): void => {
    if (bubble.current === null) return;
    const seconds = secondsAt(event);
    bubble.current.textContent = clock(seconds);
    bubble.current.style.insetInlineStart = `${share(seconds) * 100}%`;
  };
  const keys = (event: KeyboardEvent): void => {
    const steps: Record<string, number> = { ArrowLeft: -5, ArrowDown: -5, ArrowRight: 5, ArrowUp: 5, PageDown: -30, PageUp: 30 };
    const step = steps[event.key];
    if (step !== undefined) playback.seek(playback.time + step);
    else if (event.key === 'Home') playback.seek(0);
    else if (event.key === 'End') playback.seek(duration);
    else if (event.key === ' ' || event.key === 'Enter') playback.toggle();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const mono = peaks !== undefined && peaks.channels.length < 2;
  return (
    <div
      ref={box} className="hs-wave" data-compact={compact === true} role="slider" tabIndex={0} aria-label={t('player.slider')}
      aria-valuemin={0} aria-valuemax={Math.round(duration)} aria-valuenow={Math.round(playback.time)} aria-valuetext={valueText(playback.time)}
      onKeyDown={keys}
      onPointerDown={(event) => { event.currentTarget.setPointerCapture(event.pointerId); setDragging(true); showBubble(event); playback.seek(secondsAt(event)); }}
      onPointerMove={(event) => { showBubble(event); if (dragging) playback.seek(secondsAt(event)); }}
      onPointerUp={() => setDragging(false)} onPointerCancel={() => setDragging(false)}
    >
      <canvas ref={rest} aria-hidden="true" />
      <canvas ref={played} aria-hidden="true" />
      {mono && transcript && !compact && <SpeakerBand transcript={transcript} share={share} />}
      {bracket && share(bracket.to) > share(bracket.from) && (
        <div className="hs-wave-bracket" aria-hidden="true" style={{ insetInlineStart: `${share(bracket.from) * 100}%`, width: `${(share(bracket.to) - share(bracket.from)) * 100}%` }} />
      )}
      <div ref={cursor} className="hs-wave-cursor" aria-hidden="true" />
      <div ref={bubble} className="hs-wave-bubble" data-shown={dragging} aria-hidden="true" />
    </div>
  );
}

/** Under a single lane: who speaks when. The agent's stretches stand above the customer's. */
function SpeakerBand({ transcript, share }: { transcript: Transcript; share: (seconds: number) => number }) {
  return (
    <div className="hs-wave-band" aria-hidden="true">
      {transcript.turns.map((turn) => {
        const start = share(turn.start_ms / 1000);
        const end = share(turn.end_ms / 1000);
        return end > start && <i key={turn.turn} data-role={turn.role} style={{ insetInlineStart: `${start * 100}%`, width: `${(end - start) * 100}%` }} />;
      })}
    </div>
  );
}
