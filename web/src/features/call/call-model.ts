import type { Answer, CallDetail, Evidence, JudgedCall, Transcript, Turn } from '@/api/queries';
import { verdictOf, type Verdict } from '@/components/verdict';
import { wordSpans, type Mark } from '@/lib/marks';

export const isJudged = (call: CallDetail): call is JudgedCall => call.evaluation_id !== null && call.answers !== undefined;

export interface Finding {
  answer: Answer;
  verdict: Verdict;
  /** Seconds of the first quote, or of the span searched for something never said. */
  at: number | undefined;
}

/** A Met or Missed without a quote is shown as what it is: a question for a person. */
export function findingOf(answer: Answer): Finding {
  const verdict = verdictOf(answer.state);
  const first = answer.evidence[0];
  const proven = first !== undefined || verdict === 'na';
  return { answer, verdict: proven ? verdict : 'review', at: first?.start_time };
}

const badness: Record<Verdict, number> = { missed: 0, review: 1, met: 2, na: 3 };

/** Missed first, critical before others, then as on the scorecard. */
export function worstFirst(findings: readonly Finding[]): Finding[] {
  return findings
    .map((finding, index) => ({ finding, index }))
    .sort((a, b) => badness[a.finding.verdict] - badness[b.finding.verdict] || Number(b.finding.answer.critical) - Number(a.finding.answer.critical) || a.index - b.index)
    .map(({ finding }) => finding);
}

export interface Points {
  got: number;
  of: number;
  review: number;
}

/** What the score is made of: points of the questions that were answered. */
export function pointsOf(findings: readonly Finding[]): Points {
  const sum: Points = { got: 0, of: 0, review: 0 };
  for (const { answer, verdict } of findings) {
    if (verdict === 'review') sum.review += 1;
    if (answer.score === null || verdict === 'na' || verdict === 'review') continue;
    sum.got += answer.score * answer.weight;
    sum.of += answer.weight;
  }
  return sum;
}

export interface EvidenceMark extends Mark {
  verdict: Verdict;
  rule: string;
  title: string;
  evidence: Evidence;
}

/** Marks of every turn; places come from the server as words of the turn, never from a search in the text. */
export function marksByTurn(transcript: Transcript, findings: readonly Finding[]): Map<number, EvidenceMark[]> {
  const turns = new Map(transcript.turns.map((turn) => [turn.turn, turn]));
  const spans = new Map<number, ReturnType<typeof wordSpans>>();
  const marks = new Map<number, EvidenceMark[]>();
  for (const { answer, verdict } of findings) {
    for (const evidence of answer.evidence) {
      const turn = turns.get(evidence.turn);
      if (turn === undefined) continue;
      const places = spans.get(turn.turn) ?? wordSpans(turn.text, (turn.words ?? []).map((word) => word.text));
      spans.set(turn.turn, places);
      const first = places[evidence.word_from];
      const last = places[evidence.word_to];
      if (first === undefined || last === undefined) continue;
      const key = `${answer.question_id}:${evidence.turn}:${evidence.word_from}`;
      const list = marks.get(turn.turn) ?? [];
      list.push({ from: first.from, to: last.to, key, verdict, rule: answer.question_id, title: answer.title, evidence });
      marks.set(turn.turn, list);
    }
  }
  return marks;
}

/** Index of the turn that is heard at a time: the last that has begun; -1 before the first. */
export function turnAt(turns: readonly Turn[], seconds: number): number {
  const ms = seconds * 1000;
  let low = 0;
  let high = turns.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (turns[middle]!.start_ms <= ms) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

export interface MarkerGroup {
  at: number;
  findings: Finding[];
}

/** Markers closer than their size become one. */
export function groupMarkers(findings: readonly Finding[], duration: number, width: number, least = 26): MarkerGroup[] {
  const placed = findings
    .filter((finding) => finding.at !== undefined && finding.verdict !== 'na')
    .sort((a, b) => a.at! - b.at!);
  const groups: MarkerGroup[] = [];
  for (const finding of placed) {
    const last = groups.at(-1);
    const near = last !== undefined && ((finding.at! - last.at) / Math.max(duration, 0.001)) * width < least;
    if (near) last.findings.push(finding);
    else groups.push({ at: finding.at!, findings: [finding] });
  }
  return groups;
}

export const confidenceWord = (value: number): 'high' | 'medium' | 'low' => (value >= 0.85 ? 'high' : value >= 0.6 ? 'medium' : 'low');
