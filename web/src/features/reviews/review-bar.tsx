import { Button } from '@mantine/core';
import { useInfiniteQuery, type InfiniteData } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { ArrowRight } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { calls, type CallPage } from '@/api/queries';
import { useRange } from '@/components/tenant';
import { count } from '@/lib/format';
import type { PeriodChoice } from '@/lib/period';
import { nextInQueue, pass, queueFilters, startOver, type QueueChoice } from './queue';

const idsOf = (found: InfiniteData<CallPage> | undefined): string[] => found?.pages.flatMap((page) => page.data.map((row) => row.call_id)) ?? [];

/** Above a call that was taken from the queue: how many wait, and the way to the next. */
export default function ReviewBar({ callId, choice }: { callId: string; choice: PeriodChoice & QueueChoice }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { period, from, to, agent_id, issue, flagged, sort } = choice;
  const filters = { period, from, to, agent_id, issue, flagged, sort };
  const waiting = useInfiniteQuery(calls(queueFilters({ agent_id, issue, flagged, sort }, useRange(choice))));
  const left = waiting.data?.pages[0]?.count;
  const next = async (): Promise<void> => {
    pass(callId);
    // Others work on the same queue: what waits is asked anew.
    const id = nextInQueue(idsOf((await waiting.refetch()).data), callId);
    if (id !== undefined) return navigate({ to: '/calls/$id', params: { id }, search: { queue: 'review', ...filters } });
    startOver();
    return navigate({ to: '/reviews', search: filters });
  };
  return (
    <div className="hs-notice hs-no-print">
      <span>{left === undefined ? t('nav.reviews') : t('reviews.left', { count: left, n: count(left) })}</span>
      <Link to="/reviews" search={filters}>{t('reviews.back')}</Link>
      <Button size="xs" variant="default" rightSection={<ArrowRight size={14} aria-hidden="true" />} loading={waiting.isRefetching} onClick={() => void next()}>{t('reviews.next')}</Button>
    </div>
  );
}
