import { addDays, type Day } from './calendar.ts';

/** TikTok goes on correcting a day's figures: days after its end on which they are read again. */
const readAgainAfter = [1, 2, 3, 7, 14, 30];

/** The next of the days on which `date` is read again, after `today`; null when its time is over. */
export function nextReadOn(date: Day, today: Day): Day | null {
  const ended = addDays(date, 1);
  return readAgainAfter.map((days) => addDays(ended, days)).find((day) => day > today) ?? null;
}

/**
 * When a day that was just read is read again; null once it has settled: its time is over, or a read when it was due
 * found what the one before had found. A read before it was due proves nothing and leaves the plan as it was.
 */
export function readAgainOn(
  date: Day,
  today: Day,
  before: { readAgainOn: Day | null } | null,
  changed: boolean,
): Day | null {
  const next = nextReadOn(date, today);
  if (before === null || changed) return next;
  if (before.readAgainOn === null || before.readAgainOn <= today) return null;
  return before.readAgainOn;
}
