import { useTranslation } from 'react-i18next';
import type { Transcript } from '@/api/queries';
import { clock } from '@/lib/format';

interface Point {
  turn: number;
  score: number;
  sentiment: string;
}

const width = 600;
const height = 96;
const inset = 8;
const axis = 92;

/** The customer's mood as a step a turn, on the player's time scale; the same numbers are told as text. */
export function SentimentStrip({ points, direction, transcript, duration, onSeek }: {
  points: readonly Point[]; direction: string; transcript: Transcript | undefined; duration: number; onSeek: (seconds: number, turn: number) => void;
}) {
  const { t } = useTranslation();
  const turns = new Map((transcript?.turns ?? []).map((turn) => [turn.turn, turn]));
  const placed = points.flatMap((point) => {
    const turn = turns.get(point.turn);
    return turn === undefined ? [] : [{ ...point, from: turn.start_ms / 1000, to: turn.end_ms / 1000 }];
  });
  if (placed.length === 0) return <p className="hs-muted hs-card-body">{t('sentiment.none')}</p>;
  const x = (seconds: number): number => axis + inset + (seconds / Math.max(duration, 1)) * (width - axis - 2 * inset);
  const y = (value: number): number => inset + (1 - value) * (height - 2 * inset);
  const lowest = placed.reduce((worst, point) => (point.score < worst.score ? point : worst));
  const path = placed.map((point, i) => `${i === 0 ? 'M' : 'L'}${x(point.from)} ${y(point.score)}H${x(placed[i + 1]?.from ?? point.to)}`).join('');
  const summary = t('sentiment.summary', { direction: t(`sentiment.${direction === 'improving' || direction === 'declining' ? direction : 'steady'}`), lowest: clock(lowest.from) });
  return (
    <div className="hs-card-body">
      <svg className="hs-sentiment" viewBox={`0 0 ${width} ${height}`} role="img" aria-label={summary}>
        <text x={axis - 6} y={inset + 10} textAnchor="end">{t('sentiment.positive')}</text>
        <text x={axis - 6} y={height - inset} textAnchor="end">{t('sentiment.negative')}</text>
        <line x1={axis} x2={width - inset} y1={y(0.5)} y2={y(0.5)} className="hs-sentiment-zero" />
        <path d={path} className="hs-sentiment-line" />
        {placed.map((point) => (
          <circle key={point.turn} cx={x(point.from)} cy={y(point.score)} r={point === lowest ? 5 : 3.5} className={point.sentiment === 'negative' ? 'hs-sentiment-low' : 'hs-sentiment-dot'} />
        ))}
      </svg>
      <p className="hs-small">
        {summary}{' '}
        <button type="button" className="hs-quiet-button" onClick={() => onSeek(lowest.from, lowest.turn)}>{t('sentiment.hear')}</button>
      </p>
    </div>
  );
}
