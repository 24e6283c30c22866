import type { Column } from '../db/column-arrays.ts';
import {
  count,
  countAlways,
  daily,
  dailyPercentage,
  money,
  moneyAlways,
  percentageOf,
  type StreamDeclaration,
} from './declaration.ts';
import { describedProducts, describedSkus, describedVideos } from './descriptions.ts';
import { detailStreams } from './detail-streams.ts';

export type { Description, Metric, StreamDeclaration } from './declaration.ts';

/** All streams of analytics. Their metrics are defined in `docs/analytics.md`. */
export const streams = {
  shop: {
    table: 'analytics_shop',
    keys: [],
    attributes: [],
    describedIn: null,
    toDate: null,
    metrics: {
      gmv: money,
      items_sold: count,
      orders_count: count,
      sku_orders_count: count,
      gross_revenue: money,
      refunds: money,
      cancellations_and_returns: count,
      live_gmv: money,
      video_gmv: money,
      product_card_gmv: money,
      customers: daily,
      visitors: daily,
      page_views: daily,
      conversion_rate: dailyPercentage,
      product_impressions: count,
      product_clicks: count,
      average_order_value: { kind: 'ratio', of: 'gmv', to: 'orders_count' },
    },
  },
  hourly: {
    table: 'analytics_hourly',
    keys: [['hour', 'smallint']],
    attributes: [],
    describedIn: null,
    toDate: null,
    metrics: {
      gmv: money,
      items_sold: count,
      orders_count: count,
      customers: daily,
      visitors: daily,
      product_impressions: count,
    },
  },
  videos: {
    table: 'analytics_videos',
    keys: [['video_id', 'text']],
    attributes: [],
    describedIn: describedVideos,
    toDate: 'analytics_videos_to_date',
    metrics: {
      gmv: moneyAlways,
      sku_orders: count,
      items_sold: count,
      views: count,
      likes: count,
      comments: count,
      shares: count,
      new_followers: count,
      product_impressions: count,
      product_clicks: count,
      customers: daily,
      click_through_rate: dailyPercentage,
      gpm: { kind: 'ratio', of: 'gmv', to: 'views', times: 1000 },
    },
  },
  lives: {
    table: 'analytics_lives',
    keys: [['live_id', 'text']],
    attributes: [],
    describedIn: {
      table: 'lives',
      key: 'live_id',
      columns: [
        ['title', 'text'],
        ['username', 'text'],
        ['account_type', 'text'],
        ['started_at', 'timestamptz'],
        ['ended_at', 'timestamptz'],
      ],
      broughtByStream: true,
    },
    toDate: null,
    metrics: {
      gmv: money,
      gmv_24h: { kind: 'daily', money: true },
      sku_orders: count,
      created_sku_orders: count,
      items_sold: count,
      products_added: daily,
      different_products_sold: daily,
      customers: daily,
      views: count,
      viewers: daily,
      average_concurrent_viewers: daily,
      peak_concurrent_viewers: daily,
      average_viewing_seconds: daily,
      comments: count,
      likes: count,
      shares: count,
      new_followers: count,
      product_impressions: count,
      product_clicks: count,
      average_price: { kind: 'ratio', of: 'gmv', to: 'items_sold' },
      click_through_rate: percentageOf('product_clicks', 'product_impressions'),
      click_to_order_rate: percentageOf('sku_orders', 'product_clicks'),
    },
  },
  live_minutes: {
    table: 'analytics_live_minutes',
    keys: [
      ['live_id', 'text'],
      ['minute', 'timestamptz'],
    ],
    attributes: [],
    describedIn: null,
    toDate: null,
    metrics: {
      gmv: money,
      items_sold: count,
      sku_orders: count,
      customers: daily,
      views: count,
      viewers: daily,
      product_impressions: count,
      product_clicks: count,
      comments: count,
      likes: count,
      shares: count,
      new_followers: count,
    },
  },
  products: {
    table: 'analytics_products',
    keys: [['product_id', 'text']],
    attributes: [],
    describedIn: describedProducts,
    toDate: 'analytics_products_to_date',
    metrics: {
      gmv: moneyAlways,
      items_sold: countAlways,
      orders_count: countAlways,
      product_impressions: count,
      product_clicks: count,
      click_through_rate: percentageOf('product_clicks', 'product_impressions'),
    },
  },
  skus: {
    table: 'analytics_skus',
    keys: [['sku_id', 'text']],
    attributes: [['product_id', 'text']],
    describedIn: describedSkus,
    toDate: 'analytics_skus_to_date',
    metrics: { gmv: moneyAlways, sku_orders: countAlways, items_sold: countAlways },
  },
  creators: {
    table: 'analytics_creators',
    keys: [['creator', 'text']],
    attributes: [],
    describedIn: null,
    toDate: null,
    metrics: {
      gmv: money,
      video_gmv: money,
      live_gmv: money,
      sku_orders: count,
      items_sold: count,
      views: count,
      videos: daily,
      lives: daily,
    },
  },
  affiliates: {
    table: 'analytics_affiliates',
    keys: [['creator', 'text']],
    attributes: [],
    describedIn: null,
    toDate: null,
    metrics: {
      gmv: money,
      orders_count: count,
      items_sold: count,
      refunded_items: count,
      estimated_commission: money,
      actual_commission: money,
    },
  },
  bestsellers: {
    table: 'analytics_bestsellers',
    keys: [
      ['ranking', 'text'],
      ['time_slot', 'text'],
      ['subject_id', 'text'],
    ],
    attributes: [
      ['title', 'text'],
      ['gmv_range', 'text'],
    ],
    describedIn: null,
    toDate: null,
    metrics: { rank: daily },
  },
  ...detailStreams,
} as const satisfies Record<string, StreamDeclaration>;

