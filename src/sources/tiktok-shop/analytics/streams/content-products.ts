import { count, decimal, key, money, RecordMapping } from '../../records/record.ts';
import { type Chain, type DayOfShop, datesOf, readRows } from '../chain.ts';
import { analyticsEndpoints } from '../endpoints.ts';
import { isSold, readOfEach, readSold, withAsideOf } from '../read-of-each.ts';
import { belongsTo, live } from './lives.ts';
import { video } from './videos.ts';

/** "Get Shop Video Product Performance List" 202509. */
const productOfVideo = new RecordMapping({
  path: 'products[]',
  columns: {
    product_id: key('id'),
    gmv: money('gmv'),
    items_sold: count('units_sold', 'items_sold'),
    customers: decimal('daily_avg_buyers'),
  },
  expected: ['gmv', 'items_sold'],
  alsoDocumented: ['name'],
});

/** What was sold of each product through each video that sold on the day. */
export function* videoProductsOfDay(day: DayOfShop): Chain {
  const { videos, videoProducts: endpoint } = analyticsEndpoints;
  const query = datesOf(day);
  const sold = yield* readSold(day, { endpoint: videos, query }, video);
  const ids = sold.rows.map((row) => String(row.video_id));
  const read = yield* readOfEach('video_id', ids, (video_id) =>
    readRows(day, { endpoint, parameters: { video_id }, query, mayBeRefused: true }, productOfVideo),
  );
  return withAsideOf(sold, read);
}

/** "Get Shop LIVE Products Performance List" 202512; the spelling of clicks is TikTok's. */
const productOfLive = new RecordMapping({
  path: 'products[]',
  columns: {
    product_id: key('id'),
    gmv: money('sales.direct_gmv', 'sales.gmv'),
    items_sold: count('sales.items_sold'),
    orders_count: count('sales.main_orders'),
    sku_orders: count('sales.sku_orders'),
    created_sku_orders: count('sales.created_sku_orders'),
    added_to_cart: count('traffic.add_to_cart_count'),
    product_impressions: count('traffic.product_impressions'),
    product_clicks: count('traffic.produt_clicks', 'traffic.product_clicks'),
    customers: decimal('sales.customers'),
  },
  expected: ['gmv', 'items_sold'],
  alsoDocumented: [
    'name',
    'sales.avg_price',
    'sales.payment_rate',
    'traffic.ctr',
    'traffic.click_to_order_rate',
    'traffic.gpm',
  ],
});

/**
 * What each session sold of each product. TikTok tells it of the whole session: it stands under the day on which the
 * session began, as do its minutes.
 */
export function* liveProductsOfDay(day: DayOfShop): Chain {
  const { lives, liveProducts: endpoint } = analyticsEndpoints;
  const sessions = yield* readRows(day, { endpoint: lives, query: datesOf(day) }, live);
  const ids = sessions.rows
    // What sold after midnight only is told by the sum over 24 hours.
    .filter((row) => belongsTo(day, row) && (isSold(row) || isSold({ gmv: row.gmv_24h ?? null })))
    .map((row) => String(row.live_id));
  const read = yield* readOfEach('live_id', ids, (live_id) =>
    readRows(day, { endpoint, parameters: { live_id }, mayBeRefused: true }, productOfLive),
  );
  return withAsideOf(sessions, read);
}
