import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { callCount } from '@/api/queries';
import { EmptyState, FirstRun } from './states';

/** No call in the period: the first steps when there never was one, a longer period otherwise. */
export function NothingHeard() {
  const { t } = useTranslation();
  const ever = useQuery(callCount({}));
  if (ever.data?.count === 0) return <FirstRun />;
  return <EmptyState title={t('calls.none')} actions={<Link to="/calls">{t('nav.calls')}</Link>}>{t('calls.noneHint')}</EmptyState>;
}
