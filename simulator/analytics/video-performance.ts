import { readAccountFilter } from './accounts.ts';
import { type ContentAudience, contentAudience } from './audience.ts';
import { contentOverview } from './content-overview.ts';
import type { Account, Video } from './contents.ts';
import { type Figures, noFigures, ratio } from './figures.ts';
import { listKey, pageOf, readCurrency, readOrder, readRange, sorted } from './request.ts';
import { analyticsScope, type DataRoute, latest } from './route.ts';
import type { DayRange, ShopAnalytics } from './shop-analytics.ts';

type Currency = 'LOCAL' | 'USD';
type Row = Record<string, unknown>;

const sortFields = ['gmv', 'gpm', 'avg_customers', 'sku_orders', 'items_sold', 'views', 'click_through_rate'];

export function byVideo(analytics: ShopAnalytics, range: DayRange): Map<number, Figures> {
  return analytics.totalsBy('videos', range, ({ origin }) =>
    origin.type === 'VIDEO' ? origin.content : null,
  );
}

/** Views of a video over the days since it was posted. */
export function videoAudience(analytics: ShopAnalytics, video: Video, range: DayRange): ContentAudience {
  const sum = { views: 0, likes: 0, comments: 0, shares: 0, newFollowers: 0, impressions: 0, clicks: 0 };
  const posted = analytics.calendar.dayOf(video.postedAt);
  for (let dayNumber = Math.max(posted, range.from); dayNumber < range.to; dayNumber += 1) {
    const items = byVideo(analytics, { from: dayNumber, to: dayNumber + 1 }).get(video.number)?.items ?? 0;
    const ofDay = contentAudience(analytics.seed, video.number, dayNumber, dayNumber - posted, items);
    for (const name of Object.keys(sum) as (keyof ContentAudience)[]) sum[name] += ofDay[name];
  }
  return sum;
}

/** The videos that still sell at the end of the days, and those that sold within them. */
function videosIn(analytics: ShopAnalytics, range: DayRange): Video[] {
  const { contents, calendar } = analytics;
  const videos = new Map(
    contents.videosAliveAt(calendar.momentOf(range.to) - 1).map((video) => [video.number, video]),
  );
  for (const number of byVideo(analytics, range).keys()) {
    const video = contents.video(number);
    if (video !== null) videos.set(number, video);
  }
  return [...videos.values()];
}

/** All videos, with sales or without. */
export const videoList: DataRoute = {
  name: 'analytics_videos',
  method: 'GET',
  path: /^\/analytics\/(202409|202509|202605)\/shop_videos\/performance$/,
  scope: analyticsScope,
  answer({ analytics, shop, query, parts, path, pageTokens }) {
    const version = parts[0] ?? '';
    const range = analytics.available(readRange(query, analytics));
    const currency = readCurrency(query);
    const fits = readAccountFilter(query, version === '202409' ? 'early' : 'current');
    const order = readOrder(query, version === '202605' ? [...sortFields, 'post_time'] : sortFields);
    const key = listKey(path, query);
    const rows = analytics.remember(key, () => {
      if (range.from >= range.to) return [];
      const found = byVideo(analytics, range);
      const videos = videosIn(analytics, range)
        .filter(({ account }) => fits(account))
        .map((video) => ({
          video,
          figures: found.get(video.number) ?? noFigures,
          audience: videoAudience(analytics, video, range),
        }));
      return sorted(
        videos,
        (row) => sortFigure(row, order.field),
        ({ video }) => video.number,
        order.descending,
      );
    });
    const page = pageOf(query, rows, key, pageTokens);
    const videos = page.rows.map(({ video, figures, audience }) => ({
      id: video.id,
      title: video.title,
      username: video.account.username,
      video_post_time: String(video.postedAt),
      duration: video.duration,
      hash_tags: ['tide', `tide${video.number % 7}`],
      gmv: analytics.money(figures.gmv, currency),
      gpm: analytics.money(
        audience.views === 0 ? 0 : Math.round((figures.gmv * 1000) / audience.views),
        currency,
      ),
      avg_customers: figures.customers,
      sku_orders: figures.skuOrders,
      items_sold: figures.items,
      views: audience.views,
      click_through_rate: ratio(audience.clicks, audience.impressions),
      products: video.products.map((product) => ({
        id: shop.products.catalogue.products[product]?.id ?? '',
        name: shop.products.title(product),
      })),
      ...(version === '202605'
        ? newerFields(analytics, shop.region, { video, figures, audience }, currency)
        : {}),
    }));
    return {
      data: { ...latest(analytics), videos, next_page_token: page.nextPageToken, total_count: page.total },
      rows: videos.length,
    };
  },
};

interface ListedVideo {
  video: Video;
  figures: Readonly<Figures>;
  audience: ContentAudience;
}

function newerFields(
  analytics: ShopAnalytics,
  region: string,
  { video, figures, audience }: ListedVideo,
  currency: Currency,
): Row {
  return {
    creator: { ...creatorOf(video.account), creator_country: region },
    likes: audience.likes,
    comments: audience.comments,
    shares: audience.shares,
    new_followers: audience.newFollowers,
    product_impressions: audience.impressions,
    product_clicks: audience.clicks,
    attributed_gmv: analytics.money(figures.gmv, currency),
    indirect_gmv: analytics.money(0, currency),
    ctor: ratio(figures.skuOrders, audience.clicks),
    video_finish_rate: ratio(audience.likes * 4, audience.views),
  };
}

export function creatorOf(account: Account): Row {
  return { open_id: account.openId, user_name: account.username };
}

function sortFigure({ video, figures, audience }: ListedVideo, field: string): number {
  switch (field) {
    case 'gpm':
      return figures.gmv / Math.max(1, audience.views);
    case 'avg_customers':
      return figures.customers;
    case 'sku_orders':
      return figures.skuOrders;
    case 'items_sold':
      return figures.items;
    case 'views':
      return audience.views;
    case 'click_through_rate':
      return audience.clicks / Math.max(1, audience.impressions);
    case 'post_time':
      return video.postedAt;
    default:
      return figures.gmv;
  }
}

export const videoOverview = contentOverview({
  name: 'analytics_video_overview',
  path: /^\/analytics\/(202409|202509|202609)\/shop_videos\/overview_performance$/,
  type: 'VIDEO',
  accountNames: (version) => (version === '202409' ? 'early' : 'current'),
  contentsIn: videosIn,
  audienceOf: videoAudience,
  row: (figures, sum) => ({
    sku_orders: figures.skuOrders,
    avg_customers: figures.customers,
    click_through_rate: ratio(sum('clicks'), sum('impressions')),
    product_clicks: sum('clicks'),
    product_impressions: sum('impressions'),
  }),
});
