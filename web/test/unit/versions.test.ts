import { describe, expect, it } from 'vitest';
import { byFlips, filterOf, isMoving, progress, promotable, type Shift } from '@/features/evaluations/run-model';
import { hunks, lineSpan, titleOf, withVersion, type DiffLine } from '@/features/scorecards/scorecard-model';

describe('a scorecard', () => {
  it('has its title in the language, else in English, else in any', () => {
    expect(titleOf({ en: 'Support', hi: 'सहायता' }, 'hi', 'k')).toBe('सहायता');
    expect(titleOf({ en: 'Support' }, 'hi', 'k')).toBe('Support');
    expect(titleOf({ ta: 'ஆதரவு' }, 'hi', 'k')).toBe('ஆதரவு');
    expect(titleOf({}, 'hi', 'k')).toBe('k');
  });
  it('gets the number of its next version, and nothing else of it changes', () => {
    const text = '# version: 9\nscorecard:\n  key: a\n  version: 1 # first\n  title: {en: "version: 1"}\nlists:\n  version: 1\n';
    expect(withVersion(text, 12)).toBe(text.replace('version: 1 # first', 'version: 12 # first'));
    expect(withVersion('lists:\n  version: 1\n', 2)).toBe('lists:\n  version: 1\n');
    expect(withVersion('', 2)).toBe('');
  });
  it('knows where a line stands in a text', () => {
    const text = 'one\nकदम\n\nlast';
    expect([1, 2, 3, 4, 0, 99].map((line) => lineSpan(text, line)).map(({ from, to }) => text.slice(from, to))).toEqual(['one', 'कदम', '', 'last', 'one', 'last']);
  });
  it('shows changes in parts, cut where lines are left out', () => {
    const line = (change: DiffLine['change'], before: number | null, after: number | null): DiffLine => ({ change, before, after, text: 'x' });
    const parts = hunks([line('same', 1, 1), line('removed', 2, null), line('added', null, 2), line('same', 3, 3), line('same', 40, 40), line('added', null, 41), line('same', 41, 42)]);
    expect(parts.map((part) => part.lines.length)).toEqual([4, 3]);
    expect(hunks([])).toEqual([]);
  });
});

describe('a run', () => {
  it('counts what is through, and is offered when nothing is left to wait for', () => {
    expect(progress({ calls: 10, done: 4, failed: 1, cancelled: 0 })).toBe(0.5);
    expect(progress({ calls: 0, done: 0, failed: 0, cancelled: 0 })).toBe(1);
    expect((['running', 'done', 'cancelled', 'promoting', 'promoted'] as const).map((state) => [isMoving({ state }), promotable({ state, done: 3 })])).toEqual([[true, false], [false, true], [false, true], [true, false], [false, false]]);
    expect(promotable({ state: 'cancelled', done: 0 })).toBe(false);
  });
  it('lists questions with most flips first', () => {
    const rule = (question_id: string, flips: number, added = 0): Shift['rules'][number] => ({ question_id, compared: 10, flips, agreement: 1, interval: null, flips_to: { pass: 0, fail: flips, na: 0, needs_review: 0 }, added, removed: 0 });
    expect(byFlips([rule('b', 0), rule('new', 0, 4), rule('a', 0), rule('most', 5)]).map((each) => each.question_id)).toEqual(['most', 'new', 'a', 'b']);
  });
  it('sends the members of a filter that are set', () => {
    expect(filterOf({ from: '2026-01-01', to: undefined, agent_id: '', issue: 'Payment' })).toEqual({ from: '2026-01-01', issue: 'Payment' });
  });
});
