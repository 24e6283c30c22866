import {
  type AnalyticsRow,
  type AsideRecord,
  count,
  decimal,
  key,
  keyTime,
  money,
  RecordMapping,
  text,
  time,
} from '../../records/record.ts';
import { ownAccounts, withAccountTypes } from '../account-types.ts';
import { type Chain, type DayOfShop, datesOf, readRows } from '../chain.ts';
import { analyticsEndpoints } from '../endpoints.ts';
import { readOfEach, withAsideOf } from '../read-of-each.ts';

/** "Get Shop LIVE Performance List" 202509; interactions are told of official and marketing accounts only. */
export const live = new RecordMapping({
  path: 'live_stream_sessions[]',
  columns: {
    live_id: key('id'),
    title: text('title'),
    username: text('username', 'creator.user_name'),
    started_at: time('start_time'),
    ended_at: time('end_time'),
    gmv: money('sales_performance.gmv', 'sales_performance.live_gmv'),
    gmv_24h: money('sales_performance.24h_live_gmv', 'sales_performance.live_attributed_gmv'),
    sku_orders: count('sales_performance.sku_orders'),
    created_sku_orders: count('sales_performance.created_sku_orders'),
    items_sold: count('sales_performance.items_sold'),
    products_added: count('sales_performance.products_added'),
    different_products_sold: count('sales_performance.different_products_sold'),
    customers: decimal('sales_performance.customers'),
    views: count('interaction_performance.views', 'traffic.views'),
    viewers: count('interaction_performance.viewers', 'traffic.viewers'),
    average_concurrent_viewers: decimal('interaction_performance.acu', 'traffic.acu'),
    peak_concurrent_viewers: decimal('interaction_performance.pcu', 'traffic.pcu'),
    average_viewing_seconds: decimal('interaction_performance.avg_viewing_duration'),
    comments: count('interaction_performance.comments'),
    likes: count('interaction_performance.likes'),
    shares: count('interaction_performance.shares'),
    new_followers: count('interaction_performance.new_followers'),
    product_impressions: count('interaction_performance.product_impressions'),
    product_clicks: count('interaction_performance.product_clicks'),
  },
  expected: ['gmv', 'items_sold'],
  alsoDocumented: [
    'sales_performance.avg_price',
    'sales_performance.click_to_order_rate',
    'interaction_performance.click_through_rate',
  ],
});

export function* livesOfDay(day: DayOfShop): Chain {
  return yield* withAccountTypes(day, { endpoint: analyticsEndpoints.lives, query: datesOf(day) }, live);
}

/** "Get Shop LIVE Performance Per Minutes" 202510. */
const minute = new RecordMapping({
  path: 'performance.intervals[]',
  columns: {
    minute: keyTime('start_time'),
    gmv: money('sales.gmv'),
    items_sold: count('sales.items_sold'),
    customers: decimal('sales.customers'),
    sku_orders: count('sales.sku_orders'),
    views: count('traffic.views'),
    viewers: count('traffic.viewers'),
    product_impressions: count('traffic.product_impressions'),
    product_clicks: count('traffic.product_clicks'),
    comments: count('interactions.comments'),
    likes: count('interactions.likes'),
    shares: count('interactions.shares'),
    new_followers: count('interactions.new_followers'),
  },
  expected: ['gmv'],
  alsoDocumented: [
    'end_time',
    'sales.main_orders',
    'traffic.impressions',
    'traffic.ctr',
    'traffic.enter_room_rate',
    ...['comments', 'likes', 'shares', 'new_followers'].map((name) => `interactions.${name}_rate`),
    'interactions.comment_rate',
    'interactions.like_rate',
    'interactions.share_rate',
    'interactions.follow_rate',
    'conversion',
  ],
});

/**
 * Minutes are told of the shop's own accounts only ("only official/marketing accounts"). A session over midnight is
 * listed on both of its days; all its minutes are kept under the first, lest a range count them twice.
 */
export function* liveMinutesOfDay(day: DayOfShop): Chain {
  let latestAvailableDate: string | null = null;
  const aside: AsideRecord[] = [];
  const liveIds = new Set<string>();
  for (const accountType of ownAccounts) {
    const query = { ...datesOf(day), account_type: accountType };
    const sessions = yield* readRows(day, { endpoint: analyticsEndpoints.lives, query }, live);
    latestAvailableDate ??= sessions.latestAvailableDate;
    aside.push(...sessions.aside);
    for (const session of sessions.rows) if (belongsTo(day, session)) liveIds.add(String(session.live_id));
  }
  const { liveMinutes: endpoint } = analyticsEndpoints;
  const read = yield* readOfEach('live_id', [...liveIds], (live_id) =>
    readRows(day, { endpoint, parameters: { live_id }, mayBeRefused: true }, minute),
  );
  return withAsideOf({ aside, latestAvailableDate }, read);
}

/** Whether what TikTok tells of a session as a whole is told under this day: it is over, and began on it. */
export function belongsTo({ from }: DayOfShop, { started_at: startedAt, ended_at: endedAt }: AnalyticsRow) {
  const beganBefore = typeof startedAt === 'string' && Date.parse(startedAt) < from * 1_000;
  return endedAt != null && !beganBefore;
}
