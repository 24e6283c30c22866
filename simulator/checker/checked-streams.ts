import type { SaleSums } from './sale-sums.ts';
import type { CountedSale } from './sales.ts';

/** How a stream's stored rows follow from sales. */
export interface CheckedStream {
  name: string;
  /** SQL: a table, or what stands for one. */
  table: string;
  /** SQL of the row's key as text; one text for all where a day has one row. */
  key: string;
  /** The key under which a unit belongs; null for none of them. `hourOf` gives the shop's hour. */
  keyOf(sale: CountedSale, hourOf: (seconds: number) => number): string | null;
  /** The columns that sales decide; those of money come in millionths. */
  figures: readonly { column: string; money: boolean; of(sums: SaleSums): bigint; mayBeMissing?: true }[];
  by: 'counted' | 'created';
  /** The time whose day a unit is stored under; that of payment, cancellation or creation where not given. */
  timeOf?(sale: CountedSale): number | null;
}

const gmv = { column: 'gmv', money: true, of: (sums: SaleSums) => sums.gmv };
const items = { column: 'items_sold', money: false, of: (sums: SaleSums) => sums.units };
const orders = { column: 'orders_count', money: false, of: (sums: SaleSums) => sums.orders };
const skuOrders = { column: 'sku_orders', money: false, of: (sums: SaleSums) => sums.skuOrders };
const customers = { column: 'customers', money: false, of: (sums: SaleSums) => sums.customers };

function paid(key: (sale: CountedSale) => string | null): CheckedStream['keyOf'] {
  return (sale) => (sale.countedAs === 'paid' ? key(sale) : null);
}

/** Money of one kind of content; shapes without breakdowns do not tell it. */
function ofContent(column: string, type: string): CheckedStream['figures'][number] {
  return { column, money: true, of: (sums) => sums.byContent[type] ?? 0n, mayBeMissing: true };
}

const channels = [
  ofContent('live_gmv', 'LIVE'),
  ofContent('video_gmv', 'VIDEO'),
  ofContent('product_card_gmv', 'PRODUCT_CARD'),
];

