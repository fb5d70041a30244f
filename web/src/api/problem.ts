import type { components } from './schema.gen';

export type ProblemBody = components['schemas']['Problem'];

/** An answer of the server that is no success. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
    readonly requestId: string | undefined,
    readonly retryAfter: number | undefined,
    readonly body: Partial<ProblemBody>,
  ) {
    super(detail);
    this.name = 'Problem';
  }
}

/** The server could not be reached at all. */
export class Unreachable extends Error {
  constructor() {
    super('The server cannot be reached.');
    this.name = 'Unreachable';
  }
}

export function problemOf(response: Response, body: unknown): Problem {
  const known: Partial<ProblemBody> = typeof body === 'object' && body !== null ? body : {};
  const wait = Number(response.headers.get('Retry-After'));
  return new Problem(
    response.status,
    known.code ?? `http.${response.status}`,
    known.detail ?? known.title ?? response.statusText,
    known.request_id ?? response.headers.get('X-Request-Id') ?? undefined,
    Number.isFinite(wait) && wait > 0 ? wait : undefined,
    known,
  );
}

export const isMissing = (error: unknown, code: string): boolean => error instanceof Problem && error.code === code;
