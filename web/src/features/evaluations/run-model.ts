import type { Schemas } from '@/api/client';

export type Run = Schemas['EvaluationRun'];
export type Shift = Schemas['RunShift'];

/** Something is still to come of it. */
export const isMoving = (run: Pick<Run, 'state'>): boolean => run.state === 'running' || run.state === 'promoting';

/** Share of its calls that are through, whatever came of them. */
export function progress(run: Pick<Run, 'calls' | 'done' | 'failed' | 'cancelled'>): number {
  return run.calls === 0 ? 1 : (run.done + run.failed + run.cancelled) / run.calls;
}

/** Nothing is left to wait for, and there is something to make current. */
export const promotable = (run: Pick<Run, 'state' | 'done'>): boolean => (run.state === 'done' || run.state === 'cancelled') && run.done > 0;

/** Questions with most flips first; those that are asked by one side only after the others. */
export function byFlips(rules: Shift['rules']): Shift['rules'] {
  return [...rules].sort((a, b) => b.flips - a.flips || b.added + b.removed - (a.added + a.removed) || (a.question_id < b.question_id ? -1 : 1));
}

export interface RunFilter {
  from?: string;
  to?: string;
  agent_id?: string;
  issue?: string;
}

/** What is sent of a filter: members that are set. The contract names them by reference only, hence the type. */
export function filterOf(choice: { [K in keyof RunFilter]: RunFilter[K] | undefined }): Record<string, never> {
  return Object.fromEntries(Object.entries(choice).filter(([, value]) => value !== undefined && value !== '')) as Record<string, never>;
}
