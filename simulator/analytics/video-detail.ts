import type { Video } from './contents.ts';
import { type Figures, noFigures, ratio } from './figures.ts';
import {
  invalid,
  listKey,
  pageOf,
  readChoice,
  readCurrency,
  readOrder,
  readRange,
  sorted,
} from './request.ts';
import { analyticsScope, type DataCall, type DataRoute, intervalDates, intervals, latest } from './route.ts';
import type { DayRange, ShopAnalytics } from './shop-analytics.ts';
import { byVideo, videoAudience } from './video-performance.ts';

type Currency = 'LOCAL' | 'USD';
type Row = Record<string, unknown>;

/** One video: its sales for each product, its views, and who watches. */
export const videoDetail: DataRoute = {
  name: 'analytics_video',
  method: 'GET',
  path: /^\/analytics\/(202409|202509)\/shop_videos\/(\d+)\/performance$/,
  scope: analyticsScope,
  answer(call) {
    const { analytics, query } = call;
    const video = videoOf(call);
    const range = analytics.available(readRange(query, analytics));
    const currency = readCurrency(query);
    const rows = intervals(range, readChoice(query, 'granularity', ['ALL', '1D'])).map((interval) =>
      detailInterval(analytics, video, interval, currency),
    );
    const halves = [
      { key: 'FEMALE', percentage: '0.6100' },
      { key: 'MALE', percentage: '0.3900' },
    ];
    const profile = (type: string): Row => ({
      type,
      gender_distribution: halves,
      age_distribution: [{ key: '25-34', percentage: '1.0000' }],
      country_distribution: [{ key: call.shop.region, percentage: '1.0000' }],
    });
    const performance = {
      intervals: rows,
      viewer_profile: [profile('VIEWERS'), profile('NEW_FOLLOWER')],
    };
    return { data: { ...latest(analytics), performance }, rows: rows.length };
  },
};

function videoOf({ analytics, parts }: DataCall): Video {
  const video = analytics.contents.videoById(parts[1] ?? '');
  if (video === null) throw invalid('video_id', 'no video that sells for this shop');
  return video;
}

function byVideoProduct(analytics: ShopAnalytics, range: DayRange): Map<string, Figures> {
  return analytics.totalsBy('video products', range, ({ origin, product }) =>
    origin.type === 'VIDEO' ? `${origin.content} ${product}` : null,
  );
}

function detailInterval(analytics: ShopAnalytics, video: Video, range: DayRange, currency: Currency): Row {
  const figures = byVideo(analytics, range).get(video.number) ?? noFigures;
  const audience = videoAudience(analytics, video, range);
  const products = byVideoProduct(analytics, range);
  const sales = (of: Readonly<Figures>, share: number): Row => ({
    gmv: analytics.money(of.gmv, currency),
    gpm: analytics.money(audience.views === 0 ? 0 : Math.round((of.gmv * 1000) / audience.views), currency),
    customers: of.customers,
    items_sold: of.items,
    ctr: ratio(audience.clicks, audience.impressions),
    product_impressions: Math.floor(audience.impressions / share),
    product_clicks: Math.floor(audience.clicks / share),
  });
  return {
    ...intervalDates(range),
    sales: {
      overall: sales(figures, 1),
      breakdowns: video.products.map((product) => ({
        product_id: analytics.catalogue.products[product]?.id ?? '',
        ...sales(products.get(`${video.number} ${product}`) ?? noFigures, video.products.length),
      })),
    },
    traffic: {
      views: audience.views,
      likes: audience.likes,
      comments: audience.comments,
      shares: audience.shares,
      new_followers: audience.newFollowers,
    },
  };
}

export const videoProducts: DataRoute = {
  name: 'analytics_video_products',
  method: 'GET',
  path: /^\/analytics\/(202409|202509)\/shop_videos\/(\d+)\/products\/performance$/,
  scope: analyticsScope,
  answer(call) {
    const { analytics, query, path, pageTokens, shop } = call;
    const video = videoOf(call);
    const range = analytics.available(readRange(query, analytics));
    const currency = readCurrency(query);
    const order = readOrder(query, ['gmv', 'units_sold', 'daily_avg_buyers']);
    const found = byVideoProduct(analytics, range);
    const figuresOf = (product: number): Readonly<Figures> =>
      found.get(`${video.number} ${product}`) ?? noFigures;
    const value = (product: number): number => {
      const { gmv, items, customers } = figuresOf(product);
      return order.field === 'units_sold' ? items : order.field === 'gmv' ? gmv : customers;
    };
    const products = range.from < range.to ? [...video.products] : [];
    const rows = sorted(products, value, (product) => product, order.descending);
    const page = pageOf(query, rows, listKey(path, query), pageTokens);
    const shown = page.rows.map((product) => ({
      id: analytics.catalogue.products[product]?.id ?? '',
      name: shop.products.title(product),
      gmv: analytics.money(figuresOf(product).gmv, currency),
      units_sold: figuresOf(product).items,
      daily_avg_buyers: figuresOf(product).customers,
    }));
    return {
      data: {
        ...latest(analytics),
        products: shown,
        next_page_token: page.nextPageToken,
        total_count: page.total,
      },
      rows: shown.length,
    };
  },
};
