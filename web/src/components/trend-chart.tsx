/** A line over days; its own chunk, for uPlot is only needed here. */
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { count, score } from '@/lib/format';

export interface TrendPoint {
  date: string;
  value: number;
  /** How many calls it is over. */
  n?: number;
}

/** Shares from 0 to 100 % without `format`; else from 0 to what there is. */
export default function TrendChart({ title, points, format = score, open = false }: { title: string; points: readonly TrendPoint[]; format?: (value: number) => string; open?: boolean }) {
  const { t } = useTranslation();
  const box = useRef<HTMLDivElement>(null);
  const [table, setTable] = useState(false);
  useEffect(() => {
    const host = box.current;
    if (host === null || table) return;
    const times = points.map((point) => Date.parse(`${point.date}T00:00:00Z`) / 1000);
    const make = (): uPlot => {
      const style = getComputedStyle(host);
      const colour = (name: string): string => style.getPropertyValue(name).trim();
      const axis = { stroke: colour('--hs-muted'), grid: { stroke: colour('--hs-hairline'), width: 1 }, ticks: { stroke: colour('--hs-hairline') }, font: '12px system-ui' };
      return new uPlot(
        {
          width: host.clientWidth, height: 200, tzDate: (ts) => uPlot.tzDate(new Date(ts * 1000), 'Etc/UTC'), legend: { show: false },
          scales: { y: { range: open ? (_u, _least, most) => [0, most === 0 ? 1 : most * 1.1] : [0, 1] } },
          axes: [{ ...axis, values: (_u, splits) => splits.map((ts) => new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', day: 'numeric', month: 'short' }).format(ts * 1000)) }, { ...axis, values: (_u, splits) => splits.map((value) => format(value)), size: 52 }],
          series: [{}, { label: title, stroke: colour('--hs-link'), width: 2, points: { show: true, size: 6, fill: colour('--hs-card') } }],
        },
        [times, points.map((point) => point.value)],
        host,
      );
    };
    let chart = make();
    const again = (): void => {
      chart.destroy();
      chart = make();
    };
    const size = new ResizeObserver(() => chart.setSize({ width: host.clientWidth, height: 200 }));
    size.observe(host);
    const scheme = new MutationObserver(again);
    scheme.observe(document.documentElement, { attributeFilter: ['data-mantine-color-scheme'] });
    return () => {
      size.disconnect();
      scheme.disconnect();
      chart.destroy();
    };
  }, [points, table, title, format, open]);
  const first = points[0];
  const last = points.at(-1);
  return (
    <figure style={{ margin: 0 }}>
      {table ? (
        <table className="hs-table">
          <caption>{title}</caption>
          <tbody>{points.map((point) => <tr key={point.date}><td>{point.date}</td><td className="num">{format(point.value)}</td>{point.n !== undefined && <td className="num">n = {count(point.n)}</td>}</tr>)}</tbody>
        </table>
      ) : (
        <div ref={box} role="img" aria-label={first && last ? `${title}: ${format(first.value)} → ${format(last.value)}` : title} style={{ minHeight: 200 }} />
      )}
      <button type="button" className="hs-quiet-button hs-small" onClick={() => setTable(!table)}>{table ? t('chart.asChart') : t('chart.asTable')}</button>
    </figure>
  );
}
