import { describe, expect, it } from 'vitest';
import { byFall, changeOf, missed, type RuleFigures } from '@/features/rules/rule-model';

const rule = (rule_id: string, now: [number, number], before: [number, number]): RuleFigures => {
  const counts = ([missed, n]: [number, number]) => ({ met: n - missed, missed, needs_review: 0, n, miss_rate: n === 0 ? 0 : missed / n });
  return { rule_id, title: rule_id, ...counts(now), previous: counts(before), change: null };
};

describe('what changed', () => {
  it('lists falls that are proven first, then those that may be chance, each by its size', () => {
    const rules = [rule('small', [30, 200], [10, 200]), rule('noise', [1, 1], [0, 1]), rule('large', [80, 200], [20, 200]), rule('better', [5, 200], [60, 200]), rule('new', [3, 9], [0, 0])];
    const { fallen, others } = byFall(rules);
    expect(fallen.map((each) => [each.rule.rule_id, each.chance])).toEqual([['large', false], ['small', false], ['noise', true]]);
    expect(others.map((each) => each.rule.rule_id)).toEqual(['better', 'new']);
  });
  it('compares with nothing when nothing was answered', () => {
    expect(changeOf(rule('a', [1, 4], [0, 0])).change).toBeUndefined();
    expect(changeOf(rule('a', [0, 0], [1, 4])).change).toBeUndefined();
    expect(changeOf(rule('a', [3, 4], [1, 4])).change).toBe(0.5);
  });
  it('leaves out what was never answered, and shows as missed only what was', () => {
    expect(byFall([rule('never', [0, 0], [0, 0])])).toEqual({ fallen: [], others: [] });
    expect(missed([rule('met', [0, 9], [0, 9]), rule('missed', [2, 9], [0, 9])]).map((each) => each.rule.rule_id)).toEqual(['missed']);
  });
});