/** What sales can prove. Views, likes and other people's rankings follow from no order. */
export const checkedStreams: readonly CheckedStream[] = [
  {
    name: 'shop',
    table: 'analytics_shop',
    key: `'shop'`,
    keyOf: () => 'shop',
    figures: [
      gmv,
      items,
      orders,
      { ...skuOrders, column: 'sku_orders_count' },
      { ...customers, mayBeMissing: true },
      { column: 'refunds', money: true, of: (sums) => sums.refunds },
      ...channels,
    ],
    by: 'counted',
  },
  {
    name: 'hourly',
    table: 'analytics_hourly',
    key: 'hour::text',
    keyOf: (sale, hourOf) => (sale.countedAs === 'paid' ? String(hourOf(sale.paidTime)) : null),
    figures: [gmv, items, { ...orders, mayBeMissing: true }, customers],
    by: 'counted',
  },
  {
    name: 'products',
    table: 'analytics_products',
    key: 'product_id',
    keyOf: paid(({ productId }) => productId),
    figures: [gmv, items, orders],
    by: 'counted',
  },
  {
    name: 'skus',
    table: 'analytics_skus',
    key: 'sku_id',
    keyOf: paid(({ skuId }) => skuId),
    figures: [gmv, items, skuOrders],
    by: 'counted',
  },
  {
    name: 'videos',
    table: 'analytics_videos',
    key: 'video_id',
    keyOf: paid(({ contentType, contentId }) => (contentType === 'VIDEO' ? contentId : null)),
    figures: [gmv, items, skuOrders, customers],
    by: 'counted',
  },
  {
    name: 'lives',
    table: 'analytics_lives',
    key: 'live_id',
    keyOf: paid(({ contentType, contentId }) => (contentType === 'LIVE' ? contentId : null)),
    figures: [gmv, items, skuOrders, customers],
    by: 'counted',
  },
  {
    // Minute by minute a payment may stand in the next one: what a session comes to over all days is what sales decide.
    name: 'live_minutes',
    table: `(select shop_id, min(date) as date, live_id, sum(gmv) as gmv, sum(items_sold) as items_sold
      from analytics_live_minutes group by shop_id, live_id) minutes`,
    key: 'live_id',
    keyOf: paid(({ accountType, contentType, contentId }) =>
      contentType === 'LIVE' && accountType !== 'AFFILIATE_ACCOUNTS' ? contentId : null,
    ),
    figures: [gmv, items],
    by: 'counted',
    timeOf: ({ sessionStartedAt }) => sessionStartedAt,
  },
  {
    name: 'creators',
    table: 'analytics_creators',
    key: 'creator',
    keyOf: paid(({ contentType, username }) => (contentType === 'PRODUCT_CARD' ? null : username)),
    figures: [ofContent('video_gmv', 'VIDEO'), ofContent('live_gmv', 'LIVE')],
    by: 'counted',
  },
  {
    name: 'affiliates',
    table: 'analytics_affiliates',
    key: 'creator',
    keyOf: ({ accountType, username }) => (accountType === 'AFFILIATE_ACCOUNTS' ? username : null),
    figures: [gmv, items, orders],
    by: 'created',
  },
  {
    name: 'video_overview',
    table: 'analytics_video_overview',
    key: `'all'`,
    keyOf: paid(({ contentType }) => (contentType === 'VIDEO' ? 'all' : null)),
    figures: [gmv, skuOrders, customers],
    by: 'counted',
  },
  {
    name: 'live_overview',
    table: 'analytics_live_overview',
    key: `'all'`,
    keyOf: paid(({ contentType }) => (contentType === 'LIVE' ? 'all' : null)),
    figures: [gmv, items, skuOrders, customers],
    by: 'counted',
  },
  {
    name: 'video_products',
    table: 'analytics_video_products',
    key: `video_id || '/' || product_id`,
    keyOf: paid(({ contentType, contentId, productId }) =>
      contentType === 'VIDEO' ? `${contentId}/${productId}` : null,
    ),
    figures: [gmv, items, customers],
    by: 'counted',
  },
  {
    name: 'live_products',
    table: 'analytics_live_products',
    key: `live_id || '/' || product_id`,
    keyOf: paid(({ contentType, contentId, productId }) =>
      contentType === 'LIVE' ? `${contentId}/${productId}` : null,
    ),
    figures: [gmv, items, orders, skuOrders, customers],
    by: 'counted',
    timeOf: ({ sessionStartedAt }) => sessionStartedAt,
  },
  {
    name: 'product_details',
    table: 'analytics_product_details',
    key: 'product_id',
    keyOf: paid(({ productId }) => productId),
    figures: [gmv, items, orders, ...channels],
    by: 'counted',
  },
  {
    // Of the same days: who sold how much of each product.
    name: 'product_details',
    table: `(select shop_id, date, product_id || '/' || (one->>'creator') as key, (one->>'gmv')::numeric as gmv,
      (one->>'items_sold')::bigint as items_sold
      from analytics_product_details, jsonb_array_elements(top_creators) one) creators`,
    key: 'key',
    keyOf: paid(({ productId, username }) => (username === null ? null : `${productId}/${username}`)),
    figures: [gmv, items],
    by: 'counted',
  },
  {
    name: 'video_details',
    table: 'analytics_video_details',
    key: 'video_id',
    keyOf: paid(({ contentType, contentId }) => (contentType === 'VIDEO' ? contentId : null)),
    figures: [gmv, items, customers],
    by: 'counted',
  },
  {
    name: 'sku_details',
    table: 'analytics_sku_details',
    key: 'sku_id',
    keyOf: paid(({ skuId }) => skuId),
    figures: [gmv, items, skuOrders, ...channels],
    by: 'counted',
  },
];
