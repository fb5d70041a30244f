import type { FetchQueryOptions, QueryClient } from '@tanstack/react-query';
import { limits } from '@/api/queries';
import { rangeOf, today, type PeriodChoice, type Range } from '@/lib/period';

/** Starts reads beside the page's chunk. Nothing is waited for: the page shows skeletons, errors where they belong. */
export function prefetchRange(client: QueryClient, choice: PeriodChoice, wanted: (range: Range) => unknown[]): void {
  const start = (zone: string): void => prefetch(client, wanted(rangeOf(choice, today(zone))));
  const known = client.getQueryData(limits().queryKey);
  if (known !== undefined) start(known.time_zone);
  else void client.fetchQuery(limits()).then((found) => start(found.time_zone), () => undefined);
}

export function prefetch(client: QueryClient, wanted: unknown[]): void {
  for (const options of wanted) void client.prefetchQuery(options as FetchQueryOptions);
}
