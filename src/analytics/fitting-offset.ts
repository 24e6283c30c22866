import { addDays, type Day } from './calendar.ts';

/** Days before and after one that bear witness for it. */
export const witnesses = 3;

/** Days on which orders and TikTok agree to the cent, by how days are cut: minutes east of UTC, or the shop's zone. */
export interface Agreements {
  inShopZone: ReadonlySet<Day>;
  atOffset: ReadonlyMap<number, ReadonlySet<Day>>;
}

/**
 * How TikTok seems to cut a day: the offset at which more of the seven days around it agree to the cent than at any
 * other and in the shop's own zone, and at least two of them, for one may agree by chance. Null where there is none.
 */
export function fittingOffset(day: Day, { inShopZone, atOffset }: Agreements): number | null {
  const around = Array.from({ length: 2 * witnesses + 1 }, (_, nth) => addDays(day, nth - witnesses));
  const count = (days: ReadonlySet<Day>): number => around.filter((one) => days.has(one)).length;
  let best: { offset: number | null; days: number } = { offset: null, days: Math.max(1, count(inShopZone)) };
  for (const [offset, days] of atOffset) {
    const agreeing = count(days);
    if (agreeing > best.days) best = { offset, days: agreeing };
  }
  return best.offset;
}
