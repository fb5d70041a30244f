import { useTranslation } from 'react-i18next';
import { count } from '@/lib/format';
import { progress, type Run } from './run-model';

/** Bar and words: how many of the run's calls are through. */
export function Progress({ run }: { run: Run }) {
  const { t } = useTranslation();
  const share = progress(run);
  return (
    <span className="hs-num">
      <span className="hs-bar" role="progressbar" aria-label={t('runs.progress')} aria-valuemin={0} aria-valuemax={100} aria-valuenow={Math.floor(share * 100)}><span style={{ width: `${Math.floor(share * 100)}%` }} /></span>{' '}
      {t('runs.of', { done: count(run.done + run.failed + run.cancelled), n: count(run.calls) })}
    </span>
  );
}
