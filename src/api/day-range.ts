import { daysBetween } from '../analytics/calendar.ts';
import { badRequest } from './problem.ts';

const longestRange = 3660;

/** What a range is refused for and no schema says. */
export const alsoRefusedRange =
  'an `end_date` before `start_date`, more than 3,660 days, a day that no calendar has';

/** @throws RequestError 400 for a range that is reversed or longer than ten years. */
export function refuseRange(from: string, last: string): void {
  if (last < from) throw badRequest([{ path: 'end_date', message: 'must not be before start_date.' }]);
  if (daysBetween(from, last) + 1 > longestRange) {
    throw badRequest([
      { path: 'end_date', message: 'must be at most 3,660 days from start_date, both included.' },
    ]);
  }
}
