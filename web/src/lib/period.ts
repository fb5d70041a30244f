/** Ranges of days in the tenant's calendar. `to` is the day after the last, as the API wants it. */
export interface Range {
  from: string;
  to: string;
}

export const periods = ['7d', '30d', '90d', 'month', 'custom'] as const;
export type Period = (typeof periods)[number];
export const defaultPeriod: Period = '30d';

export interface PeriodChoice {
  period?: Period | undefined;
  from?: string | undefined;
  to?: string | undefined;
}

const day = 86_400_000;

export function addDays(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * day).toISOString().slice(0, 10);
}

export function daysBetween(range: Range): number {
  return Math.round((Date.parse(range.to) - Date.parse(range.from)) / day);
}

/** Today's date in a time zone. */
export function today(zone: string, now: Date = new Date()): string {
  return new Intl.DateTimeFormat('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(now);
}

export function rangeOf(choice: PeriodChoice, now: string): Range {
  const period = choice.period ?? defaultPeriod;
  const tomorrow = addDays(now, 1);
  if (period === 'custom' && choice.from !== undefined && choice.to !== undefined && choice.from < choice.to) {
    return { from: choice.from, to: choice.to };
  }
  if (period === 'month') return { from: `${now.slice(0, 8)}01`, to: tomorrow };
  const days = period === '7d' ? 7 : period === '90d' ? 90 : 30;
  return { from: addDays(tomorrow, -days), to: tomorrow };
}

/** The days before, as many. */
export function before(range: Range): Range {
  return { from: addDays(range.from, -daysBetween(range)), to: range.from };
}

/** Days of up to three months are shown one by one, longer periods by week. */
export const intervalOf = (range: Range): 'day' | 'week' => (daysBetween(range) <= 92 ? 'day' : 'week');
