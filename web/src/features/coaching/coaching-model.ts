import type { Schemas } from '@/api/client';

type Row = Schemas['LeaderboardRow'];

export interface ToCoach {
  row: Row;
  /** Too few calls to say that the score is the agent's. */
  few: boolean;
}

/** Agents by how much they need help: lowest score first, those with few calls after the others. */
export function byNeed(rows: readonly Row[], least: number): ToCoach[] {
  return rows
    .filter((row) => row.calls_received > 0)
    .map((row) => ({ row, few: row.calls_received < least }))
    .sort((a, b) => Number(a.few) - Number(b.few) || a.row.overall_score - b.row.overall_score || (a.row.name < b.row.name ? -1 : 1));
}

/** Each advice once, in the order given. */
export const distinct = (texts: readonly string[]): string[] => [...new Set(texts.map((text) => text.trim()).filter((text) => text !== ''))];