export type StreamName = keyof typeof streams;

export const streamNames = Object.keys(streams) as StreamName[];

/** Whether a stream is read only where somebody asks for it by name. */
export function isOnRequest(stream: StreamName): boolean {
  return declarationOf(stream).onRequest === true;
}

/** The declaration of a stream, as what all of them have in common. */
export function declarationOf(stream: StreamName): StreamDeclaration {
  return streams[stream];
}

/** The tables that hold figures, and their sums. */
export const figureTables: readonly string[] = streamNames.flatMap((name) => {
  const { table, toDate } = declarationOf(name);
  return toDate === null ? [table] : [table, toDate];
});

const sqlTypes = { money: 'numeric', count: 'bigint', daily: 'numeric' } as const;

/** The columns that hold figures. */
export function metricColumns({ metrics }: StreamDeclaration): Column[] {
  return Object.entries(metrics).flatMap(([name, metric]): Column[] =>
    metric.kind === 'ratio' ? [] : [[name, sqlTypes[metric.kind]]],
  );
}

/** The figures that are summed over days. */
export function summedMetrics({ metrics }: StreamDeclaration): { name: string; always: boolean }[] {
  return Object.entries(metrics).flatMap(([name, metric]) =>
    metric.kind === 'money' || metric.kind === 'count' ? [{ name, always: metric.always === true }] : [],
  );
}

/** Whether a figure is money: written as an exact text, where all others are numbers. */
export function isMoney({ metrics }: StreamDeclaration, name: string): boolean {
  const metric = metrics[name];
  if (metric?.kind === 'ratio') return metrics[metric.of]?.kind === 'money';
  return metric?.kind === 'money' || (metric?.kind === 'daily' && metric.money === true);
}

/** Whether a figure is a percentage, 0 to 100. */
export function isPercentage({ metrics }: StreamDeclaration, name: string): boolean {
  const metric = metrics[name];
  return (metric?.kind === 'ratio' || metric?.kind === 'daily') && metric.percentage === true;
}

/** Whether rows are of one shop each, for their keys are its own, or of all asked shops together. */
export function isOfOneShop({ describedIn }: StreamDeclaration): boolean {
  return describedIn !== null;
}

/** The columns that tell rows of a list apart: `label` (of the period), `shop_id` where they are of one shop, keys. */
export function rowNames(declaration: StreamDeclaration): string[] {
  return [
    'label',
    ...(isOfOneShop(declaration) ? ['shop_id'] : []),
    ...declaration.keys.map(([name]) => name),
  ];
}
