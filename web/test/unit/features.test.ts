import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Answer, MapState } from '@/api/queries';
import { findingOf, groupMarkers, pointsOf, turnAt, worstFirst } from '@/features/call/call-model';
import { tidy } from '@/features/call/redacted';
import { placesOf } from '@/features/call/transcript';
import { shortCode } from '@/features/map/join';
import { cluster, hits, placeLabels } from '@/features/map/labels';
import { rankStates } from '@/features/map/ranking';
import { refusal, UploadQueue, type Outside, type UploadRow } from '@/features/upload/upload-queue';
import { pruned } from '../../scripts/prune-css';

const quote = (start: number): Answer['evidence'][number] => ({ kind: 'said', turn: 1, word_from: 0, word_to: 1, start_time: start, end_time: start + 1, quote: 'x', verified: 'exact' });
const answer = (id: string, state: Answer['state'], more: Partial<Answer> = {}): Answer => ({
  question_id: id, section_id: 's', title: id, state, value: null, score: state === 'pass' ? 1 : state === 'fail' ? 0 : null, weight: 10, critical: false, confidence: 1, method: 'rule',
  evidence: state === 'pass' || state === 'fail' ? [quote(5)] : [], counter_evidence: [], rationale: '', searched: null, should_have_said: '', actual: '', ...more,
});

describe('the checklist', () => {
  it('gives no Met and no Missed without a quote', () => {
    expect(findingOf(answer('a', 'fail', { evidence: [] })).verdict).toBe('review');
    expect(findingOf(answer('a', 'fail')).verdict).toBe('missed');
    expect(findingOf(answer('a', 'na')).verdict).toBe('na');
  });
  it('counts points of answered questions only', () => {
    const findings = [answer('a', 'pass'), answer('b', 'fail', { weight: 20 }), answer('c', 'needs_review'), answer('d', 'na')].map(findingOf);
    expect(pointsOf(findings)).toEqual({ got: 10, of: 30, review: 1 });
  });
  it('lists what was missed first, critical before others', () => {
    const findings = [answer('met', 'pass'), answer('missed', 'fail'), answer('critical', 'fail', { critical: true }), answer('na', 'na'), answer('review', 'needs_review')].map(findingOf);
    expect(worstFirst(findings).map((finding) => finding.answer.question_id)).toEqual(['critical', 'missed', 'review', 'met', 'na']);
  });
  it('merges markers that would cover each other', () => {
    const findings = [1, 1.5, 30].map((at, i) => findingOf(answer(`q${i}`, 'pass', { evidence: [quote(at)] })));
    expect(groupMarkers(findings, 60, 600).map((group) => group.findings.length)).toEqual([2, 1]);
    expect(groupMarkers(findings, 60, 6000).map((group) => group.findings.length)).toEqual([1, 1, 1]);
  });
});

describe('the transcript', () => {
  it('knows the turn that is heard', () => {
    const turns = [0, 1000, 5000].map((start_ms, i) => ({ turn: i + 1, start_ms }) as Parameters<typeof turnAt>[0][number]);
    expect([-1, 0, 0.999, 1, 4.9, 5, 99].map((seconds) => turnAt(turns, seconds))).toEqual([-1, 0, 0, 1, 1, 2, 2]);
  });
  it('finds words without regard to case, in code points', () => {
    expect(placesOf('🔋 Refund? refund!', 'REFUND')).toEqual([{ from: 2, to: 8, key: 'find' }, { from: 10, to: 16, key: 'find' }]);
  });
  it('shows a redacted number as one', () => {
    expect(tidy('number is [PHONE] […] […] thanks')).toBe('number is [phone] thanks');
  });
});

const state = (name: string, code: string | null, calls: number, sop: number, emergencies = 0): MapState => ({
  state: name, state_code: code, total_calls: calls, analyzed_calls: calls, avg_sop_score: sop, overall_sop_score: sop, emergencies, total_call_volume_pct: 0, top_issue: '', risk_level: 'low', cities: [],
});

describe('the map', () => {
  it('ranks by proof: few calls are listed after, unranked', () => {
    const ranked = rankStates('sop', [state('Goa', 'IN-GA', 4, 0.1), state('Delhi', 'IN-DL', 400, 0.7), state('Bihar', 'IN-BR', 100, 0.6)]);
    expect(ranked.map((each) => [each.key, each.rank])).toEqual([['BR', 1], ['DL', 2], ['GA', undefined]]);
    const shares = rankStates('emergency', [state('Goa', 'IN-GA', 31, 0.5, 4), state('Delhi', 'IN-DL', 4000, 0.5, 400)]);
    expect(shares.map((each) => each.key)).toEqual(['DL', 'GA']);
  });
  it('joins every state of the seed data, old names and old codes', () => {
    const csv = readFileSync(new URL('../../../scripts/demo/cities.csv', import.meta.url), 'utf8').trim().split('\n').slice(1);
    for (const line of csv) expect(shortCode({ state: line.split(',')[1]!, state_code: null }), line).toBeDefined();
    expect(['Orissa', 'Uttaranchal', 'Pondicherry', 'NCT of Delhi', 'J&K'].map((name) => shortCode({ state: name, state_code: null }))).toEqual(['OD', 'UK', 'PY', 'DL', 'JK']);
    expect(['IN-CT', 'IN-OR', 'IN-TG', 'IN-UT'].map((code) => shortCode({ state: '', state_code: code }))).toEqual(['CG', 'OD', 'TS', 'UK']);
    expect(shortCode({ state: 'Atlantis', state_code: null })).toBeUndefined();
  });
  it('places no label on another, on a marker, or outside', () => {
    const seed = 42;
    let random = seed;
    const next = (): number => (random = (random * 16807) % 2147483647) / 2147483647;
    const points = Array.from({ length: 60 }, (_, i) => ({ key: String(i), x: next() * 400, y: next() * 400, radius: 5, text: 'Somewhere', weight: i }));
    const placed = [...placeLabels(points, { width: 400, height: 400 }, 10).values()];
    expect(placed.length).toBeGreaterThan(3);
    placed.forEach((box, i) => {
      expect(box.x >= 0 && box.y >= 0 && box.x + box.width <= 400 && box.y + box.height <= 400).toBe(true);
      expect(placed.some((other, k) => k !== i && hits(box, other))).toBe(false);
      expect(points.some((point) => hits(box, { x: point.x - 5, y: point.y - 5, width: 10, height: 10 }))).toBe(false);
    });
  });
  it('makes one of points that lie close', () => {
    expect(cluster([{ x: 0, y: 0, weight: 1 }, { x: 10, y: 0, weight: 9 }, { x: 100, y: 0, weight: 2 }]).map((group) => group.members.length)).toEqual([2, 1]);
  });
});

