import { compareMagnitudes, subtractDecimals } from '../decimal.ts';

/** What orders add up to on a day: GMV with cancelled orders, and the part of it that is theirs. Exact decimals. */
export interface OrderSums {
  orders: string;
  cancelled: string;
}

/** A day of the shop in its orders and at TikTok. */
export interface ComparedFigures extends OrderSums {
  tiktok: string;
  /** The day's orders where days are cut as TikTok seems to cut them; null where the shop's zone fits best. */
  inOtherZone: OrderSums | null;
  /** What TikTok said of the day before it restated it. */
  earlier: readonly string[];
}

/** Parts of a difference that add up to it. */
export interface Explanation {
  cancelled: string;
  time_zone: string;
  restated: string;
  other: string;
}

/**
 * Why orders and TikTok's figure differ, as far as it shows: each cause is taken, in this order, where it brings the
 * two nearer. The time zone moves orders over midnight; cancelled orders may be left out by TikTok; a restated figure
 * counts by how much it moved away from one that was nearer. What remains is `other`.
 */
export function explainDifference(figures: ComparedFigures): Explanation {
  const { orders, tiktok, inOtherZone, earlier } = figures;
  const zero = subtractDecimals(orders, orders);
  let other = subtractDecimals(orders, tiktok);
  const take = (part: string): string => {
    const rest = subtractDecimals(other, part);
    if (compareMagnitudes(rest, other) >= 0) return zero;
    other = rest;
    return part;
  };
  const time_zone = inOtherZone === null ? zero : take(subtractDecimals(orders, inOtherZone.orders));
  const cancelled = take((inOtherZone ?? figures).cancelled);
  const [nearest] = earlier
    .map((figure) => subtractDecimals(figure, tiktok))
    .sort((a, b) => compareMagnitudes(subtractDecimals(other, a), subtractDecimals(other, b)));
  const restated = nearest === undefined ? zero : take(nearest);
  return { cancelled, time_zone, restated, other };
}
