import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { Schemas } from '@/api/client';
import { scorecards } from '@/api/queries';
import { DataTable, type Column } from '@/components/data-table';
import { PageHead } from '@/components/page-head';
import { EmptyState, Loaded, Loading } from '@/components/states';
import { count } from '@/lib/format';
import { titleOf } from './scorecard-model';
import './scorecards.css';

type Summary = Schemas['ScorecardSummary'];

/** What calls are judged by. */
export function ScorecardsPage() {
  const { t, i18n } = useTranslation();
  const navigate = useNavigate();
  const found = useQuery(scorecards());
  const columns: Column<Summary>[] = [
    { key: 'title', header: t('scorecards.title'), wide: true, cell: (row) => <><Link to="/scorecards/$key" params={{ key: row.key }} className="hs-card-link">{titleOf(row.title, i18n.language, row.key)}</Link> <span className="hs-small hs-muted">{row.key}</span></> },
    {
      key: 'active', header: t('scorecards.inForce'), label: t('scorecards.inForce'),
      cell: (row) => row.active_version === null ? <span className="hs-muted">–</span> : <Link to="/scorecards/$key/versions/$n" params={{ key: row.key, n: String(row.active_version) }} className="hs-card-link">{t('scorecards.versionN', { n: row.active_version })}</Link>,
    },
    { key: 'newest', header: t('scorecards.newest'), label: t('scorecards.newest'), num: true, cell: (row) => row.newest_version },
    { key: 'versions', header: t('scorecards.versions'), label: t('scorecards.versions'), num: true, cell: (row) => count(row.versions) },
    { key: 'drafts', header: t('scorecards.drafts'), label: t('scorecards.drafts'), num: true, cell: (row) => count(row.drafts) },
  ];
  return (
    <>
      <PageHead title={t('nav.scorecards')} note={t('scorecards.note')} />
      <div className="hs-card">
        <Loaded query={found} loading={<Loading rows={3} />}>
          {(rows) => rows.length === 0 ? <EmptyState title={t('scorecards.none')} /> : (
            <DataTable caption={t('nav.scorecards')} columns={columns} rows={rows} rowKey={(row) => row.key} onOpen={(row) => void navigate({ to: '/scorecards/$key', params: { key: row.key } })} />
          )}
        </Loaded>
      </div>
    </>
  );
}
