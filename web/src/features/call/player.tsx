import { Menu as Popup } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Pause, Play, RotateCcw } from 'lucide-react';
import { useCallback, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { call as callQuery, peaks as peaksQuery, type Transcript } from '@/api/queries';
import { problemOf } from '@/api/problem';
import { clock } from '@/lib/format';
import { groupMarkers, type Finding } from './call-model';
import { gapsOf, nextSpeed, speeds, usePlayback, type Playback, type Span } from './playback';
import { Waveform } from './waveform';
import './player.css';

const longCall = 600;
const windowLength = 120;
const windowStep = 90; // windows overlap, so that what is played is never at the edge

export interface PlayerProps {
  callId: string;
  playback: Playback;
  transcript: Transcript | undefined;
  findings: readonly Finding[];
  selected: string | undefined;
  onFinding: (finding: Finding) => void;
  /** Why there is nothing to hear, when that is known before. */
  silent?: boolean;
  /** For side panels: one row, no markers. */
  compact?: boolean;
}

export function Player({ callId, playback, transcript, findings, selected, onFinding, silent, compact }: PlayerProps) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const long = playback.duration > longCall && compact !== true;
  const peaks = useQuery({ ...peaksQuery(callId, long ? 8000 : 1000), enabled: silent !== true });
  // A long call is an overview, and below it the two minutes around the position.
  const page = usePlayback(playback, (each) => (long ? Math.floor(each.time / windowStep) : 0));
  const span = long ? { from: page * windowStep, to: Math.min(playback.duration, page * windowStep + windowLength) } : undefined;
  const skipping = usePlayback(playback, (each) => each.skipping);
  useEffect(() => {
    playback.gaps = transcript === undefined ? [] : gapsOf(transcript.turns, playback.duration);
  }, [playback, transcript]);
  const [broken, setBroken] = useState<string>();
  const [attempt, setAttempt] = useState(0);
  const playing = usePlayback(playback, (each) => each.playing);
  const rate = usePlayback(playback, (each) => each.rate);
  const attach = useCallback((audio: HTMLAudioElement | null) => playback.attach(audio), [playback]);
  const source = `/api/calls/${callId}/audio`;
  const failed = async (): Promise<void> => {
    if (attempt === 0) {
      setAttempt(1);
      await client.invalidateQueries({ queryKey: callQuery(callId).queryKey });
      return;
    }
    const reply = await fetch(source, { headers: { Range: 'bytes=0-1' } }).catch(() => undefined);
    setBroken(reply === undefined ? t('error.unreachable') : reply.ok ? t('player.cannotPlay') : problemOf(reply, await reply.json().catch(() => null)).detail);
  };
  const chosen = findings.find((finding) => finding.answer.question_id === selected);
  const searched = chosen?.answer.searched;
  const bracket = chosen && chosen.verdict !== 'met' && searched ? { from: searched.start_time, to: searched.end_time } : undefined;
  const dumb = silent === true || broken !== undefined;
  return (
    <section className="hs-player hs-card" data-compact={compact === true} aria-label={t('player.title')}>
      {silent !== true && broken === undefined && <audio key={attempt} ref={attach} src={source} preload="metadata" onError={() => void failed()} />}
      <button type="button" className="hs-player-play" disabled={dumb} aria-label={playing ? t('player.pause') : t('player.play')} onClick={() => playback.toggle()}>
        {playing ? <Pause size={20} aria-hidden="true" fill="currentColor" /> : <Play size={20} aria-hidden="true" fill="currentColor" />}
      </button>
      <button type="button" className="hs-icon-button hs-player-back" aria-label={t('player.back')} onClick={() => playback.seek(playback.time - 5)}>
        <RotateCcw size={18} aria-hidden="true" />
      </button>
      <div className="hs-player-lanes">
        {!compact && peaks.data !== undefined && peaks.data.channels.length > 1 && (
          <div className="hs-player-names" aria-hidden="true"><span data-role="agent">{t('speaker.agent')}</span><span data-role="customer">{t('speaker.customer')}</span></div>
        )}
        <div className="hs-player-wave">
          {span && <div className="hs-player-overview"><Waveform peaks={peaks.data} transcript={transcript} playback={playback} bracket={undefined} compact /></div>}
          <Waveform peaks={peaks.data} transcript={transcript} playback={playback} bracket={bracket} span={span} {...(compact ? { compact } : {})} />
          {!compact && <Markers findings={findings} span={span ?? { from: 0, to: playback.duration }} selected={selected} onFinding={onFinding} />}
        </div>
        {dumb && <p className="hs-small hs-muted hs-player-silent">{broken ?? t('player.noSound')}</p>}
      </div>
      <div className="hs-player-side">
        <PlayerTime playback={playback} />
        <Popup position="bottom-end" withinPortal>
          <Popup.Target>
            <button type="button" className="hs-player-speed" aria-label={t('player.speed', { rate })}>{rate}×</button>
          </Popup.Target>
          <Popup.Dropdown>
            <Popup.Item closeMenuOnClick={false} onClick={() => playback.setSkipping(!skipping)}>{t('player.skip')}{skipping ? ' ✓' : ''}</Popup.Item>
            <Popup.Divider />
            {speeds.map((speed) => <Popup.Item key={speed} onClick={() => playback.setRate(speed)}>{speed}×{speed === rate ? ' ✓' : ''}</Popup.Item>)}
          </Popup.Dropdown>
        </Popup>
      </div>
    </section>
  );
}

