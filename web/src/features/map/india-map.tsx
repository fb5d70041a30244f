import { geoMercator, geoPath } from 'd3-geo';
import { useEffect, useMemo, useRef, useState, type KeyboardEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { feature } from 'topojson-client';
import type { GeometryCollection, Topology } from 'topojson-specification';
import { count } from '@/lib/format';
import { stepOf, type Metric } from '@/lib/scales';
import { leastCalls } from '@/lib/statistics';
import topology from './india-states.topo.json';
import { cluster, placeLabels } from './labels';
import { NcrInset } from './ncr-inset';
import type { RankedState } from './ranking';

const width = 520;
const height = 560;
const MAX_HEIGHT = 640;

const shapes = feature(topology as unknown as Topology, (topology as unknown as Topology).objects['states'] as GeometryCollection<{ n: string }>);
const projection = geoMercator().fitExtent([[6, 6], [width - 6, height - 6]], shapes);
const path = geoPath(projection).digits(1);
// Computed once: the outlines do not change.
const outlines = shapes.features.map((shape) => {
  const [[x0, y0], [x1, y1]] = path.bounds(shape);
  return { id: String(shape.id), name: shape.properties.n, d: path(shape) ?? '', box: { x: x0, y: y0, width: x1 - x0, height: y1 - y0 }, centre: path.centroid(shape) };
});

interface Props {
  ranked: readonly RankedState[];
  metric: Metric;
  selected: string | undefined;
  onSelect: (key: string | undefined) => void;
  onOpen: (key: string) => void;
  describe: (ranked: RankedState) => string;
}

/** The table again, as places. One tab stop; arrows move in the order of the ranks. */
export function IndiaMap({ ranked, metric, selected, onSelect, onOpen, describe }: Props) {
  const { t } = useTranslation();
  const [hover, setHover] = useState<{ key: string; x: number; y: number }>();
  const box = useRef<HTMLDivElement>(null);
  const byKey = useMemo(() => new Map(ranked.map((each) => [each.key, each])), [ranked]);
  const onMap = ranked.filter((each) => outlines.some((outline) => outline.id === each.key));
  const zoomed = outlines.find((outline) => outline.id === selected);
  const [pixels, setPixels] = useState(width);
  useEffect(() => {
    const size = new ResizeObserver(([entry]) => setPixels(Math.max(200, Math.round(Math.min(entry!.contentRect.width, (MAX_HEIGHT * width) / height)))));
    size.observe(box.current!);
    return () => size.disconnect();
  }, []);
  const view = zoomed ? zoom(zoomed.box) : { x: 0, y: 0, width, height };
  const scale = pixels / view.width; // CSS pixels a unit of the drawing
  const keys = (event: KeyboardEvent): void => {
    const at = onMap.findIndex((each) => each.key === selected);
    const step = event.key === 'ArrowDown' || event.key === 'ArrowRight' ? 1 : event.key === 'ArrowUp' || event.key === 'ArrowLeft' ? -1 : 0;
    if (step !== 0 && onMap.length > 0) onSelect(onMap[(at + step + onMap.length) % onMap.length]!.key);
    else if (event.key === 'Enter' && selected !== undefined) onOpen(selected);
    else if (event.key === 'Escape') onSelect(undefined);
    else return;
    event.preventDefault();
  };
  const tip = (key: string) => (event: { clientX: number; clientY: number }): void => {
    const area = box.current!.getBoundingClientRect();
    setHover({ key, x: event.clientX - area.left, y: event.clientY - area.top });
  };
  const shown = hover ? byKey.get(hover.key) : undefined;
  const chosen = selected === undefined ? undefined : byKey.get(selected);
  return (
    <div ref={box} className="hs-map" onPointerLeave={() => setHover(undefined)}>
      <svg
        viewBox={`${view.x} ${view.y} ${view.width} ${view.height}`} tabIndex={0} role="application" aria-label={t('map.label')}
        aria-describedby="hs-map-said" onKeyDown={keys}
      >
        <defs>
          <pattern id="hs-few" width={6 / scale} height={6 / scale} patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
            <rect width={2.5 / scale} height={6 / scale} fill="var(--hs-card)" />
          </pattern>
        </defs>
        {outlines.map((outline) => {
          const found = byKey.get(outline.id);
          const few = found !== undefined && metric !== 'volume' && found.n < leastCalls;
          return (
            <g key={outline.id} data-state={outline.id} onPointerMove={tip(outline.id)} onClick={() => onSelect(found === undefined || selected === outline.id ? undefined : outline.id)} onDoubleClick={() => found && onOpen(outline.id)}>
              <path d={outline.d} className="hs-map-state" data-step={found?.step ?? 'none'} vectorEffect="non-scaling-stroke" />
              {few && found.step !== undefined && <path d={outline.d} fill="url(#hs-few)" pointerEvents="none" />}
              {outline.box.width * scale < 24 && <circle cx={outline.centre[0]} cy={outline.centre[1]} r={12 / scale} fill="transparent" />}
            </g>
          );
        })}
        {zoomed && <><path d={zoomed.d} className="hs-map-ring-out" vectorEffect="non-scaling-stroke" /><path d={zoomed.d} className="hs-map-ring-in" vectorEffect="non-scaling-stroke" /></>}
        <Cities ranked={ranked} view={view} scale={scale} metric={metric} only={zoomed ? selected : undefined} />
      </svg>
      {!zoomed && pixels >= 360 && <NcrInset shapes={shapes} ranked={ranked} metric={metric} />}
      {zoomed && <button type="button" className="hs-chip hs-map-back" onClick={() => onSelect(undefined)}>{t('map.all')}</button>}
      {shown && hover && <div className="hs-map-tip" style={{ insetInlineStart: Math.min(hover.x + 12, 260), top: hover.y + 14 }} aria-hidden="true">{describe(shown)}</div>}
      <p id="hs-map-said" className="hs-visually-hidden" aria-live="polite">{chosen ? describe(chosen) : ''}</p>
    </div>
  );
}

/** The state with room around it, in the proportions of the frame; small territories are not blown up without end. */
function zoom(target: { x: number; y: number; width: number; height: number }) {
  const size = Math.max(target.width * 1.25, (target.height * 1.25 * width) / height, width / 14);
  const tall = (size * height) / width;
  return { x: target.x + target.width / 2 - size / 2, y: target.y + target.height / 2 - tall / 2, width: size, height: tall };
}

function Cities({ ranked, view, scale, metric, only }: { ranked: readonly RankedState[]; view: { x: number; y: number; width: number; height: number }; scale: number; metric: Metric; only: string | undefined }) {
  const { t } = useTranslation();
  const marks = useMemo(() => {
    const all = ranked.flatMap((each) => (only !== undefined && each.key !== only ? [] : each.state.cities)).flatMap((city) => {
      // Of the whole country only places with calls are shown, of a state all it has.
      if (only === undefined && city.total_calls === 0) return [];
      const point = city.lat === null || city.lon === null ? null : projection([city.lon, city.lat]);
      return point === null ? [] : [{ city, weight: city.total_calls, x: (point[0] - view.x) * scale, y: (point[1] - view.y) * scale }];
    });
    const most = Math.max(1, ...all.map((each) => each.weight));
    const groups = cluster(all).map((group) => {
      const calls = group.members.reduce((sum, each) => sum + each.weight, 0);
      // A city without a judged call has no score to be worse with.
      const worst = group.members.map((each) => each.city).filter((each) => each.risk_level !== 'unknown').sort((a, b) => a.sop_score - b.sop_score)[0];
      const radius = Math.min(14, 4 + 10 * Math.sqrt(group.members[0]!.weight / most));
      const first = group.members[0]!.city;
      return { key: String(first.id), x: group.x, y: group.y, radius, weight: calls, members: group.members.map((each) => each.city), worst, text: group.members.length > 1 ? `${first.name} +${group.members.length - 1}` : first.name };
    });
    return { groups, labels: placeLabels(groups, { width: view.width * scale, height: view.height * scale }, 10) };
  }, [ranked, view.x, view.y, view.width, view.height, scale, only]);
  // Drawn in pixels of the frame, so that text and circles keep their size when the map is zoomed.
  return (
    <g transform={`translate(${view.x} ${view.y}) scale(${1 / scale})`} pointerEvents="none">
      {marks.groups.map((group) => (
        <g key={group.key}>
          <circle cx={group.x} cy={group.y} r={group.radius + 1.5} fill="var(--hs-ink)" />
          <circle cx={group.x} cy={group.y} r={group.radius} className="hs-map-city" data-step={metric === 'sop' && group.worst !== undefined ? stepOf('sop', group.worst.sop_score) : 'none'}>
            <title>{group.members.map((city) => `${city.name}: ${t('figure.callCount', { count: city.total_calls, n: count(city.total_calls) })}`).join('\n')}</title>
          </circle>
        </g>
      ))}
      {marks.groups.map((group) => {
        const plate = marks.labels.get(group.key);
        if (plate === undefined) return null;
        return (
          <g key={group.key}>
            <rect x={plate.x} y={plate.y} width={plate.width} height={plate.height} rx={4} className="hs-map-plate" />
            <text x={plate.x + plate.width / 2} y={plate.y + 13} textAnchor="middle" className="hs-map-text">{group.text}</text>
          </g>
        );
      })}
    </g>
  );
}
