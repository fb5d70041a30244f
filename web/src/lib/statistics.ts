/** Below this many calls a figure is too noisy to be ranked. */
export const leastCalls = 30;

const z = 1.959963984540054; // 95 %

export interface Span {
  low: number;
  high: number;
}

/** 95 % Wilson interval of `count` out of `n`; everything is possible when n is 0. */
export function wilson(count: number, n: number): Span {
  if (n <= 0) return { low: 0, high: 1 };
  const p = Math.min(Math.max(count / n, 0), 1);
  const spread = z * Math.sqrt((p * (1 - p)) / n + (z * z) / (4 * n * n));
  const centre = p + (z * z) / (2 * n);
  const scale = 1 + (z * z) / n;
  return { low: Math.max(0, (centre - spread) / scale), high: Math.min(1, (centre + spread) / scale) };
}

export const overlap = (a: Span, b: Span): boolean => a.low <= b.high && b.low <= a.high;
