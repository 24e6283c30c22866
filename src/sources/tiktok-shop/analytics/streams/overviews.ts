import { count, decimal, money, percentage, RecordMapping } from '../../records/record.ts';
import { type Chain, type DayOfShop, datesOf, readRows } from '../chain.ts';
import { analyticsEndpoints } from '../endpoints.ts';

/** "Get Shop Video Performance Overview" 202509. */
const videos = new RecordMapping({
  path: 'performance.intervals[]',
  columns: {
    gmv: money('gmv'),
    sku_orders: count('sku_orders'),
    product_impressions: count('product_impressions'),
    product_clicks: count('product_clicks'),
    customers: decimal('avg_customers', 'customers'),
  },
  expected: ['gmv', 'sku_orders'],
  // Follows from the sums, and of one day alone could not be added up.
  alsoDocumented: ['start_date', 'end_date', 'click_through_rate'],
});

/** All videos that sell for the shop, together. */
export function* videoOverviewOfDay(day: DayOfShop): Chain {
  return yield* readRows(day, { endpoint: analyticsEndpoints.videoOverview, query: datesOf(day) }, videos);
}

/** "Get Shop LIVE Performance Overview" 202509. */
const lives = new RecordMapping({
  path: 'performance.intervals[]',
  columns: {
    gmv: money('gmv'),
    sku_orders: count('sku_orders'),
    items_sold: count('items_sold'),
    customers: decimal('customers'),
    click_through_rate: percentage('click_through_rate'),
    click_to_order_rate: percentage('click_to_order_rate'),
  },
  expected: ['gmv', 'items_sold'],
  alsoDocumented: ['start_date', 'end_date'],
});

/** All LIVE sessions that sell for the shop, together. */
export function* liveOverviewOfDay(day: DayOfShop): Chain {
  return yield* readRows(day, { endpoint: analyticsEndpoints.liveOverview, query: datesOf(day) }, lives);
}
