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

/** The sums since New Year that a shop has of a stream. */
export interface HeldSums {
  /** The boundaries, in order, up to which there are sums. */
  boundaries: readonly Day[];
  /** Days, in order, that were written but are not in them yet. */
  unsummed: readonly Day[];
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
 * What to read for periods; null where a stream has no sums. However long a period is, it takes few sums a year and at
 * most a handful of days at its ends. Every key of it is in one of the sums that are added, unless a day is not in the
 * sums yet.
 */
export function cover(periods: readonly Period[], held: HeldSums | null): Cover {
  const result: Cover = { sums: [], days: [] };
  for (const { label, from, to } of periods) {
    if (held === null || daysBetween(from, to) <= fewDays) {
      result.days.push({ label, added: true, from, to });
      continue;
    }
    const { sums, days } = summed(label, held.boundaries, from, to);
    result.sums.push(...sums);
    result.days.push(...days.flatMap((piece) => without(piece, held.unsummed)));
    for (const day of held.unsummed) {
      if (day >= from && day < to) result.days.push({ label, added: true, from: day, to: addDays(day, 1) });
    }
  }
  return result;
}

/** A period as differences of sums, and the days between its ends and their boundaries. */
function summed(label: string, boundaries: readonly Day[], from: Day, to: Day): Cover {
  const result: Cover = { sums: [], days: [] };
  for (let start = from; start < to; ) {
    const nextYear = addYears(newYear(start), 1);
    const end = nextYear < to ? nextYear : to;
    const ofYear = boundaries.filter((until) => until > newYear(start) && until <= nextYear);
    // From behind its end: the sums there hold every key that a day before them has.
    const behind = boundaryOf(addDays(end, -1));
    if (ofYear.includes(behind)) {
      result.sums.push({ label, added: true, until: behind });
      if (end < behind) result.days.push({ label, added: false, from: end, to: behind });
    } else {
      const below = ofYear.filter((until) => until <= end).at(-1);
      if (below !== undefined) result.sums.push({ label, added: true, until: below });
    }
    takeSince(result, ofYear, label, newYear(start), start);
    start = end;
  }
  return result;
}

/**
 * Takes the days from New Year up to `day` away, from whichever boundary is nearer. Days that have figures always lie
 * before a boundary of their part of the month.
 */
function takeSince(result: Cover, boundaries: readonly Day[], label: string, start: Day, day: Day): void {
  if (day === start) return;
  const below = boundaries.filter((until) => until <= day).at(-1);
  const above = boundaryOf(addDays(day, -1));
  const part = startOfPart(day, start);
  if (below !== day && boundaries.includes(above) && daysBetween(day, above) < daysBetween(part, day)) {
    result.sums.push({ label, added: false, until: above });
    result.days.push({ label, added: true, from: day, to: above });
    return;
  }
  if (below !== undefined) result.sums.push({ label, added: false, until: below });
  if (below !== day && boundaries.includes(above)) {
    result.days.push({ label, added: false, from: part, to: day });
  }
}

/** The parts of a piece between days that are left out. */
function without(piece: Cover['days'][number], left: readonly Day[]): Cover['days'] {
  const parts: Cover['days'] = [];
  let from = piece.from;
  for (const day of left.filter((one) => one >= piece.from && one < piece.to)) {
    if (from < day) parts.push({ ...piece, from, to: day });
    from = addDays(day, 1);
  }
  if (from < piece.to) parts.push({ ...piece, from });
  return parts;
}

/** The first day of the part of the month that ends at `day` or later. */
function startOfPart(day: Day, start: Day): Day {
  let part = addDays(day, -1);
  while (part > start && boundaryOf(addDays(part, -1)) === boundaryOf(part)) part = addDays(part, -1);
  return part;
}
