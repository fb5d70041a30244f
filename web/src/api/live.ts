import type { QueryClient } from '@tanstack/react-query';
import { useEffect, useEffectEvent, useSyncExternalStore } from 'react';
import { browserSurroundings, EventHub, type Connection, type ServerEvent } from './events';

let hub: EventHub | undefined;

export function eventHub(): EventHub {
  if (hub === undefined) {
    hub = new EventHub(browserSurroundings());
    hub.start();
  }
  return hub;
}

/** Query keys that an event makes old. */
export function keysOf(event: ServerEvent): string[][] {
  const keys: string[][] = [];
  if (event.call_id) keys.push(['call', event.call_id]);
  if (event.type.startsWith('escalation.')) keys.push(['escalations']);
  if (event.type.startsWith('call.')) keys.push(['calls', 'count'], ['figures']);
  if (event.type.startsWith('override.')) keys.push(['figures'], ['calls', 'count']);
  return keys;
}

const quiet = 2000;

/** Refetches what events made old, each key at most once in two seconds. Lists are left to their "new" bar. */
export function connectToQueries(client: QueryClient, source: EventHub = eventHub()): () => void {
  const due = new Map<string, ReturnType<typeof setTimeout>>();
  const last = new Map<string, number>();
  const refresh = (key: string[]): void => {
    const name = key.join('/');
    if (due.has(name)) return;
    const wait = Math.max(0, quiet - (Date.now() - (last.get(name) ?? 0)));
    due.set(
      name,
      setTimeout(() => {
        due.delete(name);
        last.set(name, Date.now());
        void client.invalidateQueries({ queryKey: key, predicate: (query) => query.queryKey[1] !== 'list' });
      }, wait),
    );
  };
  const offEvent = source.onEvent((event) => keysOf(event).forEach(refresh));
  let known = source.connection.state;
  const offWatch = source.watch(() => {
    const state = source.connection.state;
    // Back after an absence: what failed is read again, and what was read may be old.
    if (state === 'live' && (known === 'reconnecting' || known === 'offline')) void client.invalidateQueries();
    known = state;
  });
  const offPoll = source.onPoll(() => void client.invalidateQueries());
  return () => {
    offEvent();
    offPoll();
    offWatch();
    due.forEach((timer) => clearTimeout(timer));
  };
}

export function useConnection(): Connection {
  const source = eventHub();
  return useSyncExternalStore((listener) => source.watch(listener), () => source.connection);
}

export function useServerEvents(handler: (event: ServerEvent) => void): void {
  const latest = useEffectEvent(handler);
  useEffect(() => eventHub().onEvent((event) => latest(event)), []);
}
