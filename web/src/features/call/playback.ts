import { useSyncExternalStore } from 'react';
import { keepChoice, readChoice } from '@/lib/storage';

export interface Span {
  from: number;
  to: number;
}

const longPause = 2;
const breath = 0.3; // kept at both ends, so that no word is cut

/** Stretches of more than two seconds in which nobody speaks. */
export function gapsOf(turns: readonly { start_ms: number; end_ms: number }[], duration: number): Span[] {
  const gaps: Span[] = [];
  let heard = 0;
  for (const turn of [...turns].sort((a, b) => a.start_ms - b.start_ms)) {
    const start = turn.start_ms / 1000;
    if (start - heard > longPause) gaps.push({ from: heard === 0 ? 0 : heard + breath, to: start - breath });
    heard = Math.max(heard, turn.end_ms / 1000);
  }
  if (heard > 0 && duration - heard > longPause) gaps.push({ from: heard + breath, to: duration - breath });
  return gaps;
}

export const gapAt = (gaps: readonly Span[], seconds: number): Span | undefined => gaps.find((gap) => gap.from <= seconds && seconds < gap.to - 0.1);

/**
 * Where the player is. Time moves outside React: views that follow it subscribe to frames, and only what changes
 * rarely (playing, speed, the turn) is state.
 */
export class Playback {
  private audio: HTMLAudioElement | undefined;
  private readonly frames = new Set<(seconds: number) => void>();
  private readonly watchers = new Set<() => void>();
  private frame = 0;
  private still = 0; // the position while there is no sound
  playing = false;
  rate = 1;
  /** Stretches without a word; passed over while playing when `skipping`. */
  gaps: readonly Span[] = [];
  skipping = readChoice('player.skip') === 'on';

  constructor(public duration: number) {}

  get time(): number {
    return this.audio?.currentTime ?? this.still;
  }

  attach(audio: HTMLAudioElement | null): (() => void) | undefined {
    if (audio === null) return undefined;
    this.audio = audio;
    audio.preservesPitch = true;
    audio.playbackRate = this.rate;
    if (this.still > 0) audio.currentTime = this.still;
    const change = (): void => this.refresh();
    const events = ['play', 'pause', 'ended', 'seeked', 'timeupdate', 'ratechange', 'loadedmetadata'] as const;
    for (const event of events) audio.addEventListener(event, change);
    this.refresh();
    return () => {
      for (const event of events) audio.removeEventListener(event, change);
      this.still = audio.currentTime;
      audio.pause();
      cancelAnimationFrame(this.frame);
      this.audio = undefined;
      this.refresh();
    };
  }

  /** Every frame while playing, and after each jump. */
  onTime(listener: (seconds: number) => void): () => void {
    this.frames.add(listener);
    listener(this.time);
    return () => this.frames.delete(listener);
  }

  watch = (listener: () => void): (() => void) => {
    this.watchers.add(listener);
    return () => this.watchers.delete(listener);
  };

  seek(seconds: number): void {
    const to = Math.min(Math.max(0, seconds), this.duration);
    this.still = to;
    // On a boundary the turn before would count as the current one.
    if (this.audio) this.audio.currentTime = to === 0 ? 0 : to + 0.01;
    this.frames.forEach((listener) => listener(to));
    this.watchers.forEach((listener) => listener());
  }

  async play(): Promise<void> {
    try {
      await this.audio?.play();
    } catch {
      // Without a gesture of the person browsers refuse; the button stays "Play".
    }
  }

  pause(): void {
    this.audio?.pause();
  }

  toggle(): void {
    if (this.playing) this.pause();
    else void this.play();
  }

  setRate(rate: number): void {
    this.rate = rate;
    if (this.audio) this.audio.playbackRate = rate;
    this.watchers.forEach((listener) => listener());
  }

  setSkipping(skipping: boolean): void {
    this.skipping = skipping;
    keepChoice('player.skip', skipping ? 'on' : 'off');
    this.watchers.forEach((listener) => listener());
  }

  private refresh(): void {
    const playing = this.audio !== undefined && !this.audio.paused && !this.audio.ended;
    this.playing = playing;
    this.watchers.forEach((listener) => listener());
    this.frames.forEach((listener) => listener(this.time));
    cancelAnimationFrame(this.frame);
    if (playing) this.run();
  }

  private run(): void {
    this.frame = requestAnimationFrame(() => {
      if (!this.playing) return;
      const gap = this.skipping ? gapAt(this.gaps, this.time) : undefined;
      if (gap !== undefined) this.seek(gap.to);
      this.frames.forEach((listener) => listener(this.time));
      // A turn that begins is state, so watchers are asked too; they compare before they draw.
      this.watchers.forEach((listener) => listener());
      this.run();
    });
  }
}

/** Something derived from the playback; draws again only when it changes. */
export function usePlayback<T extends string | number | boolean>(playback: Playback, select: (playback: Playback) => T): T {
  return useSyncExternalStore(playback.watch, () => select(playback));
}

export const speeds = [0.75, 1, 1.25, 1.5, 2] as const;

export function nextSpeed(rate: number, step: 1 | -1): number {
  const at = speeds.findIndex((speed) => speed >= rate);
  return speeds[Math.min(Math.max(0, (at < 0 ? speeds.length - 1 : at) + step), speeds.length - 1)]!;
}
