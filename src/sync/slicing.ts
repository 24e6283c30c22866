/** Cutting time into slices: pure functions, Unix seconds, half-open ranges. */

export interface TimeRange {
  from: number;
  to: number;
}

const smallestSlice = 500;
const largestSlice = 5_000;

/** Orders that a slice should hold: enough slices to keep every lane busy, few enough to keep probes and events rare. */
export function targetSliceSize(total: number, parallelSlices: number): number {
  const even = Math.ceil(total / Math.max(1, parallelSlices * 3));
  return Math.min(largestSlice, Math.max(smallestSlice, even));
}

/** Cuts a range into at most `parts` ranges of equal length that touch each other; a second is never cut. */
export function cutRange(range: TimeRange, parts: number): TimeRange[] {
  const length = range.to - range.from;
  if (length <= 0) return [];
  const count = Math.max(1, Math.min(Math.floor(parts), length));
  const bounds = Array.from(
    { length: count + 1 },
    (_, index) => range.from + Math.floor((length * index) / count),
  );
  return bounds.slice(0, -1).map((from, index) => ({ from, to: bounds[index + 1] ?? range.to }));
}

/** Parts to split a slice into that turned out to hold `total` orders; 1: leave it. */
export function partsOf(total: number, target: number, range: TimeRange): number {
  if (total <= target * 2 || range.to - range.from <= 1) return 1;
  return Math.min(64, Math.ceil(total / target));
}

/** Parts for a window of changes, which should fit into a page or two. */
export function changeWindowParts(total: number, range: TimeRange): number {
  if (total <= 400 || range.to - range.from <= 1) return 1;
  return Math.min(200, Math.ceil(total / 200));
}
