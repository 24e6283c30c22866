import { contentTypes } from './contents.ts';
import { noFigures } from './figures.ts';
import { figureOf } from './product-performance.ts';
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
import { analyticsScope, type DataRoute, integer, intervalDates, intervals, latest } from './route.ts';
import type { DayRange, ShopAnalytics } from './shop-analytics.ts';

function bySku(analytics: ShopAnalytics, range: DayRange): ReturnType<typeof analytics.byProduct> {
  return analytics.totalsBy('skus', range, ({ sku }) => sku);
}

/** SKUs with their figures. Their ids, unlike all others, are JSON integers beyond 2^53 (facts, section 2). */
export const skuList: DataRoute = {
  name: 'analytics_skus',
  method: 'GET',
  path: /^\/analytics\/(202406|202509)\/shop_skus\/performance$/,
  scope: analyticsScope,
  answer({ analytics, shop, query, path, pageTokens }) {
    const range = analytics.available(readRange(query, analytics));
    const currency = readCurrency(query);
    const order = readOrder(query, ['gmv', 'sku_orders', 'units_sold']);
    const wanted = readChoice(query, 'product_status_filter', ['ALL', 'LIVE', 'INACTIVE']);
    const only = (query.get('product_ids') ?? query.get('product_id') ?? '')
      .split(',')
      .filter((id) => id !== '');
    const { products, skus } = analytics.catalogue;
    const found = bySku(analytics, range);
    const key = listKey(path, query);
    const rows = analytics.remember(key, () => {
      if (range.from >= range.to) return [];
      const fitting = Array.from(skus.keys()).filter((number) => {
        if (analytics.settings.listing === 'sold' && !found.has(number)) return false;
        const product = skus[number]?.product ?? 0;
        const live = shop.products.status(product) === 'ACTIVATE';
        if (wanted !== 'ALL' && live !== (wanted === 'LIVE')) return false;
        return only.length === 0 || only.includes(products[product]?.id ?? '');
      });
      const value = (sku: number): number => figureOf(found.get(sku) ?? noFigures, order.field);
      return sorted(fitting, value, (sku) => sku, order.descending);
    });
    const page = pageOf(query, rows, key, pageTokens);
    const shown = page.rows.map((number) => {
      const figures = found.get(number) ?? noFigures;
      const sku = skus[number];
      return {
        id: integer(sku?.id ?? '0'),
        product_id: integer(products[sku?.product ?? 0]?.id ?? '0'),
        gmv: analytics.money(figures.gmv, currency),
        sku_orders: figures.skuOrders,
        units_sold: figures.items,
      };
    });
    return {
      data: {
        ...latest(analytics),
        skus: shown,
        next_page_token: page.nextPageToken,
        total_count: page.total,
      },
      rows: shown.length,
    };
  },
};

export const skuDetail: DataRoute = {
  name: 'analytics_sku',
  method: 'GET',
  path: /^\/analytics\/(202406|202509)\/shop_skus\/(\d+)\/performance$/,
  scope: analyticsScope,
  answer({ analytics, query, parts }) {
    const { products, skus } = analytics.catalogue;
    const number = skus.findIndex(({ id }) => id === parts[1]);
    const sku = skus[number];
    if (sku === undefined) throw invalid('sku_id', 'no SKU of this shop');
    const range = analytics.available(readRange(query, analytics));
    const currency = readCurrency(query);
    const rows = intervals(range, readChoice(query, 'granularity', ['ALL', '1D'])).map((interval) => {
      const figures = bySku(analytics, interval).get(number) ?? noFigures;
      return {
        ...intervalDates(interval),
        gmv: analytics.money(figures.gmv, currency),
        gmv_breakdown: contentTypes.map((type) => ({
          ...analytics.money(figures.gmvBy[type], currency),
          type,
        })),
        items_sold: figures.items,
        items_sold_breakdown: contentTypes.map((type) => ({ amount: figures.itemsBy[type], type })),
        sku_orders: figures.skuOrders,
      };
    });
    const performance = {
      sku_id: sku.id,
      product_id: products[sku.product]?.id ?? '',
      intervals: rows,
    };
    return { data: { ...latest(analytics), performance }, rows: rows.length };
  },
};
