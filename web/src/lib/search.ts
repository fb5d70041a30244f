/**
 * The part of a URL after "?". Every route has a schema: unknown names are dropped, a bad value falls back to the
 * default, and defaults are never written.
 */
export interface Field<T> {
  /** The value meant by a raw one, or undefined when it means none. Never throws. */
  read(raw: unknown): T | undefined;
}

export type Schema = Record<string, Field<unknown>>;
export type Search<S extends Schema> = { [K in keyof S]?: S[K] extends Field<infer T> ? T : never };

const asText = (raw: unknown): string | undefined =>
  typeof raw === 'string' ? raw : typeof raw === 'number' || typeof raw === 'boolean' ? String(raw) : undefined;

/** One of a few words; `fallback`, the default, is never written. */
export function oneOf<const T extends string>(words: readonly T[], fallback?: T): Field<T> {
  return {
    read(raw) {
      const text = asText(raw);
      return words.find((word) => word === text && word !== fallback);
    },
  };
}

export function text(most = 200): Field<string> {
  return {
    read(raw) {
      const value = asText(raw)?.trim();
      return value !== undefined && value !== '' && value.length <= most ? value : undefined;
    },
  };
}

export function number(least: number, most: number): Field<number> {
  return {
    read(raw) {
      const value = asText(raw);
      if (value === undefined || !/^-?\d+(\.\d+)?$/.test(value)) return undefined;
      const parsed = Number(value);
      return parsed >= least && parsed <= most ? parsed : undefined;
    },
  };
}

export function whole(least: number, most: number): Field<number> {
  const inner = number(least, most);
  return {
    read(raw) {
      const value = inner.read(raw);
      return value !== undefined && Number.isInteger(value) ? value : undefined;
    },
  };
}

export const flag: Field<boolean> = {
  read(raw) {
    const value = asText(raw);
    return value === 'true' ? true : value === 'false' ? false : undefined;
  },
};

export const id: Field<string> = {
  read(raw) {
    const value = asText(raw)?.toLowerCase();
    return value !== undefined && /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/.test(value) ? value : undefined;
  },
};

export const date: Field<string> = {
  read(raw) {
    const value = asText(raw);
    if (value === undefined || !/^\d{4}-\d{2}-\d{2}$/.test(value)) return undefined;
    const time = Date.parse(`${value}T00:00:00Z`);
    return !Number.isNaN(time) && new Date(time).toISOString().startsWith(value) ? value : undefined;
  },
};

/** A reader for `validateSearch`. */
export function searchOf<S extends Schema>(schema: S): (raw: Record<string, unknown>) => Search<S> {
  return (raw) => {
    const out: Record<string, unknown> = {};
    for (const [name, field] of Object.entries(schema)) {
      if (!Object.hasOwn(raw, name)) continue;
      const value = field.read(raw[name]);
      if (value !== undefined) out[name] = value;
    }
    return out as Search<S>;
  };
}

/** Plain "a=b&c=d", without JSON: what people type is what is read. The first of repeated names counts. */
export function parseQuery(query: string): Record<string, string> {
  const out: Record<string, string> = {};
  for (const [name, value] of new URLSearchParams(query)) {
    if (!Object.hasOwn(out, name)) Object.defineProperty(out, name, { value, enumerable: true, configurable: true, writable: true });
  }
  return out;
}

export function writeQuery(search: Record<string, unknown>): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(search)) {
    if (value !== undefined && value !== null && value !== '') params.set(name, String(value));
  }
  const query = params.toString();
  return query === '' ? '' : `?${query}`;
}
