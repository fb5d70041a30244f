/** Numbers and times as people read them in India. Formatters are made once. */
const formatters = new Map<string, Intl.NumberFormat | Intl.DateTimeFormat>();

function numbers(options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = `n${JSON.stringify(options)}`;
  const made = formatters.get(key) ?? new Intl.NumberFormat('en-IN', { numberingSystem: 'latn', ...options });
  formatters.set(key, made);
  return made as Intl.NumberFormat;
}

function times(zone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `t${zone}${JSON.stringify(options)}`;
  const made = formatters.get(key) ?? new Intl.DateTimeFormat('en-GB', { timeZone: zone, numberingSystem: 'latn', ...options });
  formatters.set(key, made);
  return made as Intl.DateTimeFormat;
}

const minus = '\u2212';
const withMinus = (text: string): string => text.replace('-', minus);

/** 12,34,567 */
export const count = (value: number): string => withMinus(numbers({ maximumFractionDigits: 0 }).format(value));

/** 12.3 L, 1.2 Cr; below a lakh in full. */
export function compact(value: number): string {
  const size = Math.abs(value);
  const one = (scaled: number): string => withMinus(numbers({ maximumFractionDigits: 1 }).format(scaled));
  if (size >= 1e7) return `${one(value / 1e7)} Cr`;
  if (size >= 1e5) return `${one(value / 1e5)} L`;
  return count(value);
}

/** A share as whole percent, with one decimal below 10 %. */
export function percent(share: number): string {
  const value = share * 100;
  const digits = Math.abs(value) < 9.95 && Math.abs(value) > 0 ? 1 : 0;
  return `${withMinus(numbers({ minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value)).replace(/\.0$/, '')} %`;
}

/** A score, always whole percent. */
export const score = (share: number): string => `${Math.round(share * 100)} %`;

/** "−2", "+3", "0": a change of shares in points. */
export function points(now: number, before: number): string {
  const change = Math.round((now - before) * 100);
  return change > 0 ? `+${change}` : change < 0 ? `${minus}${-change}` : '0';
}

export const signed = (value: number): string => (value > 0 ? `+${count(value)}` : count(value));

/** 1:08, 1:02:03 */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const s = String(whole % 60).padStart(2, '0');
  const minutes = Math.floor(whole / 60) % 60;
  const hours = Math.floor(whole / 3600);
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${s}` : `${minutes}:${s}`;
}

/** Short name of a zone: IST, UTC, GMT+5. */
export function zoneName(zone: string, at: Date): string {
  if (zone === 'Asia/Kolkata') return 'IST';
  return times(zone, { timeZoneName: 'short' }).formatToParts(at).find((part) => part.type === 'timeZoneName')?.value ?? zone;
}

/** 22 Nov 2026, 08:41 IST */
export function dateTime(iso: string, zone: string): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return '–';
  const text = times(zone, { day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(at);
  return `${text} ${zoneName(zone, at)}`;
}

export function timeOfDay(at: Date, zone: string): string {
  return times(zone, { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' }).format(at);
}

export function dayOf(iso: string, zone: string): string {
  return times(zone, { day: 'numeric', month: 'short', year: 'numeric' }).format(new Date(iso));
}

/** Age in one unit: 40 s, 12 min, 5 h, 3 d. */
export function age(iso: string, now: number): string {
  const seconds = Math.max(0, Math.round((now - Date.parse(iso)) / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}

/** A length of time in its two largest units: 3 d 4 h, 12 min 5 s. */
export function span(seconds: number): string {
  const units: [string, number][] = [['d', 86_400], ['h', 3600], ['min', 60], ['s', 1]];
  const whole = Math.max(0, Math.floor(seconds));
  const first = Math.max(0, units.findIndex(([, size]) => whole >= size));
  if (whole === 0) return '0 s';
  return units
    .slice(first, first + 2)
    .map(([name, size], i) => ({ name, value: Math.floor((i === 0 ? whole : whole % units[first]![1]) / size) }))
    .filter(({ value }, i) => i === 0 || value > 0)
    .map(({ name, value }) => `${value} ${name}`)
    .join(' ');
}

export function bytes(size: number): string {
  if (size >= 1e6) return `${(size / 1e6).toFixed(1)} MB`;
  if (size >= 1e3) return `${Math.round(size / 1e3)} kB`;
  return `${size} B`;
}

/** "no_grounded_quote" -> "no grounded quote" */
export const words = (code: string): string => code.replaceAll('_', ' ');
