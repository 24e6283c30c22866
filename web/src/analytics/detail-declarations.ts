import type { AnalyticsRow } from '../api-types.ts';
import { type MetricName, textOf } from './metrics.ts';

const channels = ['live', 'video', 'product_card'] as const;

/** A figure by where the buyers came from. */
function byChannel<Name extends string>(name: Name): `${(typeof channels)[number]}_${Name}`[] {
  return channels.map((channel) => `${channel}_${name}` as const);
}

/** A product, variant or video by itself: what its list tells of it, and what only its details tell. */
export interface Detail {
  /** Of the lists: last part of the path in the API, which is also that of one thing. */
  list: 'products' | 'skus' | 'videos';
  /** The column that holds its id. */
  key: string;
  /** Of the address: what is open. */
  parameter: 'product' | 'sku' | 'video';
  /** As in "figures of this product". */
  of: string;
  /** The link back. */
  all: string;
  nameOf(row: AnalyticsRow): string;
  /** Of days; lists of products and variants show the same. */
  figures: readonly MetricName[];
  /** The stream that is read only where somebody names it. */
  stream: string;
  detailTitle: string;
  detailNote: string;
  detailFigures: readonly MetricName[];
}

export const productDetail: Detail = {
  list: 'products',
  key: 'product_id',
  parameter: 'product',
  of: 'this product',
  all: 'All products',
  nameOf: (row) => textOf(row, 'title'),
  figures: [
    'gmv',
    'items_sold',
    'orders_count',
    'product_impressions',
    'product_clicks',
    'click_through_rate',
  ],
  stream: 'product_details',
  detailTitle: 'By channel',
  detailNote:
    'Where buyers came from, and what came back. TikTok tells it of days on which the product sold.',
  detailFigures: [
    ...byChannel('gmv'),
    ...byChannel('items_sold'),
    ...byChannel('impressions'),
    ...byChannel('visitors'),
    ...byChannel('conversion_rate'),
    ...(['canceled_count', 'returned_count', 'refunded_count', 'replaced_count'] as const),
  ],
};

export const skuDetail: Detail = {
  list: 'skus',
  key: 'sku_id',
  parameter: 'sku',
  of: 'this variant',
  all: 'All variants',
  nameOf: (row) => [textOf(row, 'title'), textOf(row, 'sku_name')].filter((text) => text !== '').join(', '),
  figures: ['gmv', 'items_sold', 'sku_orders'],
  stream: 'sku_details',
  detailTitle: 'By channel',
  detailNote: 'Where buyers came from. TikTok tells it of days on which the variant sold.',
  detailFigures: [...byChannel('gmv'), ...byChannel('items_sold')],
};

export const videoDetail: Detail = {
  list: 'videos',
  key: 'video_id',
  parameter: 'video',
  of: 'this video',
  all: 'All videos',
  nameOf: (row) => textOf(row, 'title'),
  figures: [
    ...(['gmv', 'items_sold', 'sku_orders', 'views', 'gpm', 'product_impressions'] as const),
    ...(['product_clicks', 'likes', 'comments', 'shares', 'new_followers'] as const),
  ],
  stream: 'video_details',
  detailTitle: 'In detail',
  detailNote: 'TikTok tells it of days on which the video sold.',
  detailFigures: [
    ...(['views', 'product_impressions', 'product_clicks', 'click_through_rate', 'customers'] as const),
    ...(['likes', 'comments', 'shares', 'new_followers'] as const),
  ],
};
