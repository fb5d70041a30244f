import { geoMercator, geoPath } from 'd3-geo';
import type { FeatureCollection, Geometry } from 'geojson';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { count } from '@/lib/format';
import { stepOf, type Metric } from '@/lib/scales';
import { placeLabels } from './labels';
import type { RankedState } from './ranking';

const width = 148;
const height = 108;
const west = 76.97;
const east = 77.7;
const south = 28.33;
const north = 28.8;

/** Delhi and its neighbours apart: at the scale of the country they are one point. */
export function NcrInset({ shapes, ranked, metric }: { shapes: FeatureCollection<Geometry>; ranked: readonly RankedState[]; metric: Metric }) {
  const { t } = useTranslation();
  const projection = useMemo(() => geoMercator().fitExtent([[0, 0], [width, height]], { type: 'MultiPoint', coordinates: [[west, south], [east, north]] }).clipExtent([[0, 0], [width, height]]), []);
  const outlines = useMemo(() => {
    const path = geoPath(projection).digits(1);
    return shapes.features.map((shape) => ({ id: String(shape.id), d: path(shape) })).filter((outline) => outline.d !== null);
  }, [projection, shapes]);
  const cities = ranked.flatMap((each) => each.state.cities).flatMap((city) => {
    if (city.total_calls === 0 || city.lat === null || city.lon === null || city.lon < west || city.lon > east || city.lat < south || city.lat > north) return [];
    const [x, y] = projection([city.lon, city.lat]) ?? [0, 0];
    return [{ city, key: String(city.id), x, y, text: city.name, weight: city.total_calls, radius: 5 }];
  });
  if (cities.length < 2) return null;
  const labels = placeLabels(cities, { width, height }, 6);
  const told = cities.map(({ city }) => `${city.name}: ${t('figure.callCount', { count: city.total_calls, n: count(city.total_calls) })}`);
  return (
    <svg className="hs-map-inset" width={width} height={height} viewBox={`0 0 ${width} ${height}`} role="img" aria-label={`${t('map.ncr')}. ${told.join('; ')}`}>
      {outlines.map((outline) => <path key={outline.id} d={outline.d!} className="hs-map-state" data-step="none" />)}
      {cities.map(({ city, key, x, y, radius }) => (
        <g key={key}>
          <circle cx={x} cy={y} r={radius + 1.5} fill="var(--hs-ink)" />
          <circle cx={x} cy={y} r={radius} className="hs-map-city" data-step={metric === 'sop' && city.risk_level !== 'unknown' ? stepOf('sop', city.sop_score) : 'none'} />
        </g>
      ))}
      {cities.map(({ key, text }) => {
        const plate = labels.get(key);
        return plate && (
          <g key={key}>
            <rect x={plate.x} y={plate.y} width={plate.width} height={plate.height} rx={4} className="hs-map-plate" />
            <text x={plate.x + plate.width / 2} y={plate.y + 13} textAnchor="middle" className="hs-map-text">{text}</text>
          </g>
        );
      })}
    </svg>
  );
}
