/** A small line of values on a scale shared by its column. Gaps stay gaps; the last point is marked; the text tells the same. */
export function Sparkline({ values, min, max, label }: { values: readonly (number | undefined)[]; min: number; max: number; label: string }) {
  const width = 88;
  const height = 24;
  const x = (i: number): number => 3 + (i / Math.max(1, values.length - 1)) * (width - 6);
  const y = (value: number): number => 3 + (1 - (value - min) / Math.max(max - min, 1e-9)) * (height - 6);
  let path = '';
  values.forEach((value, i) => {
    if (value !== undefined) path += `${i > 0 && values[i - 1] !== undefined ? 'L' : 'M'}${x(i)} ${y(value)}`;
  });
  const last = values.findLastIndex((value) => value !== undefined);
  return (
    <svg width={width} height={height} role="img" aria-label={label}>
      <path d={path} fill="none" stroke="var(--hs-muted)" strokeWidth="1.5" />
      {last >= 0 && <circle cx={x(last)} cy={y(values[last]!)} r="2.5" fill="var(--hs-ink)" />}
    </svg>
  );
}
