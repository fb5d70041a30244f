import type { MapState } from '@/api/queries';
import { stepOf, type Metric, type Step } from '@/lib/scales';
import { leastCalls, wilson } from '@/lib/statistics';
import { stateKey } from './join';

export interface RankedState {
  key: string;
  state: MapState;
  /** Undefined below the number of calls that can be ranked. */
  rank: number | undefined;
  value: number;
  /** What the value is counted over. */
  n: number;
  step: Step | undefined;
}

export function valueOf(metric: Metric, state: MapState): { value: number; n: number } {
  if (metric === 'volume') return { value: state.total_calls, n: state.total_calls };
  if (metric === 'emergency') return { value: state.total_calls === 0 ? 0 : state.emergencies / state.total_calls, n: state.total_calls };
  return { value: state.avg_sop_score, n: state.analyzed_calls };
}

/** Riskiest first: shares by the lower end of their interval, scores by value; too few calls are listed after, unranked. */
export function rankStates(metric: Metric, states: readonly MapState[]): RankedState[] {
  const order = (a: MapState, b: MapState): number => {
    if (metric === 'volume') return b.total_calls - a.total_calls;
    if (metric === 'sop') return a.avg_sop_score - b.avg_sop_score;
    return wilson(b.emergencies, b.total_calls).low - wilson(a.emergencies, a.total_calls).low;
  };
  const enough = (state: MapState): boolean => metric === 'volume' || valueOf(metric, state).n >= leastCalls;
  const ranked = states.filter(enough).sort((a, b) => order(a, b) || b.total_calls - a.total_calls);
  const few = states.filter((state) => !enough(state)).sort((a, b) => b.total_calls - a.total_calls);
  return [...ranked, ...few].map((state, i) => {
    const { value, n } = valueOf(metric, state);
    return { key: stateKey(state), state, rank: i < ranked.length ? i + 1 : undefined, value, n, step: n === 0 ? undefined : stepOf(metric, value) };
  });
}
