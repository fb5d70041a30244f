import type { Schemas } from '@/api/client';
import { aroundRuns } from '@/features/call/redacted';
import { split } from '@/lib/marks';

export type FoundCall = Schemas['FoundCall'];
export type FoundTurn = Schemas['FoundTurn'];

/** The second of the call, and the first of the found words as they are spelt there, which its transcript then shows. */
export function linkTo(turn: FoundTurn): { t: number; find?: string } {
  const first = turn.highlights[0];
  const find = first === undefined ? '' : Array.from(turn.text).slice(first.from, first.to).join('').trim();
  return { t: Math.round(turn.start_time * 1000), ...(find === '' ? {} : { find }) };
}

/** The text in pieces that are found words or not; redacted words stay one piece. */
export const pieces = (turn: FoundTurn): { text: string; found: boolean }[] =>
  split(turn.text, aroundRuns(turn.text, turn.highlights.map((each) => ({ ...each, key: 'found' })))).map((piece) => ({ text: piece.text, found: piece.keys.length > 0 }));
