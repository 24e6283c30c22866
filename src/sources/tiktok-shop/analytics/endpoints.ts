export interface AnalyticsEndpoint {
  method: 'GET' | 'POST';
  /** Versions are pinned here, one by one; `{name}` is filled in by the request. */
  path: string;
  /** Name under which the request budget counts calls: upstream limits each endpoint by itself. */
  family: string;
  /** Where its records lie in `data`. */
  records: string;
  /** Sent with every call. */
  query: Readonly<Record<string, string>>;
}

/** TikTok's largest page of analytics ("page_size: default 10, max 100"). */
const wholePage = { page_size: '100' };
const eachDay = { granularity: '1D' };

const get = (family: string, path: string, records: string, query: Record<string, string> = {}) =>
  ({ method: 'GET', path, family: `analytics.${family}`, records, query }) as const;

/**
 * Every analytics endpoint that the engine calls (TikTok Shop Partner Center, "Analytics", and "Affiliate Seller" for
 * the last). Several shapes changed from version to version: the ones pinned are those with the most public evidence.
 */
export const analyticsEndpoints = {
  shop: get('shop', '/analytics/202509/shop/performance', 'performance.intervals', eachDay),
  hours: get(
    'hours',
    '/analytics/202510/shop/performance/{date}/performance_per_hour',
    'performance.intervals',
  ),
  products: get('products', '/analytics/202509/shop_products/performance', 'products', wholePage),
  skus: get('skus', '/analytics/202509/shop_skus/performance', 'skus', wholePage),
  videos: get('videos', '/analytics/202509/shop_videos/performance', 'videos', {
    ...wholePage,
    account_type: 'ALL',
  }),
  lives: get('lives', '/analytics/202509/shop_lives/performance', 'live_stream_sessions', {
    ...wholePage,
    account_type: 'ALL',
  }),
  liveMinutes: get(
    'live_minutes',
    '/analytics/202510/shop_lives/{live_id}/performance_per_minutes',
    'performance.intervals',
  ),
  videoOverview: get(
    'video_overview',
    '/analytics/202509/shop_videos/overview_performance',
    'performance.intervals',
    { ...eachDay, account_type: 'ALL' },
  ),
  liveOverview: get(
    'live_overview',
    '/analytics/202509/shop_lives/overview_performance',
    'performance.intervals',
    { ...eachDay, account_type: 'ALL' },
  ),
  videoProducts: get(
    'video_products',
    '/analytics/202509/shop_videos/{video_id}/products/performance',
    'products',
    wholePage,
  ),
  /** Of the whole session: it takes no dates and has one page. */
  liveProducts: get('live_products', '/analytics/202512/shop/{live_id}/products_performance', 'products'),
  productDetail: get(
    'product_details',
    '/analytics/202509/shop_products/{product_id}/performance',
    'performance',
    eachDay,
  ),
  videoDetail: get(
    'video_details',
    '/analytics/202509/shop_videos/{video_id}/performance',
    'performance',
    eachDay,
  ),
  skuDetail: get('sku_details', '/analytics/202509/shop_skus/{sku_id}/performance', 'performance', eachDay),
  bestsellers: get('bestsellers', '/analytics/202511/{ranking}/bestselling', 'products'),
  affiliateOrders: {
    method: 'POST',
    path: '/affiliate_seller/202410/orders/search',
    family: 'affiliate.orders',
    records: 'orders',
    query: wholePage,
  },
} as const satisfies Record<string, AnalyticsEndpoint>;
