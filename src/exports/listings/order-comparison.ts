import { addDays, type Day } from '../../analytics/calendar.ts';
import { compareDays } from '../../db/reports/order-comparison.ts';
import type { Listing } from '../listing.ts';

/** Days compared at once. */
const pieceDays = 100;

/** Days of orders beside TikTok's figure, from `from` up to, and without, `to`. */
export const orderComparisonListing: Listing<{ from: Day; to: Day }> = {
  name: 'order-comparison',
  async *rows(scope, tx, { from, to }) {
    for (let start = from; start < to; start = addDays(start, pieceDays)) {
      const end = addDays(start, pieceDays);
      yield await compareDays(scope, tx, { from: start, to: end < to ? end : to });
    }
  },
};
