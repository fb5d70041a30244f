import type { CallFilters } from '@/api/queries';
import type { Range } from '@/lib/period';

export interface QueueChoice {
  agent_id?: string | undefined;
  issue?: string | undefined;
  flagged?: boolean | undefined;
  sort?: CallFilters['sort'] | undefined;
}

/** Judged calls that no person has looked at yet, those that need coaching most first. */
export function queueFilters(choice: QueueChoice, range: Range, reviewed = false): CallFilters {
  const { sort, ...chosen } = choice;
  const given = Object.fromEntries(Object.entries(chosen).filter(([, value]) => value !== undefined));
  return { ...given, ...range, status: 'analyzed', reviewed, sort: sort ?? '-coaching_priority' };
}

// Calls that were looked at and left as they are, until the queue has been gone through.
const passed = new Set<string>();

export const pass = (id: string): void => void passed.add(id);
export const startOver = (): void => passed.clear();

/** The first waiting call that is neither open nor was left as it is. */
export function nextInQueue(waiting: readonly string[], open: string | undefined, left: ReadonlySet<string> = passed): string | undefined {
  return waiting.find((id) => id !== open && !left.has(id));
}
