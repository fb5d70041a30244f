import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useId, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { trend } from '@/api/queries';
import { Loaded, Skeleton } from '@/components/states';
import { count, percent, score } from '@/lib/format';
import { intervalOf, type Range } from '@/lib/period';

const TrendChart = lazy(() => import('./trend-chart'));
const names = { sop: 'metric.sop', emergency: 'metric.emergency', volume: 'metric.volume', quality: 'score.overall_quality' } as const;
const formats = { sop: score, quality: score, emergency: percent, volume: count };

/** A figure over the days of the period; long periods by week. */
export function TrendPanel({ metric, whose = {}, range }: { metric: keyof typeof names; whose?: { agent_id?: string; city_id?: number; state?: string }; range: Range }) {
  const { t } = useTranslation();
  const heading = useId();
  const interval = intervalOf(range);
  const found = useQuery(trend({ metric, interval, ...whose, ...range }));
  const points = useMemo(() => (found.data ?? []).map((point) => ({ date: point.from, value: point.value, n: point.n })), [found.data]);
  return (
    <section className="hs-card" aria-labelledby={heading}>
      <div className="hs-card-head"><h2 id={heading}>{t(`trend.${interval}`, { metric: t(names[metric]) })}</h2></div>
      <div className="hs-card-body">
        <Loaded query={found} loading={<Skeleton height={200} />}>
          {() => points.length < 2 ? <p className="hs-muted">{t('trend.few')}</p> : (
            <Suspense fallback={<Skeleton height={200} />}>
              <TrendChart title={t(names[metric])} points={points} format={formats[metric]} open={metric === 'volume' || metric === 'emergency'} />
            </Suspense>
          )}
        </Loaded>
      </div>
    </section>
  );
}
