/** Small pieces that show a number. */
import { ArrowDown, ArrowUp, Minus } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { points, score } from '@/lib/format';
import { wilson } from '@/lib/statistics';

export function StatCard({ label, value, note }: { label: string; value: ReactNode; note?: ReactNode }) {
  return (
    <div className="hs-card hs-stat">
      <div className="hs-stat-label">{label}</div>
      <div className="hs-stat-value">{value}</div>
      {note !== undefined && <div className="hs-stat-note">{note}</div>}
    </div>
  );
}

/** Arrow, signed number, and what it is compared with; never a colour alone. */
export function Change({ text, direction, against }: { text: string; direction: number; against?: string }) {
  const Icon = direction > 0 ? ArrowUp : direction < 0 ? ArrowDown : Minus;
  return (
    <span title={against}>
      <span className="hs-num"><Icon size={12} aria-hidden="true" className="hs-arrow" /> {text}</span>
      {against !== undefined && <span className="hs-muted hs-against"> {against}</span>}
    </span>
  );
}

export function PointsChange({ now, before, against }: { now: number; before: number; against?: string }) {
  const { t } = useTranslation();
  const direction = Math.round((now - before) * 100);
  return <Change text={t('figure.points', { change: points(now, before), count: Math.abs(direction) })} direction={direction} {...(against === undefined ? {} : { against })} />;
}

/** A score with its bar; "–" when nothing was scored. */
export function ScoreBar({ value, n }: { value: number; n?: number }) {
  if (n === 0) return <span className="hs-muted">–</span>;
  return (
    <span className="hs-num">
      <span style={{ display: 'inline-block', minWidth: '3.2em' }}>{score(value)}</span>
      <span className="hs-bar" aria-hidden="true"><span style={{ width: `${Math.round(value * 100)}%` }} /></span>
    </span>
  );
}

/** "4 % ± 2": a share with half the width of its interval. */
export function Interval({ count, n }: { count: number; n: number }) {
  const { t } = useTranslation();
  if (n === 0) return <span className="hs-muted">–</span>;
  const span = wilson(count, n);
  const half = ((span.high - span.low) / 2) * 100;
  const share = (count / n) * 100;
  const digits = share < 10 ? 1 : 0;
  return (
    <span className="hs-num" title={t('figure.interval', { low: score(span.low), high: score(span.high), n })}>
      {share.toFixed(digits)} % <span className="hs-muted">± {half.toFixed(half < 10 ? 1 : 0)}</span>
    </span>
  );
}
