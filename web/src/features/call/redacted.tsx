import type { Mark } from '@/lib/marks';

/** Redacted words: "[PHONE] […] […]" stands for a number of three words. */
const redacted = /(\[[A-Z][A-Z_ ]*\][.,;!?]?(?:\s*\[…\][.,;!?]?)*)/g;

const nameOf = (part: string): string => part.slice(1, part.indexOf(']')).replaceAll('_', ' ').toLowerCase();

export const tidy = (text: string): string => text.replace(redacted, (part) => `[${nameOf(part)}]`);

/** Redacted spans as chips, one a run. */
export function withChips(text: string) {
  const parts = text.split(redacted);
  return parts.length === 1 ? text : parts.map((part, i) => (i % 2 === 1 ? <span key={i} className="hs-redacted">{nameOf(part)}</span> : part));
}

/** Marks that never cut a redacted run: its chip belongs to one piece of the text. */
export function aroundRuns<M extends Mark>(text: string, marks: readonly M[]): M[] {
  const runs = [...text.matchAll(redacted)].map((found) => {
    const from = Array.from(text.slice(0, found.index)).length;
    return { from, to: from + Array.from(found[0]).length };
  });
  if (runs.length === 0) return [...marks];
  return marks.map((mark) => {
    const first = runs.find((run) => run.from < mark.from && mark.from < run.to);
    const last = runs.find((run) => run.from < mark.to && mark.to < run.to);
    return { ...mark, from: first?.from ?? mark.from, to: last?.to ?? mark.to };
  });
}
