/** A calendar day, `YYYY-MM-DD`. As text, days compare as they follow each other. */
export type Day = string;

const dayMs = 86_400_000;

function toTime(day: Day): number {
  return Date.parse(`${day}T00:00:00Z`);
}

function toDay(time: number): Day {
  return new Date(time).toISOString().slice(0, 10);
}

/** Whether the text is a day that exists. */
export function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const time = toTime(text);
  return !Number.isNaN(time) && toDay(time) === text;
}

export function addDays(day: Day, days: number): Day {
  return toDay(toTime(day) + days * dayMs);
}

/** Days from `from` up to, and without, `to`. */
export function daysBetween(from: Day, to: Day): number {
  return Math.round((toTime(to) - toTime(from)) / dayMs);
}

/** The same day of another year; the 28th where that year has no 29th of February. */
export function addYears(day: Day, years: number): Day {
  const moved = `${String(Number(day.slice(0, 4)) + years).padStart(4, '0')}${day.slice(4)}`;
  return isDay(moved) ? moved : `${moved.slice(0, 8)}28`;
}

export function newYear(day: Day): Day {
  return `${day.slice(0, 4)}-01-01`;
}

export type Granularity = 'day' | 'week' | 'month';

/** The first day of the period that a day is in; weeks begin on Monday. */
export function startOfPeriod(day: Day, granularity: Granularity): Day {
  if (granularity === 'day') return day;
  if (granularity === 'month') return `${day.slice(0, 8)}01`;
  return addDays(day, -((new Date(toTime(day)).getUTCDay() + 6) % 7));
}

/** The first day after that period. */
export function endOfPeriod(day: Day, granularity: Granularity): Day {
  const start = startOfPeriod(day, granularity);
  if (granularity === 'day') return addDays(start, 1);
  if (granularity === 'week') return addDays(start, 7);
  return startOfPeriod(addDays(start, 31), 'month');
}
