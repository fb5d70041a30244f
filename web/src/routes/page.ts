import { lazyRouteComponent } from '@tanstack/react-router';
import { Unreachable } from '@/api/problem';

export const serverAnswers = (): Promise<boolean> => fetch('/version', { cache: 'no-store' }).then((reply) => reply.ok, () => false);

/**
 * A page in a chunk of its own. When the chunk cannot be had while the server answers, the page is older than the server
 * and is loaded anew, once; without a server that would end on the browser's own error page, so the page says it instead.
 */
export function page<M extends Record<string, unknown>, K extends keyof M & string>(load: () => Promise<M>, name: K) {
  const explained = (): Promise<M> => load().catch(async (error: unknown) => { throw (await serverAnswers()) ? error : new Unreachable(); });
  return lazyRouteComponent(explained as () => Promise<Record<string, never>>, name);
}
