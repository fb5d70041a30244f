import { describe, expect, it } from 'vitest';
import { byNeed, distinct } from '@/features/coaching/coaching-model';
import { nextInQueue, pass, queueFilters, startOver } from '@/features/reviews/queue';
import { span } from '@/lib/format';

const range = { from: '2026-11-01', to: '2026-12-01' };

describe('the queue of reviews', () => {
  it('asks for judged calls that nobody has looked at, the most needed first', () => {
    expect(queueFilters({}, range)).toEqual({ ...range, status: 'analyzed', reviewed: false, sort: '-coaching_priority' });
    expect(queueFilters({ agent_id: 'a', flagged: false, issue: undefined, sort: 'overall_quality' }, range, true)).toEqual({ ...range, status: 'analyzed', reviewed: true, agent_id: 'a', flagged: false, sort: 'overall_quality' });
  });
  it('gives the first that is neither open nor was left, until all were seen', () => {
    startOver();
    expect(nextInQueue(['a', 'b', 'c'], 'a')).toBe('b');
    pass('b');
    expect(nextInQueue(['a', 'b', 'c'], 'a')).toBe('c');
    expect(nextInQueue(['b', 'c'], 'c')).toBeUndefined();
    startOver();
    expect(nextInQueue(['b', 'c'], 'c')).toBe('b');
    expect(nextInQueue([], undefined)).toBeUndefined();
  });
});

describe('coaching', () => {
  const row = (name: string, overall_score: number, calls_received: number) => ({ name, overall_score, calls_received }) as Parameters<typeof byNeed>[0][number];
  it('lists the lowest first, those with few calls after all others, those without calls not at all', () => {
    const rows = [row('High', 0.9, 50), row('Few', 0.1, 3), row('Low', 0.5, 40), row('None', 0, 0), row('Also low', 0.5, 31)];
    expect(byNeed(rows, 30).map((each) => each.row.name)).toEqual(['Also low', 'Low', 'High', 'Few']);
    expect(byNeed(rows, 30).map((each) => each.few)).toEqual([false, false, false, true]);
  });
  it('gives an advice once', () => {
    expect(distinct(['Say sorry.', ' Say sorry. ', '', 'Verify.'])).toEqual(['Say sorry.', 'Verify.']);
  });
});

describe('lengths of time', () => {
  it('have two units at most, none of them empty', () => {
    expect([0, 59, 60, 65, 3600, 3660, 86_399, 86_400, 90_000, 200_000].map(span)).toEqual(['0 s', '59 s', '1 min', '1 min 5 s', '1 h', '1 h 1 min', '23 h 59 min', '1 d', '1 d 1 h', '2 d 7 h']);
  });
});
