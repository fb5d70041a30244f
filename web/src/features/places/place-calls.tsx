import type { InfiniteData, UseInfiniteQueryResult } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { CallPage } from '@/api/queries';
import { EmptyState, Loading, ProblemPanel } from '@/components/states';
import { CallTable } from '@/features/calls/call-table';

/** The calls of a place that need coaching most. */
export function PlaceCalls({ list, link, without }: {
  list: UseInfiniteQueryResult<InfiniteData<CallPage>>; link: { city_id?: number; state?: string }; without: readonly string[];
}) {
  const { t } = useTranslation();
  const rows = list.data?.pages.flatMap((page) => page.data) ?? [];
  return (
    <section className="hs-card" aria-labelledby="hs-place-calls">
      <div className="hs-card-head">
        <h2 id="hs-place-calls">{t('agent.calls')}</h2>
        <Link to="/calls" search={link}>{t('agent.allCalls')}</Link>
      </div>
      {list.isPending ? <Loading rows={5} /> : list.isError && rows.length === 0 ? <ProblemPanel error={list.error} onRetry={() => void list.refetch()} />
      : rows.length === 0 ? <EmptyState title={t('calls.none')}>{t('calls.noneHint')}</EmptyState>
      : <CallTable rows={rows.slice(0, 15)} without={without} />}
    </section>
  );
}