function makeQueue(send: Outside['send']) {
  const kept: (readonly UploadRow[])[] = [];
  const outside: Outside = { send, follow: async () => ({ status: 'analyzed', failure: undefined, score: 0.7 }), keep: (rows) => kept.push(rows), now: () => 0 };
  return { queue: new UploadQueue(outside), kept };
}
const fields = { agent_identifier: 'a', city_identifier: 'c', issue_category: 'i' };
const file = (name: string): File => new File(['sound'], name);
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

describe('uploads', () => {
  it('sends three at a time and loses none', async () => {
    let now = 0;
    let most = 0;
    const { queue } = makeQueue(async (given) => {
      most = Math.max(most, (now += 1));
      await settled();
      now -= 1;
      return { call_id: given.name, duration: 1, duplicate: false };
    });
    queue.add(Array.from({ length: 500 }, (_, i) => ({ key: String(i), file: file(`${i}.mp3`), fields })));
    while (queue.rows.some((row) => row.state !== 'done')) await settled();
    expect(most).toBe(3);
    expect(new Set(queue.rows.map((row) => row.callId)).size).toBe(500);
  });
  it('keeps a failed one for another try and does not send a file twice', async () => {
    let tries = 0;
    const { queue } = makeQueue(async () => {
      tries += 1;
      if (tries === 1) throw new Error('The agent is not known');
      return { call_id: 'c1', duration: 1, duplicate: false };
    });
    const entry = { key: 'k', file: file('a.mp3'), fields };
    queue.add([entry]);
    await settled();
    expect(queue.rows[0]).toMatchObject({ state: 'failed', detail: 'The agent is not known' });
    queue.retry('k');
    await settled();
    await settled();
    queue.add([entry]);
    await settled();
    expect(tries).toBe(2);
    expect(queue.rows[0]).toMatchObject({ state: 'done', score: 0.7 });
  });
  it('says what was not sent when the page comes back', () => {
    const { queue, kept } = makeQueue(() => new Promise(() => undefined));
    queue.add([{ key: 'k', file: file('a.mp3'), fields }]);
    const { queue: later } = makeQueue(() => new Promise(() => undefined));
    later.restore(kept.at(-1)!);
    expect(later.rows[0]!.state).toBe('lost');
  });
  it('looks at a file before it goes', () => {
    expect(refusal({ name: 'a.mp3', size: 0 }, 10)).toBe('empty');
    expect(refusal({ name: 'a.mp3', size: 11 }, 10)).toBe('large');
    expect(refusal({ name: 'a.txt', size: 1 }, 10)).toBe('type');
    expect(refusal({ name: 'A.MP3', size: 1 }, 10)).toBeUndefined();
  });
});

describe('the style sheet', () => {
  it('loses rules of classes no chunk names, and nothing else', () => {
    const css = '@charset "x";.m_aaaaaaaa{a:b}.m_bbbbbbbb .x,.y{c:d}@media(x){.m_aaaaaaaa{e:f}}@media(y){.z{g:h}}@keyframes k{from{i:j}}:is(.m_aaaaaaaa,.q) .m_cccccccc{k:"}"}';
    expect(pruned(css, new Set(['m_cccccccc', 'm_aaaaaaaa']))).toBe('@charset "x";.m_aaaaaaaa{a:b}.y{c:d}@media(x){.m_aaaaaaaa{e:f}}@media(y){.z{g:h}}@keyframes k{from{i:j}}:is(.m_aaaaaaaa,.q) .m_cccccccc{k:"}"}');
    expect(pruned(css, new Set())).not.toContain('m_aaaaaaaa');
  });
});

describe('languages', () => {
  it('have every Hindi key in English, with the same places for values', async () => {
    const read = (name: string): Record<string, Record<string, string>> => JSON.parse(readFileSync(new URL(`../../src/i18n/${name}.json`, import.meta.url), 'utf8'));
    const [en, hi] = [read('en'), read('hi')];
    const holes = (text: string): string => [...text.matchAll(/{{(\w+)}}/g)].map(([, name]) => name).sort().join();
    for (const [area, texts] of Object.entries(hi)) {
      for (const [key, text] of Object.entries(texts)) expect(holes(text), `${area}.${key}`).toBe(holes(en[area]?.[key] ?? 'missing {{in}} English'));
    }
    for (const area of ['nav', 'verdict', 'status', 'error', 'map', 'player', 'connection', 'state']) expect(Object.keys(hi[area] ?? {}).sort(), area).toEqual(Object.keys(en[area]!).sort());
  });
});
