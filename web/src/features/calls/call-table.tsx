import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { Flag } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { CallRow } from '@/api/queries';
import { DataTable, type Column } from '@/components/data-table';
import { ScoreBar } from '@/components/figures';
import { useZone } from '@/components/tenant';
import { clock, dateTime, words } from '@/lib/format';

const route = getRouteApi('/calls/$id');

/** Columns that a person may leave out. */
export const hideable = ['agent', 'city', 'issue', 'duration', 'quality', 'priority', 'flags'] as const;

type CallSearch = ReturnType<typeof route.useSearch>;

/**
 * The list of calls as it stands on the calls page and on pages of agents and places. `link` goes along to the call: one
 * found by words opens at the words, one found by a missed question at its quote.
 */
export function CallTable({ rows, link = {}, sort, onSort, without = [] }: { rows: readonly CallRow[]; link?: CallSearch; sort?: string; onSort?: (sort: string) => void; without?: readonly string[] }) {
  const { t } = useTranslation();
  const zone = useZone();
  const navigate = useNavigate();
  const columns: Column<CallRow>[] = [
    { key: 'time', header: t('calls.time'), wide: true, sorts: ['-call_timestamp', 'call_timestamp'], cell: (row) => <Link to="/calls/$id" params={{ id: row.call_id }} search={link} className="hs-num">{dateTime(row.call_timestamp, zone)}</Link> },
    { key: 'agent', header: t('calls.agent'), cell: (row) => row.agent.name },
    { key: 'city', header: t('calls.city'), cell: (row) => <>{row.city.name}{row.city.state !== null && <span className="hs-muted hs-small"> {row.city.state}</span>}</> },
    { key: 'issue', header: t('calls.issue'), cell: (row) => row.primary_issue_category ?? '' },
    { key: 'duration', header: t('calls.duration'), num: true, sorts: ['-duration_seconds', 'duration_seconds'], cell: (row) => clock(row.duration_seconds) },
    { key: 'quality', header: t('calls.quality'), label: t('calls.quality'), sorts: ['overall_quality', '-overall_quality'], cell: (row) => <Quality row={row} /> },
    { key: 'priority', header: t('calls.priority'), label: t('calls.priority'), num: true, sorts: ['-coaching_priority', 'coaching_priority'], cell: (row) => (row.processing_status === 'analyzed' ? Math.round((row.scores['coaching_priority'] ?? 0) * 100) : '–') },
    { key: 'flags', header: t('calls.flags'), wide: true, cell: (row) => <Flags row={row} /> },
  ];
  return (
    <DataTable
      caption={t('calls.title')} columns={columns.filter((column) => !without.includes(column.key))} rows={rows} rowKey={(row) => row.call_id}
      onOpen={(row) => void navigate({ to: '/calls/$id', params: { id: row.call_id }, search: link })}
      {...(sort === undefined ? {} : { sort })} {...(onSort === undefined ? {} : { onSort })}
    />
  );
}

function Quality({ row }: { row: CallRow }) {
  const { t } = useTranslation();
  if (row.processing_status === 'failed') return <span className="hs-missed-text" title={row.failure_code ?? ''}>{t('status.failed')}{row.failure_code === null ? '' : `: ${words(row.failure_code)}`}</span>;
  if (row.processing_status !== 'analyzed') return <span className="hs-muted">{t(`status.${row.processing_status}`)}</span>;
  return <ScoreBar value={row.scores['overall_quality'] ?? 0} />;
}

function Flags({ row }: { row: CallRow }) {
  const { t } = useTranslation();
  const flagged = row.escalation_flagged;
  if (!flagged && !row.emergency && !row.provisional && !row.demonstration) return null;
  return (
    <span className="hs-row" style={{ gap: 4, minWidth: 'max-content', maxWidth: '80vw' }}>
      {flagged && <span className="hs-chip" data-tone="alert"><Flag size={12} aria-hidden="true" />{t('call.escalation')}</span>}
      {row.emergency && !flagged && <span className="hs-chip" data-tone="alert">{t('calls.emergency')}</span>}
      {row.demonstration && <span className="hs-chip" title={t('demonstration.hint')}>{t('demonstration.mark')}</span>}
      {row.provisional && <span className="hs-chip" title={t('call.provisionalHint')}>{t('call.provisional')}</span>}
    </span>
  );
}
