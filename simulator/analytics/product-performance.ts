import { type Figures, noFigures, ratio } from './figures.ts';
import {
  type ListOrder,
  listKey,
  pageOf,
  readChoice,
  readCurrency,
  readOrder,
  readRange,
  sorted,
} from './request.ts';
import { analyticsScope, type DataCall, type DataRoute, latest } from './route.ts';
import type { Sale } from './sales-ledger.ts';
import type { DayRange, ShopAnalytics } from './shop-analytics.ts';

type Currency = 'LOCAL' | 'USD';

/** Products with their figures over the range: nothing sold is zeros, not a missing row, where the whole catalogue is listed. */
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
    if (analytics.settings.listing === 'sold' && !found.has(product)) return false;
    const live = shop.products.status(product) === 'ACTIVATE';
    if (status !== 'ALL' && live !== (status === 'LIVE')) return false;
    return categories.length === 0 || categories.includes(shop.products.categoryId(product));
  });
  const value = (product: number): number => figureOf(found.get(product) ?? noFigures, order.field);
  return sorted(products, value, (product) => product, order.descending);
}

/** The figure that a sort field names; GMV where it is none of the others. */
export function figureOf(figures: Readonly<Figures>, field: string): number {
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
