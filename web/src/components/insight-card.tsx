import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { dateTime } from '@/lib/format';
import { useZone } from './tenant';

/** Texts made from figures, with their age. Text of data is shown as text. */
export function InsightCard({ title, texts, madeAt, stale, action }: { title: string; texts: readonly (readonly [string, string | null])[]; madeAt?: string | null; stale?: boolean; action: ReactNode }) {
  const { t } = useTranslation();
  const zone = useZone();
  const told = texts.filter(([, text]) => text !== null && text !== '');
  return (
    <section className="hs-card" aria-label={title}>
      <div className="hs-card-head"><h2>{title}</h2>{action}</div>
      <div className="hs-card-body hs-stack" style={{ gap: 8 }}>
        {told.length === 0 && <p className="hs-muted">{t('insight.none')}</p>}
        {told.map(([label, text]) => <div key={label}><h3>{label}</h3><p>{text}</p></div>)}
        {told.length > 0 && madeAt && <p className="hs-small hs-muted">{t('insight.made', { time: dateTime(madeAt, zone) })}{stale ? ` · ${t('insight.stale')}` : ''}</p>}
      </div>
    </section>
  );
}
