import {
  count,
  decimal,
  key,
  money,
  percentage,
  RecordMapping,
  text,
  time,
  words,
} from '../../records/record.ts';
import { withAccountTypes } from '../account-types.ts';
import { type Chain, type DayOfShop, datesOf } from '../chain.ts';
import { analyticsEndpoints } from '../endpoints.ts';

/** "Get Shop Video Performance List": 202509, with what 202605 says more. */
export const video = new RecordMapping({
  path: 'videos[]',
  columns: {
    video_id: key('id'),
    title: text('title'),
    username: text('username', 'creator.user_name'),
    posted_at: time('video_post_time'),
    duration_seconds: decimal('duration'),
    hash_tags: words('hash_tags'),
    gmv: money('gmv'),
    sku_orders: count('sku_orders'),
    items_sold: count('items_sold'),
    views: count('views'),
    customers: decimal('avg_customers'),
    click_through_rate: percentage('click_through_rate'),
  },
  required: ['gmv'],
  expected: ['items_sold', 'views'],
  // Sales per thousand views follows from the sums; of one day alone it could not be added up.
  alsoDocumented: ['gpm', 'products'],
});

export function* videosOfDay(day: DayOfShop): Chain {
  return yield* withAccountTypes(day, { endpoint: analyticsEndpoints.videos, query: datesOf(day) }, video);
}
