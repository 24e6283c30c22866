import { fraction, hash } from '../random.ts';

const day = 86_400;

/** Busier by a factor on each weekday, Sunday first. */
const weekly = [1.25, 0.85, 0.85, 0.9, 0.95, 1.05, 1.3];
/** Share of a day's orders by shop hour. */
const hourly = [2, 1, 1, 1, 1, 2, 3, 4, 5, 5, 5, 6, 6, 5, 5, 5, 5, 6, 7, 8, 9, 9, 7, 4];

/**
 * Creation times of a shop's history, ascending: about three times as busy at its end as at its start, with a weekly
 * and a daily rhythm, a dozen sale days, and bursts of several orders in one second (a live stream shows a product).
 *
 * @param endsAt Unix seconds; no order is younger.
 */
export function historyTimes(
  seed: number,
  count: number,
  days: number,
  endsAt: number,
  offsetHours: number,
): Uint32Array {
  const times = new Uint32Array(count);
  if (count === 0) return times;
  const startsAt = endsAt - days * day;
  const weights = new Float64Array(days);
  let sum = 0;
  for (let nth = 0; nth < days; nth += 1) {
    const weekday = new Date((startsAt + nth * day) * 1000).getUTCDay();
    const sale = hash(seed, nth, 31) % 60 === 0 ? 4 : 1;
    const weight =
      (1 + (2 * nth) / days) * (weekly[weekday] ?? 1) * (0.8 + 0.4 * fraction(seed, nth, 32)) * sale;
    weights[nth] = weight;
    sum += weight;
  }
  const hourEnds: number[] = [];
  let hourSum = 0;
  for (const share of hourly) {
    hourSum += share;
    hourEnds.push(hourSum);
  }
  let filled = 0;
  let carried = 0;
  for (let nth = 0; nth < days; nth += 1) {
    carried += (weights[nth] ?? 0) / sum;
    const upTo = nth === days - 1 ? count : Math.min(count, Math.round(carried * count));
    for (; filled < upTo; filled += 1) {
      const roll = fraction(seed, filled, 33) * hourSum;
      const hour = (((hourEnds.findIndex((end) => roll < end) - offsetHours) % 24) + 24) % 24;
      const second = hour * 3600 + (hash(seed, filled, 34) % 3600);
      const dayStart = startsAt + nth * day - ((startsAt + nth * day) % day);
      const time = dayStart + second;
      // One order in thirty comes in the same second as the one before it.
      const burst = filled > 0 && hash(seed, filled, 35) % 30 === 0;
      times[filled] = burst
        ? (times[filled - 1] ?? time)
        : time > endsAt - 30
          ? endsAt - 30 - (second % 7200)
          : time;
    }
  }
  return times.sort();
}