function PlayerTime({ playback }: { playback: Playback }) {
  const text = useRef<HTMLSpanElement>(null);
  useEffect(() => playback.onTime((seconds) => {
    const shown = clock(seconds);
    if (text.current && text.current.textContent !== shown) text.current.textContent = shown;
  }));
  return (
    <span className="hs-player-time hs-num">
      <span ref={text}>{clock(playback.time)}</span>
      <span className="hs-muted"> / {clock(playback.duration)}</span>
    </span>
  );
}

function Markers({ findings, span, selected, onFinding }: { findings: readonly Finding[]; span: Span; selected: string | undefined; onFinding: (finding: Finding) => void }) {
  const { t } = useTranslation();
  const box = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const size = new ResizeObserver(([entry]) => setWidth(entry!.contentRect.width));
    size.observe(box.current!);
    return () => size.disconnect();
  }, []);
  const length = Math.max(span.to - span.from, 0.001);
  const shown = findings.filter((finding) => finding.at !== undefined && finding.at >= span.from && finding.at <= span.to);
  const groups = width === 0 ? [] : groupMarkers(shown, length, width);
  const name = (finding: Finding): string => `${t(`verdict.${finding.verdict}`)}: ${finding.answer.title}, ${clock(finding.at!)}`;
  return (
    <div ref={box} className="hs-markers">
      {groups.map((group) => {
        const place = { insetInlineStart: `${((group.at - span.from) / length) * 100}%` };
        const only = group.findings[0]!;
        const worst = group.findings.find((finding) => finding.verdict === 'missed') ?? group.findings.find((finding) => finding.verdict === 'review') ?? only;
        const on = group.findings.some((finding) => finding.answer.question_id === selected);
        if (group.findings.length === 1) {
          return (
            <button key={only.answer.question_id} type="button" className="hs-marker" data-verdict={only.verdict} data-on={on} style={place} aria-label={name(only)} title={name(only)} onClick={() => onFinding(only)}>
              <i aria-hidden="true" />
            </button>
          );
        }
        return (
          <Popup key={only.answer.question_id} withinPortal position="bottom-start">
            <Popup.Target>
              <button type="button" className="hs-marker" data-many="true" data-verdict={worst.verdict} data-on={on} style={place} aria-label={t('player.findings', { count: group.findings.length })}>
                <i aria-hidden="true" /><b aria-hidden="true">{group.findings.length}</b>
              </button>
            </Popup.Target>
            <Popup.Dropdown>
              {group.findings.map((finding) => <Popup.Item key={finding.answer.question_id} onClick={() => onFinding(finding)}>{name(finding)}</Popup.Item>)}
            </Popup.Dropdown>
          </Popup>
        );
      })}
    </div>
  );
}

/** Keys of the player, for `useKeys`. */
export function playerKeys(playback: Playback): Record<string, (event: KeyboardEvent) => void> {
  return {
    ' ': () => playback.toggle(),
    k: () => playback.toggle(),
    j: () => playback.seek(playback.time - 5),
    l: () => playback.seek(playback.time + 5),
    ',': () => playback.seek(playback.time - 1),
    '.': () => playback.seek(playback.time + 1),
    '<': () => playback.setRate(nextSpeed(playback.rate, -1)),
    '>': () => playback.setRate(nextSpeed(playback.rate, 1)),
  };
}
