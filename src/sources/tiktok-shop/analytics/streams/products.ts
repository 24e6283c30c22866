import { count, id, key, money, RecordMapping } from '../../records/record.ts';
import { type Chain, type DayOfShop, datesOf, readRows } from '../chain.ts';
import { analyticsEndpoints } from '../endpoints.ts';

/** "Get Shop Product Performance List": 202509 first, then 202605 and 202405. */
export const product = new RecordMapping({
  path: 'products[]',
  columns: {
    product_id: key('id'),
    gmv: money('overall_performance.gmv', 'total_performance.gmv', 'gmv'),
    orders_count: count('overall_performance.orders', 'total_performance.orders', 'orders'),
    items_sold: count('overall_performance.items_sold', 'total_performance.items_sold', 'units_sold'),
    product_impressions: count('total_performance.product_impressions'),
    product_clicks: count('total_performance.product_clicks'),
  },
  required: ['gmv', 'orders_count', 'items_sold'],
  alsoDocumented: ['click_through_rate'],
});

export function* productsOfDay(day: DayOfShop): Chain {
  const request = { endpoint: analyticsEndpoints.products, query: datesOf(day) };
  return yield* readRows(day, request, product);
}

/** "Get Shop SKU Performance List" 202509; its ids are bare integers above 2^53. */
export const sku = new RecordMapping({
  path: 'skus[]',
  columns: {
    sku_id: key('id'),
    product_id: id('product_id'),
    gmv: money('gmv'),
    sku_orders: count('sku_orders'),
    items_sold: count('units_sold', 'items_sold'),
  },
  required: ['gmv', 'sku_orders', 'items_sold'],
  expected: ['product_id'],
});

export function* skusOfDay(day: DayOfShop): Chain {
  const request = { endpoint: analyticsEndpoints.skus, query: datesOf(day) };
  return yield* readRows(day, request, sku);
}
