import { QueryClient } from '@tanstack/react-query';
import { Problem } from './problem';

/** Retry once on trouble of the server or the network, never on a refusal. */
export const worthRetrying = (failures: number, error: unknown): boolean =>
  failures < 1 && !(error instanceof Problem && error.status < 500);

export function makeQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 30_000,
        retry: worthRetrying,
        retryDelay: (_failures, error) => (error instanceof Problem ? (error.retryAfter ?? 1) * 1000 : 1000),
        networkMode: 'always', // a server on this machine answers without a network
      },
      mutations: { networkMode: 'always' },
    },
  });
}
