import { describe, expect, it } from 'vitest';
import { linkTo, pieces, type FoundTurn } from '@/features/search/search-model';

const turn = (text: string, ...highlights: { from: number; to: number }[]): FoundTurn => ({ turn: 3, speaker: 'customer', start_time: 12.3456, end_time: 20, text, highlights });

describe('what was found', () => {
  it('opens at the second of the turn, with the words as they are spelt there', () => {
    expect(linkTo(turn('I will tell the Media about it.', { from: 16, to: 21 }))).toEqual({ t: 12346, find: 'Media' });
    expect(linkTo(turn('nothing is marked'))).toEqual({ t: 12346 });
  });
  it('counts places in code points: emoji and Devanagari before a word do not move it', () => {
    const found = turn('😡 मीडिया को बताऊँगा', { from: 2, to: 8 });
    expect(linkTo(found).find).toBe(Array.from('😡 मीडिया को बताऊँगा').slice(2, 8).join(''));
    expect(pieces(found).map((piece) => piece.text).join('')).toBe(found.text);
    expect(pieces(found).filter((piece) => piece.found)).toEqual([{ text: linkTo(found).find, found: true }]);
  });
  it('marks redacted words as one', () => {
    expect(pieces(turn('It is [OTP] […] […] now', { from: 7, to: 10 })).find((piece) => piece.found)?.text).toBe('[OTP] […] […]');
  });
  it('never leaves the text, whatever the places are', () => {
    expect(pieces(turn('abc', { from: 1, to: 99 }))).toEqual([{ text: 'a', found: false }, { text: 'bc', found: true }]);
  });
});
