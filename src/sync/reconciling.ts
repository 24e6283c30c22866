/** What a reconciliation decides from counts alone: pure functions, Unix seconds, half-open ranges. */

import type { TimeRange } from './slicing.ts';

const pageSize = 100;
/** A window that is walked again after a crash should not cost more than this. */
export const largestWalk = 5_000;
/** A few pages: less is not worth another question. */
const smallestSplit = 300;

/**
 * Whether the orders of a window are read now, or upstream is first asked for the totals of its halves. A walk costs
 * a call for each page; finding `difference` orders by halves costs two calls a level for each of them, and a walk of
 * what is left.
 */
export function walksNow(window: { total: number; stored: number; range: TimeRange }): boolean {
  const { total, stored, range } = window;
  if (range.to - range.from <= 1 || total <= smallestSplit) return true;
  if (total > largestWalk) return false;
  const levels = Math.log2(total / smallestSplit);
  const difference = Math.abs(total - stored);
  return total / pageSize <= difference * (2 * levels + smallestSplit / pageSize);
}

/** Ranges that touch each other at the cuts and reach from `from` to `to`. */
export function rangesBetween(from: number, cuts: readonly number[], to: number): TimeRange[] {
  const inner = [...new Set(cuts)].filter((cut) => cut > from && cut < to).toSorted((a, b) => a - b);
  const bounds = [from, ...inner, to];
  return bounds.slice(0, -1).map((start, index) => ({ from: start, to: bounds[index + 1] ?? to }));
}

/**
 * Ranges of creation time that hold the given orders, each narrow enough for one page of the shop's list: dense
 * orders share a call, lonely ones cost one each. Orders come youngest first, so do the ranges.
 */
export function rangesAround(orders: readonly { created: number; rank: number }[]): TimeRange[] {
  const ranges: TimeRange[] = [];
  let newest: { created: number; rank: number } | null = null;
  let oldest = 0;
  for (const order of orders) {
    if (newest !== null && newest.rank - order.rank >= pageSize) {
      ranges.push({ from: oldest, to: newest.created + 1 });
      newest = null;
    }
    newest ??= order;
    oldest = order.created;
  }
  if (newest !== null) ranges.push({ from: oldest, to: newest.created + 1 });
  return ranges;
}
