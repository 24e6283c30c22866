import { rankings, timeSlots } from '../../../../analytics/bestsellers.ts';
import { decimal, key, RecordMapping, text } from '../../records/record.ts';
import { type Chain, type DayOfShop, mapRecords, readRecords } from '../chain.ts';
import { analyticsEndpoints } from '../endpoints.ts';

const entry = new RecordMapping({
  path: 'bestselling[]',
  columns: {
    subject_id: key('id', 'product_id', 'video_id', 'live_id', 'creator_open_id'),
    title: text('title', 'name', 'product_name', 'user_name', 'username'),
    gmv_range: text('gmv_range'),
    rank: decimal('rank', 'ranking'),
  },
});

/**
 * Rankings of the market, not of the shop: TikTok tells a range of GMV, never a sum. "Get Bestselling Products", "…
 * Videos", "… LIVEs" and "… Creators" 202511; behind a scope of its own.
 */
export function* bestsellersOfDay(day: DayOfShop): Chain {
  const rows = [];
  const aside = [];
  let latest: string | null = null;
  for (const ranking of rankings) {
    const endpoint = { ...analyticsEndpoints.bestsellers, records: ranking };
    for (const timeSlot of timeSlots) {
      const query = { date: day.date, time_slot: timeSlot };
      const found = yield* readRecords(day, { endpoint, parameters: { ranking }, query });
      latest = found.latestAvailableDate ?? latest;
      for (const [index, record] of found.records.entries()) {
        const mapped = mapRecords(day, [record], entry);
        const place = { ranking, time_slot: timeSlot };
        for (const one of mapped.aside) {
          aside.push({ ...one, recordId: `${ranking}/${timeSlot}/${one.recordId}` });
        }
        for (const row of mapped.rows) rows.push({ ...row, ...place, rank: row.rank ?? String(index + 1) });
      }
    }
  }
  return { rows, aside, currency: null, latestAvailableDate: latest };
}
