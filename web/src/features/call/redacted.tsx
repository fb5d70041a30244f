/** Redacted words: "[PHONE] […] […]" stands for a number of three words. */
const redacted = /(\[[A-Z][A-Z_ ]*\](?:\s*\[…\])*)/g;

const nameOf = (part: string): string => part.slice(1, part.indexOf(']')).replaceAll('_', ' ').toLowerCase();

export const tidy = (text: string): string => text.replace(redacted, (part) => `[${nameOf(part)}]`);

/** Redacted spans as chips. */
export function withChips(text: string) {
  const parts = text.split(redacted);
  return parts.length === 1 ? text : parts.map((part, i) => (i % 2 === 1 ? <span key={i} className="hs-redacted">{nameOf(part)}</span> : part));
}
