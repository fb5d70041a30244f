/**
 * Recordings on their way: queued, sent three at a time, followed until they are judged. It lives outside the page, so
 * that leaving and returning keeps the list. What happens outside (sending, asking, keeping) is handed in.
 */
export type UploadState = 'queued' | 'sending' | 'stored' | 'transcribing' | 'evaluating' | 'done' | 'failed' | 'cancelled' | 'lost';

export interface UploadRow {
  key: string;
  name: string;
  size: number;
  state: UploadState;
  sent: number;
  startedAt: number | undefined;
  callId: string | undefined;
  duration: number | undefined;
  duplicate: boolean;
  score: number | undefined;
  detail: string | undefined;
}

export interface UploadFields {
  agent_identifier: string;
  city_identifier: string;
  issue_category: string;
  call_context?: string;
  channel_map?: string;
}

export interface Sent {
  call_id: string;
  duration: number;
  duplicate: boolean;
}

export interface Followed {
  status: 'pending' | 'transcribed' | 'analyzed' | 'failed';
  failure: string | undefined;
  score: number | undefined;
}

export interface Outside {
  send(file: File, fields: UploadFields, key: string, progress: (sent: number) => void, signal: AbortSignal): Promise<Sent>;
  follow(callId: string): Promise<Followed>;
  keep(rows: readonly UploadRow[]): void;
  now(): number;
}

const parallel = 3;
export const accepted = ['mp3', 'wav', 'ogg', 'opus', 'flac', 'm4a', 'webm'];

/** What a look at the file can tell before it is sent; the server decides. */
export function refusal(file: { name: string; size: number }, most: number): 'empty' | 'large' | 'type' | undefined {
  if (file.size === 0) return 'empty';
  if (file.size > most) return 'large';
  return accepted.includes(file.name.split('.').pop()?.toLowerCase() ?? '') ? undefined : 'type';
}

export class UploadQueue {
  rows: readonly UploadRow[] = [];
  paused = false;
  private readonly work = new Map<string, { file: File; fields: UploadFields; abort: AbortController }>();
  private readonly watchers = new Set<() => void>();

  constructor(private readonly outside: Outside) {}

  watch = (listener: () => void): (() => void) => {
    this.watchers.add(listener);
    return () => this.watchers.delete(listener);
  };

  /** Rows of an earlier visit. A file that was not sent then is not at hand any more. */
  restore(rows: readonly UploadRow[]): void {
    const known = new Set(this.rows.map((row) => row.key));
    const old = rows.filter((row) => !known.has(row.key)).map((row) => (row.callId === undefined && row.state !== 'failed' && row.state !== 'cancelled' ? { ...row, state: 'lost' as const } : row));
    this.set([...old, ...this.rows]);
  }

  /** The same file with the same fields in the same batch is one upload. */
  add(entries: readonly { key: string; file: File; fields: UploadFields; refused?: string | undefined }[]): void {
    const rows = new Map(this.rows.map((row) => [row.key, row]));
    for (const { key, file, fields, refused } of entries) {
      const known = rows.get(key);
      if (known !== undefined && known.state !== 'lost' && known.state !== 'cancelled' && known.state !== 'failed') continue;
      if (refused === undefined) this.work.set(key, { file, fields, abort: new AbortController() });
      rows.set(key, {
        key, name: file.name, size: file.size, state: refused === undefined ? 'queued' : 'failed', sent: 0, startedAt: undefined, callId: undefined, duration: undefined,
        duplicate: false, score: undefined, detail: refused,
      });
    }
    this.set([...rows.values()]);
    this.pump();
  }

  pause(): void {
    this.paused = true;
    this.tell();
  }

  resume(): void {
    this.paused = false;
    this.tell();
    this.pump();
  }

  cancel(key: string): void {
    this.work.get(key)?.abort.abort();
    this.change(key, (row) => (row.state === 'queued' || row.state === 'sending' ? { ...row, state: 'cancelled' } : row));
    this.pump();
  }

  canRetry(row: UploadRow): boolean {
    return row.state === 'failed' && row.callId === undefined && this.work.has(row.key);
  }

  retry(key: string): void {
    const task = this.work.get(key);
    if (task === undefined) return;
    task.abort = new AbortController();
    this.change(key, (row) => ({ ...row, state: 'queued', sent: 0, detail: undefined }));
    this.pump();
  }

  retryAll(): void {
    for (const row of this.rows) if (this.canRetry(row)) this.retry(row.key);
  }

  clear(): void {
    this.set(this.rows.filter((row) => row.state === 'queued' || row.state === 'sending'));
  }

  get sending(): boolean {
    return this.rows.some((row) => row.state === 'sending' || row.state === 'queued');
  }

  /** Something happened to a call: asks how far it is. */
  async look(callId: string): Promise<void> {
    const row = this.rows.find((each) => each.callId === callId);
    if (row === undefined || row.state === 'done' || row.state === 'failed') return;
    const found = await this.outside.follow(callId).catch(() => undefined);
    if (found === undefined) return; // asked again by the next event or poll
    const state: UploadState = found.status === 'analyzed' ? 'done' : found.status === 'failed' ? 'failed' : found.status === 'transcribed' ? 'evaluating' : 'transcribing';
    this.change(row.key, (old) => ({ ...old, state, score: found.score, detail: found.failure }));
  }

  async lookAll(): Promise<void> {
    await Promise.all(this.rows.flatMap((row) => (row.callId !== undefined && row.state !== 'done' && row.state !== 'failed' ? [this.look(row.callId)] : [])));
  }

  private pump(): void {
    if (this.paused) return;
    let free = parallel - this.rows.filter((row) => row.state === 'sending').length;
    for (const row of this.rows) {
      if (free <= 0) return;
      if (row.state !== 'queued') continue;
      free -= 1;
      void this.send(row.key);
    }
  }

  private async send(key: string): Promise<void> {
    const task = this.work.get(key);
    if (task === undefined) return this.change(key, (row) => ({ ...row, state: 'lost' }));
    this.change(key, (row) => ({ ...row, state: 'sending', startedAt: this.outside.now() }));
    try {
      const sent = await this.outside.send(task.file, task.fields, key, (bytes) => this.change(key, (row) => ({ ...row, sent: bytes }), false), task.abort.signal);
      this.work.delete(key);
      this.change(key, (row) => ({ ...row, state: 'stored', sent: row.size, callId: sent.call_id, duration: sent.duration, duplicate: sent.duplicate }));
      void this.look(sent.call_id);
    } catch (error) {
      if (!task.abort.signal.aborted) this.change(key, (row) => ({ ...row, state: 'failed', detail: error instanceof Error ? error.message : String(error) }));
    }
    this.pump();
  }

  private change(key: string, change: (row: UploadRow) => UploadRow, kept = true): void {
    this.set(this.rows.map((row) => (row.key === key ? change(row) : row)), kept);
  }

  private set(rows: readonly UploadRow[], kept = true): void {
    this.rows = rows;
    if (kept) this.outside.keep(rows);
    this.tell();
  }

  private tell(): void {
    this.watchers.forEach((listener) => listener());
  }
}
