export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Labelled {
  key: string;
  x: number;
  y: number;
  radius: number;
  text: string;
  weight: number;
}

export const hits = (a: Box, b: Box): boolean => a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

const height = 18;
const letter = 6.6;

/** Plates beside their points, heaviest first, at the first of eight places that is free; without one there is no label. */
export function placeLabels(points: readonly Labelled[], frame: { width: number; height: number }, most: number): Map<string, Box> {
  const placed = new Map<string, Box>();
  const markers = points.map((point) => ({ x: point.x - point.radius, y: point.y - point.radius, width: 2 * point.radius, height: 2 * point.radius }));
  for (const point of [...points].sort((a, b) => b.weight - a.weight)) {
    if (placed.size >= most) break;
    const width = Math.ceil(Array.from(point.text).length * letter) + 10;
    const gap = point.radius + 2;
    const left = point.x - gap - width;
    const right = point.x + gap;
    const middle = point.x - width / 2;
    const up = point.y - gap - height;
    const down = point.y + gap;
    const level = point.y - height / 2;
    const places: [number, number][] = [[right, level], [left, level], [middle, up], [middle, down], [right, up], [right, down], [left, up], [left, down]];
    const free = places
      .map(([x, y]) => ({ x, y, width, height }))
      .find((box) => box.x >= 0 && box.y >= 0 && box.x + box.width <= frame.width && box.y + box.height <= frame.height
        && markers.every((marker) => !hits(box, marker)) && [...placed.values()].every((other) => !hits(box, other)));
    if (free !== undefined) placed.set(point.key, free);
  }
  return placed;
}

export interface Cluster<T> {
  x: number;
  y: number;
  members: T[];
}

/** Points closer than `least` become one, at the place of the heaviest. */
export function cluster<T extends { x: number; y: number; weight: number }>(points: readonly T[], least = 26): Cluster<T>[] {
  const groups: Cluster<T>[] = [];
  for (const point of [...points].sort((a, b) => b.weight - a.weight)) {
    const near = groups.find((group) => Math.hypot(group.x - point.x, group.y - point.y) < least);
    if (near) near.members.push(point);
    else groups.push({ x: point.x, y: point.y, members: [point] });
  }
  return groups;
}
