import { describe, expect, it } from 'vitest';
import { age, clock, compact, count, dateTime, percent, points } from '@/lib/format';
import { split, wordSpans } from '@/lib/marks';
import { before, intervalOf, rangeOf, today } from '@/lib/period';
import { stepOf, stepsOf } from '@/lib/scales';
import { overlap, wilson } from '@/lib/statistics';

describe('formats', () => {
  it('groups digits as in India and shortens in lakh and crore', () => {
    expect(count(1234567)).toBe('12,34,567');
    expect(compact(99_999)).toBe('99,999');
    expect(compact(1_230_000)).toBe('12.3 L');
    expect(compact(12_000_000)).toBe('1.2 Cr');
    expect(count(-5)).toBe('\u22125');
  });
  it('shows whole percent, one decimal below ten', () => {
    expect(percent(0.444)).toBe('44 %');
    expect(percent(0.0144)).toBe('1.4 %');
    expect(percent(0.0999)).toBe('10 %');
    expect(percent(0)).toBe('0 %');
    expect(points(0.42, 0.44)).toBe('\u22122');
    expect(points(0.44, 0.44)).toBe('0');
  });
  it('tells times in the zone of the tenant, across midnight', () => {
    expect(dateTime('2026-11-22T19:41:00Z', 'Asia/Kolkata')).toBe('23 Nov 2026, 01:11 IST');
    expect(dateTime('2026-11-22T18:29:00Z', 'Asia/Kolkata')).toBe('22 Nov 2026, 23:59 IST');
    expect(dateTime('nonsense', 'Asia/Kolkata')).toBe('–');
    expect(clock(68)).toBe('1:08');
    expect(clock(3723.9)).toBe('1:02:03');
    expect(age('2026-11-22T00:00:00Z', Date.parse('2026-11-22T05:10:00Z'))).toBe('5 h');
  });
});

describe('periods', () => {
  it('ends with today and compares with as many days before', () => {
    const range = rangeOf({}, '2026-11-22');
    expect(range).toEqual({ from: '2026-10-24', to: '2026-11-23' });
    expect(before(range)).toEqual({ from: '2026-09-24', to: '2026-10-24' });
    expect(intervalOf(rangeOf({ period: '90d' }, '2026-11-22'))).toBe('day');
    expect(intervalOf({ from: '2026-01-01', to: '2026-06-01' })).toBe('week');
    expect(rangeOf({ period: 'month' }, '2026-11-22')).toEqual({ from: '2026-11-01', to: '2026-11-23' });
  });
  it('falls back when own days are no range', () => {
    expect(rangeOf({ period: 'custom', from: '2026-11-22', to: '2026-11-01' }, '2026-11-22')).toEqual(rangeOf({}, '2026-11-22'));
  });
  it('knows the date of the tenant, not of the viewer', () => {
    expect(today('Asia/Kolkata', new Date('2026-11-22T19:00:00Z'))).toBe('2026-11-23');
  });
});

describe('Wilson interval', () => {
  it('agrees with published values', () => {
    const { low, high } = wilson(10, 100);
    expect(low).toBeCloseTo(0.0552, 4);
    expect(high).toBeCloseTo(0.1744, 4);
    expect(wilson(0, 0)).toEqual({ low: 0, high: 1 });
    expect(wilson(0, 20).low).toBe(0);
    expect(wilson(20, 20).high).toBeCloseTo(1, 10);
  });
  it('puts proof above noise: 3 of 4 ranks below 300 of 500', () => {
    expect(wilson(3, 4).low).toBeLessThan(wilson(300, 500).low);
    expect(overlap(wilson(3, 4), wilson(300, 500))).toBe(true);
  });
});

describe('steps of the ramp', () => {
  it('has its breaks where the server has its risk words', () => {
    expect([0.95, 0.9, 0.89, 0.8, 0.7, 0.6, 0.59].map((value) => stepOf('sop', value))).toEqual([1, 1, 2, 2, 3, 4, 5]);
    expect([0, 0.01, 0.02, 0.05, 0.1, 1].map((value) => stepOf('emergency', value))).toEqual([1, 2, 3, 4, 5, 5]);
  });
  it('tells the same ends in the legend', () => {
    for (const { step, from, to } of stepsOf('sop')) {
      if (from !== undefined) expect(stepOf('sop', from)).toBe(step);
      if (to !== undefined) expect(stepOf('sop', to)).not.toBe(step);
    }
  });
});

describe('marks', () => {
  it('splits overlapping marks and loses no text', () => {
    const pieces = split('abcdef', [{ from: 1, to: 4, key: 'a' }, { from: 3, to: 6, key: 'b' }]);
    expect(pieces.map((piece) => [piece.text, piece.keys.join()])).toEqual([['a', ''], ['bc', 'a'], ['d', 'a,b'], ['ef', 'b']]);
  });
  it('counts code points, so Devanagari and emoji stay whole', () => {
    const text = 'मुझे 🔋 बैटरी';
    const [, , word] = wordSpans(text, ['मुझे', '🔋', 'बैटरी']);
    const pieces = split(text, [{ ...word!, key: 'w' }]);
    expect(pieces.find((piece) => piece.keys.includes('w'))?.text).toBe('बैटरी');
    expect(pieces.map((piece) => piece.text).join('')).toBe(text);
  });
  it('gives no place for words a text does not hold in order', () => {
    expect(wordSpans('one two three', ['one', 'three', 'two'])).toEqual([{ from: 0, to: 3 }, undefined, undefined]);
  });
  it('ignores marks outside the text', () => {
    expect(split('ab', [{ from: 5, to: 9, key: 'x' }, { from: 1, to: 1, key: 'y' }])).toEqual([{ text: 'ab', from: 0, keys: [] }]);
  });
});
