/** Cutting a text at marks. Marks may overlap; positions are counted in code points. */
export interface Mark {
  from: number;
  to: number;
  key: string;
}

export interface Piece {
  text: string;
  from: number;
  keys: string[];
}

/** The text in pieces, each with the keys of every mark that covers it, in the order of the marks. */
export function split(text: string, marks: readonly Mark[]): Piece[] {
  const points = Array.from(text);
  const held = marks
    .map((mark) => ({ ...mark, from: Math.max(0, mark.from), to: Math.min(points.length, mark.to) }))
    .filter((mark) => mark.from < mark.to);
  const cuts = [...new Set([0, points.length, ...held.flatMap((mark) => [mark.from, mark.to])])].sort((a, b) => a - b);
  const pieces: Piece[] = [];
  for (let i = 0; i + 1 < cuts.length; i += 1) {
    const from = cuts[i]!;
    const to = cuts[i + 1]!;
    pieces.push({
      text: points.slice(from, to).join(''),
      from,
      keys: held.filter((mark) => mark.from <= from && mark.to >= to).map((mark) => mark.key),
    });
  }
  return pieces;
}

/**
 * Where words stand in a text that holds them in order. The server counts evidence in words of the turn; a word that
 * cannot be found (a text changed since) gives undefined for the rest.
 */
export function wordSpans(text: string, words: readonly string[]): ({ from: number; to: number } | undefined)[] {
  let unit = 0;
  let point = 0;
  let lost = false;
  return words.map((word) => {
    if (lost) return undefined;
    const at = text.indexOf(word, unit);
    if (at < 0 || text.slice(unit, at).trim() !== '') {
      lost = true;
      return undefined;
    }
    const from = point + Array.from(text.slice(unit, at)).length;
    const to = from + Array.from(word).length;
    unit = at + word.length;
    point = to;
    return { from, to };
  });
}
