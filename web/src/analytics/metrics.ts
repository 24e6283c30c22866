import type { AnalyticsRow, Figure, Figures } from '../api-types.ts';
import { count, duration, money, percent } from '../format.ts';

type Kind = 'money' | 'count' | 'percent' | 'seconds';

interface Metric {
  label: string;
  kind: Kind;
}

/** Every figure that the pages show, by the name that the API gives it. */
const metrics = {
  gmv: { label: 'GMV', kind: 'money' },
  net_gmv: { label: 'Net GMV', kind: 'money' },
  tiktok_gmv: { label: 'GMV according to TikTok', kind: 'money' },
  orders_count: { label: 'Orders', kind: 'count' },
  cancelled_orders: { label: 'Cancelled orders', kind: 'count' },
  items_sold: { label: 'Items sold', kind: 'count' },
  average_order_value: { label: 'Average order value', kind: 'money' },
  average_price: { label: 'Average price', kind: 'money' },
  customers: { label: 'Customers', kind: 'count' },
  new_customers: { label: 'New customers', kind: 'count' },
  returning_customers: { label: 'Returning customers', kind: 'count' },
  visitors: { label: 'Visitors', kind: 'count' },
  page_views: { label: 'Page views', kind: 'count' },
  conversion_rate: { label: 'Conversion rate', kind: 'percent' },
  refunds: { label: 'Refunds', kind: 'money' },
  live_gmv: { label: 'GMV from LIVE', kind: 'money' },
  video_gmv: { label: 'GMV from videos', kind: 'money' },
  product_card_gmv: { label: 'GMV from product cards', kind: 'money' },
  product_impressions: { label: 'Impressions', kind: 'count' },
  product_clicks: { label: 'Clicks', kind: 'count' },
  click_through_rate: { label: 'Click-through rate', kind: 'percent' },
  click_to_order_rate: { label: 'Click-to-order rate', kind: 'percent' },
  sku_orders: { label: 'SKU orders', kind: 'count' },
  views: { label: 'Views', kind: 'count' },
  viewers: { label: 'Viewers', kind: 'count' },
  likes: { label: 'Likes', kind: 'count' },
  comments: { label: 'Comments', kind: 'count' },
  shares: { label: 'Shares', kind: 'count' },
  new_followers: { label: 'New followers', kind: 'count' },
  gpm: { label: 'GMV per 1,000 views', kind: 'money' },
  gmv_24h: { label: 'GMV within 24 hours', kind: 'money' },
  peak_concurrent_viewers: { label: 'Peak viewers', kind: 'count' },
  average_viewing_seconds: { label: 'Average watch time', kind: 'seconds' },
  refunded_items: { label: 'Items refunded', kind: 'count' },
  estimated_commission: { label: 'Estimated commission', kind: 'money' },
  actual_commission: { label: 'Actual commission', kind: 'money' },
  products: { label: 'Products sold', kind: 'count' },
  created_sku_orders: { label: 'SKU orders made', kind: 'count' },
  added_to_cart: { label: 'Added to cart', kind: 'count' },
  canceled_count: { label: 'Cancelled', kind: 'count' },
  returned_count: { label: 'Returned', kind: 'count' },
  refunded_count: { label: 'Refunded', kind: 'count' },
  replaced_count: { label: 'Replaced', kind: 'count' },
  live_items_sold: { label: 'Items sold in LIVE', kind: 'count' },
  video_items_sold: { label: 'Items sold by videos', kind: 'count' },
  product_card_items_sold: { label: 'Items sold by product cards', kind: 'count' },
  live_impressions: { label: 'Impressions in LIVE', kind: 'count' },
  video_impressions: { label: 'Impressions in videos', kind: 'count' },
  product_card_impressions: { label: 'Impressions of product cards', kind: 'count' },
  live_visitors: { label: 'Visitors from LIVE', kind: 'count' },
  video_visitors: { label: 'Visitors from videos', kind: 'count' },
  product_card_visitors: { label: 'Visitors from product cards', kind: 'count' },
  live_conversion_rate: { label: 'Conversion rate in LIVE', kind: 'percent' },
  video_conversion_rate: { label: 'Conversion rate of videos', kind: 'percent' },
  product_card_conversion_rate: { label: 'Conversion rate of product cards', kind: 'percent' },
  new_gmv: { label: 'GMV of new customers', kind: 'money' },
  returning_gmv: { label: 'GMV of returning customers', kind: 'money' },
  stock: { label: 'Stock', kind: 'count' },
  rank: { label: 'Rank', kind: 'count' },
} as const satisfies Record<string, Metric>;

export type MetricName = keyof typeof metrics;

export function labelOf(name: MetricName): string {
  return metrics[name].label;
}

/** As {@link labelOf}, for a name that came from the API and may be new. */
export function labelOfAny(name: string): string {
  return Object.hasOwn(metrics, name) ? labelOf(name as MetricName) : name.replaceAll('_', ' ');
}

export function isMoney(name: MetricName): boolean {
  return metrics[name].kind === 'money';
}

export function isCount(name: MetricName): boolean {
  return metrics[name].kind === 'count';
}

export function isPercentage(name: MetricName): boolean {
  return metrics[name].kind === 'percent';
}

/** A figure as people read it; a dash for what TikTok did not tell. */
export function shown(name: MetricName, value: Figure, currency: string | null): string {
  if (value === null) return '–';
  switch (metrics[name].kind) {
    case 'money':
      return money(String(value), currency);
    case 'percent':
      return percent(value);
    case 'seconds':
      return duration(Number(value));
    case 'count':
      return count(Number(value));
  }
}

export function figureOf(row: AnalyticsRow | Figures | undefined, name: string): Figure {
  const value = row?.[name] ?? null;
  return typeof value === 'object' ? null : value;
}

/** A describing text of a row, empty where none is known. */
export function textOf(row: AnalyticsRow, name: string): string {
  return String(figureOf(row, name) ?? '');
}
