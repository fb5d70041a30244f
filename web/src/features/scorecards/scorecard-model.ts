import type { Schemas } from '@/api/client';

export type Finding = Schemas['Finding'];
export type DiffLine = Schemas['DiffLine'];

/** The title in a language, else in English, else in any, else the key. */
export function titleOf(title: Record<string, string>, language: string, key: string): string {
  return title[language] ?? title['en'] ?? Object.values(title)[0] ?? key;
}

/**
 * The text for a next version: the number of the document is set to it. Only the first plain `version:` line inside
 * `scorecard:` is meant; a text without one stays as it is and is refused by the server with its place.
 */
export function withVersion(content: string, next: number): string {
  const lines = content.split('\n');
  let inside = false;
  for (let i = 0; i < lines.length; i += 1) {
    const line = lines[i]!;
    if (/^\S/.test(line) && !line.startsWith('#')) inside = /^scorecard:\s*(#.*)?$/.test(line);
    const found = inside ? /^(\s+version:\s*)\d+(.*)$/.exec(line) : null;
    if (found === null) continue;
    lines[i] = `${found[1]}${next}${found[2]}`;
    break;
  }
  return lines.join('\n');
}

/** Where a line begins and ends in a text, counted as a text field counts. */
export function lineSpan(content: string, line: number): { from: number; to: number } {
  const lines = content.split('\n');
  const at = Math.min(Math.max(line, 1), lines.length) - 1;
  const from = lines.slice(0, at).reduce((sum, each) => sum + each.length + 1, 0);
  return { from, to: from + lines[at]!.length };
}

export interface Hunk {
  lines: DiffLine[];
}

/** Changed lines with those around them; a gap in the numbers begins a new part. */
export function hunks(lines: readonly DiffLine[]): Hunk[] {
  const parts: Hunk[] = [];
  let before = -1;
  let after = -1;
  for (const line of lines) {
    const follows = (line.before === null || line.before === before + 1) && (line.after === null || line.after === after + 1);
    if (parts.length === 0 || !follows) parts.push({ lines: [] });
    parts.at(-1)!.lines.push(line);
    before = line.before ?? (follows ? before : (line.after ?? 0) - 1);
    after = line.after ?? (follows ? after : (line.before ?? 0) - 1);
  }
  return parts;
}
