import { type ContentType, contentTypes } from './contents.ts';
import { noFigures, ratio } from './figures.ts';
import { invalid, readChoice, readCurrency, readRange } from './request.ts';
import { analyticsScope, type DataRoute, intervalDates, intervals, latest } from './route.ts';
import type { DayRange, ShopAnalytics } from './shop-analytics.ts';

type Currency = 'LOCAL' | 'USD';

const mostTop = 100;

/** One product: its figures by interval and content, ratings, the contents and creators that sold most of it. */
export const productDetail: DataRoute = {
  name: 'analytics_product',
  method: 'GET',
  path: /^\/analytics\/(202405|202509)\/shop_products\/(\d+)\/performance$/,
  scope: analyticsScope,
  answer({ analytics, shop, query, parts }) {
    const product = shop.products.indexOf(parts[1] ?? '');
    if (product < 0) throw invalid('product_id', 'no product of this shop');
    const range = analytics.available(readRange(query, analytics));
    const granularity = readChoice(query, 'granularity', ['ALL', '1D']);
    const currency = readCurrency(query);
    const rows = intervals(range, granularity).map((interval) =>
      detailInterval(analytics, product, interval, currency),
    );
    const counts = [3, 4, 9, 31, 120].map((base) => base + (product % 7));
    const rated = counts.reduce((sum, count) => sum + count, 0);
    const performance = {
      intervals: rows,
      ratings: counts.map((count, nth) => ({
        stars: `${nth + 1}_STAR`,
        count,
        percentage: ratio(count, rated),
      })),
      top_contents: (['VIDEO', 'LIVE'] as const).map((type) => ({
        type,
        contents: topContents(analytics, product, range, type, currency),
      })),
      top_creators: topCreators(analytics, product, range, currency),
    };
    return { data: { ...latest(analytics), performance }, rows: rows.length };
  },
};

function detailInterval(
  analytics: ShopAnalytics,
  product: number,
  range: DayRange,
  currency: Currency,
): Record<string, unknown> {
  const figures = analytics.byProduct(range).get(product) ?? noFigures;
  const byType = analytics.totalsBy(
    'product contents',
    range,
    (sale) => `${sale.product} ${sale.origin.type}`,
  );
  const audience = analytics.audience(product, range);
  const each = (whole: number): number => Math.floor(whole / contentTypes.length);
  return {
    ...intervalDates(range),
    sales: {
      gmv: analytics.money(figures.gmv, currency),
      orders: figures.orders,
      items_sold: figures.items,
      breakdowns: contentTypes.map((type) => {
        const of = byType.get(`${product} ${type}`) ?? noFigures;
        return {
          content_type: type,
          sales: {
            gmv: analytics.money(of.gmv, currency),
            items_sold: of.items,
            avg_customers: of.customers,
          },
        };
      }),
    },
    traffic: {
      breakdowns: contentTypes.map((type) => ({
        content_type: type,
        traffic: {
          impressions: each(audience.impressions),
          page_views: each(audience.pageViews),
          avg_unique_page_views: each(audience.uniqueClicks),
          ctr: ratio(audience.clicks, audience.impressions),
          avg_conversion_rate: ratio(figures.customers, audience.uniqueClicks),
        },
      })),
    },
    cancel_and_refunds: {
      canceled: figures.refundedItems,
      returned: 0,
      refunded: figures.refundedItems,
      replacements: 0,
    },
  };
}

function topContents(
  analytics: ShopAnalytics,
  product: number,
  range: DayRange,
  type: ContentType,
  currency: Currency,
): Record<string, unknown>[] {
  const found = analytics.totalsBy(`product ${type}`, range, ({ product: sold, origin }) =>
    origin.type === type ? `${sold} ${origin.content}` : null,
  );
  return [...found]
    .filter(([key]) => key.startsWith(`${product} `))
    .sort(([, left], [, right]) => right.gmv - left.gmv)
    .slice(0, mostTop)
    .map(([key, { gmv, items }]) => {
      const number = Number(key.split(' ')[1]);
      const { contents } = analytics;
      const id = (type === 'VIDEO' ? contents.video(number)?.id : contents.session(number)?.id) ?? '';
      return { content_id: id, gmv: analytics.money(gmv, currency), items_sold: items };
    });
}

function topCreators(
  analytics: ShopAnalytics,
  product: number,
  range: DayRange,
  currency: Currency,
): Record<string, unknown>[] {
  const found = analytics.totalsBy('product creators', range, ({ product: sold, origin }) =>
    origin.account === null ? null : `${sold} ${origin.account.number}`,
  );
  return [...found]
    .filter(([key]) => key.startsWith(`${product} `))
    .sort(([, left], [, right]) => right.gmv - left.gmv)
    .slice(0, mostTop)
    .map(([key, { gmv, items }]) => {
      const account = analytics.contents.accounts[Number(key.split(' ')[1])];
      return {
        creator_open_id: account?.openId ?? '',
        creator_name: account?.username ?? '',
        creator_profile: `https://images.invalid/${account?.username ?? ''}.jpeg`,
        gmv: analytics.money(gmv, currency),
        items_sold: items,
      };
    });
}
