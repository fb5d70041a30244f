import createClient from 'openapi-fetch';
import { problemOf, Unreachable } from './problem';
import type { components, paths } from './schema.gen';

export type Schemas = components['schemas'];

async function reach(request: Request): Promise<Response> {
  try {
    return await fetch(request);
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new Unreachable();
  }
}

export const api = createClient<paths>({ baseUrl: location.origin, fetch: reach });

interface Reply<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** The body of a successful reply; throws Problem or Unreachable. */
export async function body<T>(reply: Promise<Reply<T>>): Promise<NonNullable<T>> {
  const { data, error, response } = await reply;
  if (!response.ok || data === undefined || data === null) throw problemOf(response, error);
  return data;
}

/** For replies without a body. */
export async function done(reply: Promise<Reply<unknown>>): Promise<void> {
  const { error, response } = await reply;
  if (!response.ok) throw problemOf(response, error);
}
