import { describe, expect, it } from 'vitest';
import type { Answer } from '@/api/queries';
import { changedAnswers } from '@/features/call/compare-model';
import { gapAt, gapsOf } from '@/features/call/playback';
import { aroundRuns } from '@/features/call/redacted';
import { split } from '@/lib/marks';

describe('silence', () => {
  const turns = [{ start_ms: 3000, end_ms: 5000 }, { start_ms: 4500, end_ms: 9000 }, { start_ms: 10_000, end_ms: 12_000 }, { start_ms: 20_000, end_ms: 21_000 }];
  it('is what lies between words for more than two seconds', () => {
    expect(gapsOf(turns, 30)).toEqual([{ from: 0, to: 2.7 }, { from: 12.3, to: 19.7 }, { from: 21.3, to: 29.7 }]);
  });
  it('is nowhere without words, and not in talk that overlaps', () => {
    expect(gapsOf([], 30)).toEqual([]);
    expect(gapsOf([{ start_ms: 0, end_ms: 9000 }, { start_ms: 1000, end_ms: 2000 }, { start_ms: 10_000, end_ms: 11_000 }], 12)).toEqual([]);
  });
  it('is left before its end, so that a jump does not fall into it again', () => {
    const gaps = gapsOf(turns, 30);
    expect(gapAt(gaps, 15)).toEqual(gaps[1]);
    expect(gapAt(gaps, 19.7)).toBeUndefined();
    expect(gapAt(gaps, 11)).toBeUndefined();
  });
});

describe('a redacted run', () => {
  const text = '🔋 on [PHONE] […] […], thanks';
  const pieces = (from: number, to: number) => split(text, aroundRuns(text, [{ from, to, key: 'a' }])).map((piece) => piece.text);
  it('is never cut by a mark that begins or ends in it', () => {
    expect(pieces(0, 9)).toEqual(['🔋 on [PHONE] […] […],', ' thanks']);
    expect(pieces(14, 28)).toEqual(['🔋 on ', '[PHONE] […] […], thanks']);
  });
  it('leaves other marks alone', () => {
    expect(pieces(0, 4)).toEqual(['🔋 on', text.slice('🔋 on'.length)]);
  });
});

describe('two evaluations', () => {
  const answer = (id: string, state: Answer['state']) => ({ question_id: id, state, evidence: state === 'pass' || state === 'fail' ? [{ start_time: 1 }] : [] }) as unknown as Answer;
  it('differ where a verdict differs or a question is asked by one only', () => {
    const before = [answer('same', 'pass'), answer('fell', 'pass'), answer('gone', 'fail')];
    const now = [answer('same', 'pass'), answer('fell', 'fail'), answer('new', 'na')];
    expect(changedAnswers(before, now).map((each) => [each.id, each.before?.state, each.now?.state])).toEqual([['fell', 'pass', 'fail'], ['new', undefined, 'na'], ['gone', 'fail', undefined]]);
  });
});
