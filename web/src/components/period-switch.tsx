import { useTranslation } from 'react-i18next';
import { defaultPeriod, type Period, type PeriodChoice } from '@/lib/period';
import { Segments } from './segments';

/** Chooses the days; own days are chosen with the two fields. */
export function PeriodSwitch({ choice, onChange }: { choice: PeriodChoice; onChange: (choice: PeriodChoice) => void }) {
  const { t } = useTranslation();
  const period = choice.period ?? defaultPeriod;
  const write = (next: Period): PeriodChoice => ({ period: next === defaultPeriod ? undefined : next, from: undefined, to: undefined });
  return (
    <div className="hs-row">
      <Segments
        label={t('period.label')} value={period} onChange={(next) => onChange(next === 'custom' ? { ...choice, period: 'custom' } : write(next))}
        options={(['7d', '30d', '90d', 'month', 'custom'] as const).map((value) => ({ value, label: t(`period.${value}`) }))}
      />
      {period === 'custom' && (
        <span className="hs-row">
          <input type="date" className="hs-input" aria-label={t('period.from')} value={choice.from ?? ''} onChange={(e) => onChange({ ...choice, period: 'custom', from: e.target.value || undefined })} />
          <input type="date" className="hs-input" aria-label={t('period.to')} value={choice.to ?? ''} onChange={(e) => onChange({ ...choice, period: 'custom', to: e.target.value || undefined })} />
        </span>
      )}
    </div>
  );
}
