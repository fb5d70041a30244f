import { describe, expect, it } from 'vitest';
import { dataFilters, placeFilters } from '@/routes/filters';
import { flag, number, oneOf, parseQuery, searchOf, text, whole, writeQuery } from '@/lib/search';

const read = searchOf({ ...dataFilters, ...placeFilters, q: text(200), min_score: number(0, 1), flagged: flag, t: whole(0, 1000), sort: oneOf(['a', 'b'], 'a') });

describe('what stands after "?"', () => {
  it('keeps good values', () => {
    const query = '?period=7d&agent_id=01A20495-B2EA-7297-B5E9-0912B8A6AD11&min_score=0.5&flagged=true&t=12&q=refund';
    expect(read(parseQuery(query))).toEqual({ period: '7d', agent_id: '01a20495-b2ea-7297-b5e9-0912b8a6ad11', min_score: 0.5, flagged: true, t: 12, q: 'refund' });
  });
  it('drops defaults, unknown names and bad values', () => {
    expect(read(parseQuery('?period=30d&sort=a&x=1&min_score=2&t=1.5&agent_id=7&from=2026-02-31&flagged=maybe&q='))).toEqual({});
  });
  it('comes back as it was written', () => {
    const search = { period: '7d', q: 'a&b=c ü', t: 5 };
    expect(read(parseQuery(writeQuery(search)))).toEqual(search);
  });
  it('reads any query string at all', () => {
    const seed = Date.now() % 2 ** 31;
    let state = seed;
    const next = (most: number): number => {
      state = (state * 1103515245 + 12345) % 2 ** 31;
      return state % most;
    };
    const letters = ['period', 'from', 'q', '=', '&', '%', '%zz', '%E0', '[', ']', '{', '__proto__', 'constructor', '1e999', '-', '.', '\u0000', '🔋', 'true', 'NaN', 't'];
    for (let i = 0; i < 2000; i += 1) {
      const query = `?${Array.from({ length: next(12) }, () => letters[next(letters.length)]).join('')}`;
      const found = read(parseQuery(query));
      expect(Object.getPrototypeOf(found), `seed ${seed}, ${query}`).toBe(Object.prototype);
      expect(read(parseQuery(writeQuery(found))), `seed ${seed}, ${query}`).toEqual(found);
    }
  }, 60_000);
});
