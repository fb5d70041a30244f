import type { Answer } from '@/api/queries';
import { findingOf } from './call-model';

export interface Changed {
  id: string;
  before: Answer | undefined;
  now: Answer | undefined;
}

/** Questions whose verdict differs, or that only one of two evaluations asks; in the order of the newer, then the older. */
export function changedAnswers(before: readonly Answer[], now: readonly Answer[]): Changed[] {
  const then = new Map(before.map((answer) => [answer.question_id, answer]));
  const ids = [...new Set([...now, ...before].map((answer) => answer.question_id))];
  const here = new Map(now.map((answer) => [answer.question_id, answer]));
  return ids
    .map((id) => ({ id, before: then.get(id), now: here.get(id) }))
    .filter((each) => each.before === undefined || each.now === undefined || findingOf(each.before).verdict !== findingOf(each.now).verdict);
}
