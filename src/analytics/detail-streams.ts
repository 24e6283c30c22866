import {
  count,
  daily,
  dailyPercentage,
  type Metric,
  money,
  percentageOf,
  type StreamDeclaration,
} from './declaration.ts';
import { describedProducts, describedSkus, describedVideos } from './descriptions.ts';

/** Where buyers come from, as TikTok divides the sales of a product. */
export const channels = ['live', 'video', 'product_card'] as const;

/** The same figures of each channel: `live_gmv`, `video_gmv`, … */
function byChannel(figures: Readonly<Record<string, Metric>>): Record<string, Metric> {
  return Object.fromEntries(
    channels.flatMap((channel) =>
      Object.entries(figures).map(([name, metric]) => [`${channel}_${name}`, metric]),
    ),
  );
}

const brought = { attributes: [], describedIn: null, toDate: null } as const;

/** What stands behind the rows of the lists: all contents together, and one thing in detail. */
export const detailStreams = {
  video_overview: {
    ...brought,
    table: 'analytics_video_overview',
    keys: [],
    metrics: {
      gmv: money,
      sku_orders: count,
      product_impressions: count,
      product_clicks: count,
      customers: daily,
      click_through_rate: percentageOf('product_clicks', 'product_impressions'),
    },
  },
  live_overview: {
    ...brought,
    table: 'analytics_live_overview',
    keys: [],
    metrics: {
      gmv: money,
      sku_orders: count,
      items_sold: count,
      customers: daily,
      click_through_rate: dailyPercentage,
      click_to_order_rate: dailyPercentage,
    },
  },
  live_products: {
    ...brought,
    table: 'analytics_live_products',
    keys: [
      ['live_id', 'text'],
      ['product_id', 'text'],
    ],
    describedIn: describedProducts,
    metrics: {
      gmv: money,
      items_sold: count,
      orders_count: count,
      sku_orders: count,
      created_sku_orders: count,
      added_to_cart: count,
      product_impressions: count,
      product_clicks: count,
      customers: daily,
      average_price: { kind: 'ratio', of: 'gmv', to: 'items_sold' },
      click_through_rate: percentageOf('product_clicks', 'product_impressions'),
      click_to_order_rate: percentageOf('sku_orders', 'product_clicks'),
    },
  },
  video_products: {
    ...brought,
    table: 'analytics_video_products',
    keys: [
      ['video_id', 'text'],
      ['product_id', 'text'],
    ],
    describedIn: describedProducts,
    metrics: { gmv: money, items_sold: count, customers: daily },
    onRequest: true,
  },
  product_details: {
    ...brought,
    table: 'analytics_product_details',
    keys: [['product_id', 'text']],
    attributes: [
      ['ratings', 'jsonb'],
      ['top_contents', 'jsonb'],
      ['top_creators', 'jsonb'],
    ],
    describedIn: describedProducts,
    metrics: {
      gmv: money,
      items_sold: count,
      orders_count: count,
      canceled_count: count,
      returned_count: count,
      refunded_count: count,
      replaced_count: count,
      ...byChannel({
        gmv: money,
        items_sold: count,
        customers: daily,
        impressions: count,
        page_views: count,
        visitors: daily,
        click_through_rate: dailyPercentage,
        conversion_rate: dailyPercentage,
      }),
    },
    onRequest: true,
  },
  video_details: {
    ...brought,
    table: 'analytics_video_details',
    keys: [['video_id', 'text']],
    attributes: [['viewer_profile', 'jsonb']],
    describedIn: { ...describedVideos, broughtByStream: false },
    metrics: {
      gmv: money,
      items_sold: count,
      views: count,
      likes: count,
      comments: count,
      shares: count,
      new_followers: count,
      product_impressions: count,
      product_clicks: count,
      customers: daily,
      click_through_rate: percentageOf('product_clicks', 'product_impressions'),
      gpm: { kind: 'ratio', of: 'gmv', to: 'views', times: 1000 },
    },
    onRequest: true,
  },
  sku_details: {
    ...brought,
    table: 'analytics_sku_details',
    keys: [['sku_id', 'text']],
    describedIn: describedSkus,
    metrics: {
      gmv: money,
      items_sold: count,
      sku_orders: count,
      ...byChannel({ gmv: money, items_sold: count }),
    },
    onRequest: true,
  },
} as const satisfies Record<string, StreamDeclaration>;
