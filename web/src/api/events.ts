/**
 * Live events. One tab of the browser profile, elected by Web Locks, holds the stream and passes every event on over a
 * BroadcastChannel. After three failures all tabs are told to ask again every 15 s until the stream is back.
 */
export interface ServerEvent {
  id: string;
  type: string;
  at: string;
  call_id?: string | null;
  agent_id?: string | null;
  city_id?: number | null;
  escalation_id?: string | null;
  payload?: Record<string, unknown>;
}

export type Connection = { state: 'connecting' | 'live' | 'reconnecting' | 'offline'; since: number };

type Message = { kind: 'event'; event: ServerEvent } | { kind: 'connection'; connection: Connection } | { kind: 'poll' } | { kind: 'ask' };

/** What a stream needs from its surroundings, so that tests can replace it. */
export interface Surroundings {
  open(url: string): EventSource;
  channel: Pick<BroadcastChannel, 'postMessage' | 'addEventListener' | 'close'>;
  /** Calls `work` when this tab is elected; the election lasts until the promise settles. */
  elect(work: () => Promise<void>): void;
  now(): number;
  wait(ms: number): Promise<void>;
  random(): number;
}

// Types are named because EventSource hands out only those somebody listens to.
export const eventTypes = [
  'call.ingested', 'call.transcribed', 'call.analyzed', 'call.failed', 'call.updated', 'call.deleted',
  'escalation.raised', 'escalation.repeated', 'escalation.acknowledged', 'escalation.assigned', 'escalation.snoozed', 'escalation.resolved',
  'remark.added', 'override.made', 'override.withdrawn', 'job.dead', 'job.ended', 'insight.updated', 'review.submitted',
] as const;

const pollEvery = 15_000;
const failuresUntilPolling = 3;

/** 1 to 30 s, doubling, half of it by chance. */
export function backOff(failures: number, random: number): number {
  const most = Math.min(30_000, 1000 * 2 ** Math.max(0, failures - 1));
  return Math.round(most / 2 + (most / 2) * random);
}

export class EventHub {
  private readonly listeners = new Set<(event: ServerEvent) => void>();
  private readonly pollListeners = new Set<() => void>();
  private readonly watchers = new Set<() => void>();
  private lastId: string | undefined;
  private leading = false;
  private stopped = false;
  connection: Connection;

  constructor(private readonly outside: Surroundings) {
    this.connection = { state: 'connecting', since: outside.now() };
  }

  start(): void {
    this.outside.channel.addEventListener('message', (message) => this.hear((message as MessageEvent<Message>).data));
    this.outside.channel.postMessage({ kind: 'ask' } satisfies Message);
    this.outside.elect(() => this.lead());
  }

  stop(): void {
    this.stopped = true;
    this.outside.channel.close();
  }

  onEvent(listener: (event: ServerEvent) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Called when there is no stream and figures should be asked for again. */
  onPoll(listener: () => void): () => void {
    this.pollListeners.add(listener);
    return () => this.pollListeners.delete(listener);
  }

  watch(listener: () => void): () => void {
    this.watchers.add(listener);
    return () => this.watchers.delete(listener);
  }

  private hear(message: Message): void {
    if (message.kind === 'event') this.take(message.event);
    else if (message.kind === 'connection' && !this.leading) this.show(message.connection);
    else if (message.kind === 'poll') this.pollListeners.forEach((listener) => listener());
    else if (message.kind === 'ask' && this.leading) this.tell({ kind: 'connection', connection: this.connection });
  }

  private tell(message: Message): void {
    if (!this.stopped) this.outside.channel.postMessage(message);
  }

  private take(event: ServerEvent): void {
    this.lastId = event.id;
    this.listeners.forEach((listener) => listener(event));
  }

  private show(connection: Connection): void {
    this.connection = connection;
    this.watchers.forEach((listener) => listener());
  }

  private become(state: Connection['state']): void {
    if (this.connection.state === state && state !== 'live') return;
    this.show({ state, since: this.outside.now() });
    this.tell({ kind: 'connection', connection: this.connection });
  }

  private async lead(): Promise<void> {
    this.leading = true;
    let failures = 0;
    let polled = this.outside.now();
    while (!this.stopped) {
      const lasted = await this.listen();
      if (this.stopped) return;
      failures = lasted ? 1 : failures + 1;
      this.become(failures >= failuresUntilPolling ? 'offline' : 'reconnecting');
      if (failures >= failuresUntilPolling && this.outside.now() - polled >= pollEvery) {
        polled = this.outside.now();
        this.pollListeners.forEach((listener) => listener());
        this.tell({ kind: 'poll' });
      }
      await this.outside.wait(Math.min(backOff(failures, this.outside.random()), failures >= failuresUntilPolling ? pollEvery : Infinity));
    }
  }

  /** One stream until it ends; whether it ever opened. */
  private listen(): Promise<boolean> {
    return new Promise((resolve) => {
      let opened = false;
      const after = this.lastId === undefined ? '' : `?last_event_id=${encodeURIComponent(this.lastId)}`;
      const source = this.outside.open(`/api/events${after}`);
      const end = (): void => {
        source.close();
        resolve(opened);
      };
      source.onopen = () => {
        const again = this.connection.state !== 'connecting';
        opened = true;
        this.become('live');
        // What was missed beyond the server's memory is asked for once.
        if (again) this.pollListeners.forEach((listener) => listener());
      };
      source.onerror = end;
      const take = (message: MessageEvent<string>): void => {
        const event = parseEvent(message.data);
        if (event === undefined) return;
        this.become('live');
        this.take(event);
        this.tell({ kind: 'event', event });
      };
      for (const type of eventTypes) source.addEventListener(type, take as EventListener);
      source.addEventListener('stream.end', end);
      source.addEventListener('stream.gap', () => {
        this.lastId = undefined;
        this.pollListeners.forEach((listener) => listener());
        this.tell({ kind: 'poll' });
      });
    });
  }
}

export function parseEvent(text: string): ServerEvent | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && 'id' in value && 'type' in value) return value as ServerEvent;
  } catch {
    // not an event of ours
  }
  return undefined;
}

export function browserSurroundings(): Surroundings {
  return {
    open: (url) => new EventSource(url),
    channel: new BroadcastChannel('hs.events'),
    elect: (work) => {
      if ('locks' in navigator) void navigator.locks.request('hs.events', work);
      else void work();
    },
    now: () => Date.now(),
    wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    random: () => Math.random(),
  };
}
