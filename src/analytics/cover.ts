import {
  addDays,
  addYears,
  type Day,
  daysBetween,
  endOfPeriod,
  type Granularity,
  newYear,
  startOfPeriod,
} from './calendar.ts';
import { boundaryOf } from './to-date.ts';

/** Days whose figures are one row of an answer: from `from` up to, and without, `to`. */
export interface Period {
  label: string;
  from: Day;
  to: Day;
}

interface Piece {
  label: string;
  /** Whether it is added to the row, or taken away from it. */
  added: boolean;
}

/** What is read for periods: sums since New Year up to a boundary, and days. */
export interface Cover {
  sums: (Piece & { until: Day })[];
  days: (Piece & { from: Day; to: Day })[];
}

/** The periods of a range, each cut to it and named by its first day; one without a name where none are asked for. */
export function periodsOf(from: Day, to: Day, granularity: Granularity | null): Period[] {
  if (granularity === null) return [{ label: '', from, to }];
  const periods: Period[] = [];
  for (let day = from; day < to; day = endOfPeriod(day, granularity)) {
    const end = endOfPeriod(day, granularity);
    periods.push({ label: startOfPeriod(day, granularity), from: day, to: end < to ? end : to });
  }
  return periods;
}

/** A period of so few days is read as it is: two sums and the days beside them would be no less. */
const fewDays = 9;

/**
 * What to read for periods, given the boundaries (in order) up to which there are sums; null where a stream has none.
 * However long a period is, it takes few sums a year and at most three days at each end.
 */
export function cover(periods: readonly Period[], boundaries: readonly Day[] | null): Cover {
  const result: Cover = { sums: [], days: [] };
  for (const { label, from, to } of periods) {
    if (boundaries === null || daysBetween(from, to) <= fewDays) {
      result.days.push({ label, added: true, from, to });
      continue;
    }
    for (let start = from; start < to; ) {
      const nextYear = addYears(newYear(start), 1);
      const end = nextYear < to ? nextYear : to;
      const ofYear = boundaries.filter((until) => until > newYear(start) && until <= nextYear);
      addSince(result, ofYear, { label, added: true }, newYear(start), end);
      addSince(result, ofYear, { label, added: false }, newYear(start), start);
      start = end;
    }
  }
  return result;
}

/** The days from New Year up to `day`. Days that have figures always lie before a boundary of their part of the month. */
function addSince(result: Cover, boundaries: readonly Day[], piece: Piece, start: Day, day: Day): void {
  if (day === start) return;
  const below = boundaries.filter((until) => until <= day).at(-1);
  const above = boundaryOf(addDays(day, -1));
  const part = startOfPart(day, start);
  if (below !== day && boundaries.includes(above) && daysBetween(day, above) < daysBetween(part, day)) {
    result.sums.push({ ...piece, until: above });
    result.days.push({ label: piece.label, added: !piece.added, from: day, to: above });
    return;
  }
  if (below !== undefined) result.sums.push({ ...piece, until: below });
  if (below !== day && boundaries.includes(above)) result.days.push({ ...piece, from: part, to: day });
}

/** The first day of the part of the month that ends at `day` or later. */
function startOfPart(day: Day, start: Day): Day {
  let part = addDays(day, -1);
  while (part > start && boundaryOf(addDays(part, -1)) === boundaryOf(part)) part = addDays(part, -1);
  return part;
}
