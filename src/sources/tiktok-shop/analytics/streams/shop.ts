import {
  type AnalyticsRow,
  type AsideRecord,
  count,
  decimal,
  key,
  money,
  percentage,
  RecordMapping,
} from '../../records/record.ts';
import { type Chain, DayNotAvailable, type DayOfShop, datesOf, readRows } from '../chain.ts';
import { analyticsEndpoints } from '../endpoints.ts';

/** "Get Shop Performance": 202509 first, then where 202609 and 202405 keep the same. */
const interval = new RecordMapping({
  path: 'performance.intervals[]',
  columns: {
    gmv: money('sales.gmv', 'gmv'),
    gross_revenue: money('sales.gross_revenue', 'gross_revenue'),
    refunds: money('sales.refunds', 'refunds'),
    orders_count: count('sales.orders_count', 'orders'),
    sku_orders_count: count('sales.sku_orders_count', 'sku_orders'),
    items_sold: count('sales.items_sold', 'units_sold'),
    cancellations_and_returns: count('sales.cancellations_and_returns', 'cancellations_and_returns'),
    customers: decimal('sales.avg_customers_count', 'sales.customers_count', 'buyers'),
    page_views: decimal('traffic.avg_page_views', 'product_page_views'),
    visitors: decimal('traffic.avg_visitors', 'avg_product_page_visitors'),
    // Both spellings are TikTok's.
    conversion_rate: percentage('traffic.avg_conversation_rate', 'traffic.avg_conversion_rate'),
    product_impressions: count('traffic.product_impressions', 'product_impressions'),
    product_clicks: count('traffic.product_clicks'),
    live_gmv: money('sales.gmv.breakdowns[LIVE]', 'sales.live_gmv', 'gmv_breakdowns[LIVE]'),
    video_gmv: money('sales.gmv.breakdowns[VIDEO]', 'sales.video_gmv', 'gmv_breakdowns[VIDEO]'),
    product_card_gmv: money(
      'sales.gmv.breakdowns[PRODUCT_CARD]',
      'sales.product_card_attributed_gmv',
      'gmv_breakdowns[PRODUCT_CARD]',
    ),
  },
  expected: ['gmv', 'orders_count', 'items_sold'],
  alsoDocumented: ['start_date', 'end_date', 'avg_order_value', 'buyer_breakdowns'],
});

/** Sales, traffic, conversion and customers of the whole shop. */
export function* shopOfDay(day: DayOfShop): Chain {
  const request = { endpoint: analyticsEndpoints.shop, query: datesOf(day) };
  return yield* readRows(day, request, interval);
}

const hour = new RecordMapping({
  path: 'performance.intervals[]',
  columns: {
    hour: key('index'),
    gmv: money('gmv'),
    items_sold: count('items_sold'),
    orders_count: count('orders_count'),
    customers: decimal('customers'),
    visitors: decimal('visitors'),
    product_impressions: count('product_impressions'),
  },
  expected: ['gmv', 'items_sold'],
});

/** TikTok keeps hours for so many days, today included ("Get Shop Performance Per Hour"). */
const daysWithHours = 30;

const hourOfDay = /^(?:1?\d|2[0-4])$/;

/** Sales of the shop in each hour of its day. */
export function* hoursOfDay(day: DayOfShop): Chain {
  if (day.age >= daysWithHours) {
    throw new DayNotAvailable(`TikTok keeps figures by hour for ${daysWithHours} days.`);
  }
  const request = { endpoint: analyticsEndpoints.hours, parameters: { date: day.date } };
  const read = yield* readRows(day, request, hour);
  const isHour = (row: AnalyticsRow): boolean => hourOfDay.test(String(row.hour));
  const aside = read.rows.filter((row) => !isHour(row)).map((row) => notAnHour(String(row.hour)));
  return { ...read, rows: read.rows.filter(isHour), aside: [...read.aside, ...aside] };
}

function notAnHour(index: string): AsideRecord {
  return { recordId: index, path: 'performance.intervals[].index', reason: 'not an hour of the day' };
}
