import { addDays, type Day } from './days.ts';
import type { Granularity, Range } from './range.ts';

/** Days that a chart shows as one. */
export interface Period extends Range {
  /** The day that the API names it by: its first, also where a range begins later. */
  name: Day;
}

/** The periods of a range in their order, each cut to it. */
export function periodsOf({ from, to }: Range, granularity: Granularity): Period[] {
  const periods: Period[] = [];
  for (let day = from; day <= to; ) {
    const next = nextPeriod(day, granularity);
    const last = addDays(next, -1);
    periods.push({ name: startOfPeriod(day, granularity), from: day, to: last < to ? last : to });
    day = next;
  }
  return periods;
}

/** Weeks begin on Monday. */
function startOfPeriod(day: Day, granularity: Granularity): Day {
  if (granularity === 'day') return day;
  if (granularity === 'month') return `${day.slice(0, 8)}01`;
  return addDays(day, -((new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7));
}

function nextPeriod(day: Day, granularity: Granularity): Day {
  const start = startOfPeriod(day, granularity);
  if (granularity === 'day') return addDays(start, 1);
  if (granularity === 'week') return addDays(start, 7);
  return startOfPeriod(addDays(start, 31), 'month');
}
