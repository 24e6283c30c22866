import { type ContentType, contentTypes } from './contents.ts';
import { type Figures, noFigures, ratio } from './figures.ts';
import {
  invalid,
  type ListOrder,
  listKey,
  pageOf,
  readChoice,
  readCurrency,
  readOrder,
  readRange,
  sorted,
} from './request.ts';
import { analyticsScope, type DataCall, type DataRoute, intervalDates, intervals, latest } from './route.ts';
import type { Sale } from './sales-ledger.ts';
import type { DayRange, ShopAnalytics } from './shop-analytics.ts';

type Currency = 'LOCAL' | 'USD';

/** All products of the catalogue with their figures over the range; nothing sold is zeros, not a missing row. */
export const productList: DataRoute = {
  name: 'analytics_products',
  method: 'GET',
  path: /^\/analytics\/(202405|202509|202605)\/shop_products\/performance$/,
  scope: analyticsScope,
  answer(call) {
    const { analytics, query, parts, path, pageTokens } = call;
    const range = analytics.available(readRange(query, analytics));
    const currency = readCurrency(query);
    const order = readOrder(query, ['gmv', 'items_sold', 'orders']);
    const wanted = readChoice(query, 'product_status_filter', ['ALL', 'LIVE', 'INACTIVE']);
    const key = listKey(path, query);
    const products = analytics.remember(key, () => listProducts(call, range, order, wanted));
    const page = pageOf(query, products, key, pageTokens);
    const found = analytics.byProduct(range);
    const shape = listShapes[parts[0] ?? ''] ?? row202509;
    const rows = page.rows.map((product) => ({
      id: analytics.catalogue.products[product]?.id ?? '',
      ...shape(analytics, product, found.get(product) ?? noFigures, range, currency),
    }));
    return {
      data: {
        ...latest(analytics),
        products: rows,
        next_page_token: page.nextPageToken,
        total_count: page.total,
      },
      rows: rows.length,
    };
  },
};

function listProducts(
  { analytics, shop, query }: DataCall,
  range: DayRange,
  order: ListOrder,
  status: 'ALL' | 'LIVE' | 'INACTIVE',
): number[] {
  if (range.from >= range.to) return [];
  const categories = (query.get('category_filter') ?? '').split(',').filter((id) => id !== '');
  const found = analytics.byProduct(range);
  const products = Array.from(analytics.catalogue.products.keys()).filter((product) => {
    const live = shop.products.status(product) === 'ACTIVATE';
    if (status !== 'ALL' && live !== (status === 'LIVE')) return false;
    return categories.length === 0 || categories.includes(shop.products.categoryId(product));
  });
  const value = (product: number): number => figure(found.get(product) ?? noFigures, order.field);
  return sorted(products, value, (product) => product, order.descending);
}

function figure(figures: Readonly<Figures>, field: string): number {
  switch (field) {
    case 'items_sold':
    case 'units_sold':
      return figures.items;
    case 'orders':
      return figures.orders;
    case 'sku_orders':
      return figures.skuOrders;
    default:
      return figures.gmv;
  }
}

type ListShape = (
  analytics: ShopAnalytics,
  product: number,
  figures: Readonly<Figures>,
  range: DayRange,
  currency: Currency,
) => Record<string, unknown>;

const listShapes: Record<string, ListShape> = {
  '202405': (analytics, product, figures, range, currency) => {
    const { impressions, clicks } = analytics.audience(product, range);
    return {
      gmv: analytics.money(figures.gmv, currency),
      orders: figures.orders,
      units_sold: figures.items,
      click_through_rate: ratio(clicks, impressions),
    };
  },
  '202509': row202509,
  '202605': row202605,
};

function row202509(
  analytics: ShopAnalytics,
  _product: number,
  figures: Readonly<Figures>,
  _range: DayRange,
  currency: Currency,
): Record<string, unknown> {
  const { gmv, orders, items } = figures;
  return { overall_performance: { gmv: analytics.money(gmv, currency), orders, items_sold: items } };
}

function row202605(
  analytics: ShopAnalytics,
  product: number,
  figures: Readonly<Figures>,
  range: DayRange,
  currency: Currency,
): Record<string, unknown> {
  const audience = analytics.audience(product, range);
  const bySource = analytics.totalsBy(
    'product sources',
    range,
    (sale) => `${sale.product} ${sourceOf(sale)}`,
  );
  const part = (source: string): Record<string, unknown> => {
    const of = bySource.get(`${product} ${source}`) ?? noFigures;
    return {
      gmv: analytics.money(of.gmv, currency),
      orders: of.orders,
      sku_orders: of.skuOrders,
      items_sold: of.items,
    };
  };
  const affiliate = ['LIVE', 'VIDEO', 'PRODUCT_CARD'].map((type) =>
    bySource.get(`${product} affiliate ${type}`),
  );
  const sum = (pick: (figures: Readonly<Figures>) => number): number =>
    affiliate.reduce((total, one) => total + pick(one ?? noFigures), 0);
  return {
    total_performance: {
      gmv: analytics.money(figures.gmv, currency),
      orders: figures.orders,
      sku_orders: figures.skuOrders,
      items_sold: figures.items,
      estimated_customers: figures.customers,
      aov: analytics.money(figures.orders === 0 ? 0 : Math.round(figures.gmv / figures.orders), currency),
      product_impressions: audience.impressions,
      product_clicks: audience.clicks,
      ctr: ratio(audience.clicks, audience.impressions),
      add_cart_count: audience.cartAdditions,
      tax: analytics.money(figures.tax, currency),
      refunds: analytics.money(figures.refunds, currency),
      refunded_items: figures.refundedItems,
    },
    seller_live_performance: part('seller LIVE'),
    seller_video_performance: part('seller VIDEO'),
    seller_product_card_performance: part('seller PRODUCT_CARD'),
    affiliate_total_performance: {
      gmv: analytics.money(
        sum(({ gmv }) => gmv),
        currency,
      ),
      items_sold: sum(({ items }) => items),
    },
    affiliate_live_performance: part('affiliate LIVE'),
    affiliate_video_performance: part('affiliate VIDEO'),
  };
}

function sourceOf({ origin }: Sale): string {
  return `${origin.account?.type === 'AFFILIATE_ACCOUNTS' ? 'affiliate' : 'seller'} ${origin.type}`;
}

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

export { figure as figureOf };
