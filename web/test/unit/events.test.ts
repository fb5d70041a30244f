import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { QueryClient } from '@tanstack/react-query';
import { backOff, EventHub, parseEvent, type ServerEvent, type Surroundings } from '@/api/events';
import { connectToQueries, keysOf } from '@/api/live';

class FakeSource {
  static all: FakeSource[] = [];
  onopen: (() => void) | null = null;
  onerror: (() => void) | null = null;
  closed = false;
  private readonly listeners = new Map<string, (message: { data: string }) => void>();
  constructor(readonly url: string) {
    FakeSource.all.push(this);
  }
  addEventListener(type: string, listener: (message: { data: string }) => void): void {
    this.listeners.set(type, listener);
  }
  send(event: Partial<ServerEvent> & { id: string; type: string }): void {
    this.listeners.get(event.type)?.({ data: JSON.stringify(event) });
  }
  close(): void {
    this.closed = true;
  }
}

/** Tabs of one profile: messages reach the others, the first asks for the stream and holds it. */
function makeProfile() {
  const channels: { listener?: (message: { data: unknown }) => void }[] = [];
  let leader = false;
  return (): Surroundings => {
    const own: (typeof channels)[number] = {};
    channels.push(own);
    return {
      open: (url) => new FakeSource(url) as unknown as EventSource,
      channel: {
        postMessage: (data: unknown) => channels.filter((each) => each !== own).forEach((each) => each.listener?.({ data })),
        addEventListener: ((_type: string, listener: (message: { data: unknown }) => void) => { own.listener = listener; }) as BroadcastChannel['addEventListener'],
        close: () => undefined,
      },
      elect: (work) => {
        if (leader) return;
        leader = true;
        void work();
      },
      now: () => Date.now(),
      wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
      random: () => 0.5,
    };
  };
}

const event = (id: string, type = 'call.analyzed') => ({ id, type, at: '', call_id: `call-${id}` });

beforeEach(() => {
  vi.useFakeTimers();
  FakeSource.all = [];
});
afterEach(() => vi.useRealTimers());

describe('the shared stream', () => {
  it('is opened once, and every tab hears it', () => {
    const tab = makeProfile();
    const first = new EventHub(tab());
    const second = new EventHub(tab());
    const heard: string[] = [];
    second.onEvent((each) => heard.push(each.id));
    first.start();
    second.start();
    FakeSource.all[0]!.onopen!();
    FakeSource.all[0]!.send(event('7-1'));
    expect(FakeSource.all).toHaveLength(1);
    expect(heard).toEqual(['7-1']);
    expect(second.connection.state).toBe('live');
  });
  it('comes back after the last event it has', async () => {
    const hub = new EventHub(makeProfile()());
    hub.start();
    FakeSource.all[0]!.onopen!();
    FakeSource.all[0]!.send(event('7-2'));
    FakeSource.all[0]!.onerror!();
    await vi.advanceTimersByTimeAsync(0);
    expect(hub.connection.state).toBe('reconnecting');
    await vi.advanceTimersByTimeAsync(1000);
    expect(FakeSource.all[1]!.url).toBe('/api/events?last_event_id=7-2');
    expect(FakeSource.all[0]!.closed).toBe(true);
  });
  it('says it is offline after three failures and has figures asked for every 15 s', async () => {
    const hub = new EventHub(makeProfile()());
    let polls = 0;
    hub.onPoll(() => { polls += 1; });
    hub.start();
    const fail = async (): Promise<void> => {
      FakeSource.all.at(-1)!.onerror!();
      await vi.advanceTimersByTimeAsync(0);
    };
    for (let elapsed = 0; elapsed < 61_000; elapsed += 500) {
      if (!FakeSource.all.at(-1)!.closed) await fail();
      await vi.advanceTimersByTimeAsync(500);
    }
    expect(hub.connection.state).toBe('offline');
    expect(polls).toBeGreaterThanOrEqual(2);
    expect(polls).toBeLessThanOrEqual(4);
    FakeSource.all.at(-1)!.onopen!();
    expect(hub.connection.state).toBe('live');
  });
  it('waits longer each time, up to half a minute', () => {
    expect([1, 2, 3, 4, 9].map((failures) => backOff(failures, 1))).toEqual([1000, 2000, 4000, 8000, 30_000]);
    expect(backOff(9, 0)).toBe(15_000);
  });
  it('takes no text that is no event', () => {
    expect(parseEvent('nonsense')).toBeUndefined();
    expect(parseEvent('[]')).toBeUndefined();
    expect(parseEvent('{"id":"1","type":"call.failed"}')?.type).toBe('call.failed');
  });
});

describe('events and reads', () => {
  it('make the call and the figures old, lists not', () => {
    expect(keysOf({ ...event('1'), at: '' })).toContainEqual(['call', 'call-1']);
    expect(keysOf({ id: '1', type: 'escalation.raised', at: '' })).toEqual([['escalations']]);
  });
  it('ask again for a key at most once in two seconds', async () => {
    const tab = makeProfile();
    const hub = new EventHub(tab());
    const client = new QueryClient();
    const asked = vi.spyOn(client, 'invalidateQueries');
    connectToQueries(client, hub);
    hub.start();
    FakeSource.all[0]!.onopen!();
    for (let i = 0; i < 20; i += 1) {
      FakeSource.all[0]!.send({ id: `9-${i}`, type: 'escalation.raised', at: '' });
      await vi.advanceTimersByTimeAsync(100);
    }
    await vi.advanceTimersByTimeAsync(4000);
    const times = asked.mock.calls.filter(([filters]) => (filters?.queryKey as string[] | undefined)?.[0] === 'escalations');
    expect(times.length).toBe(2);
  });
});
