import { type Figures, ratio } from './figures.ts';
import { daysOf, liveSalesByProduct, sessionOf } from './live-performance.ts';
import { readCurrency, readOrder, sorted } from './request.ts';
import { analyticsScope, type DataRoute, latest } from './route.ts';

/** What a session sold of each product. One of its fields is misspelt, by the platform. */
export const liveProducts: DataRoute = {
  name: 'analytics_live_products',
  method: 'GET',
  path: /^\/analytics\/(202512)\/shop\/(\d+)\/products_performance$/,
  scope: analyticsScope,
  answer(call) {
    const { analytics, query, shop } = call;
    const session = sessionOf(call);
    const currency = readCurrency(query);
    const order = readOrder(query, [
      'direct_gmv',
      'gmv',
      'items_sold',
      'customers',
      'created_sku_orders',
      'sku_orders',
      'main_orders',
      'product_impressions',
      'produt_clicks',
    ]);
    const sold = [...liveSalesByProduct(analytics, daysOf(analytics, session))]
      .filter(([name]) => name.startsWith(`${session.number} `))
      .map(([name, figures]) => ({ product: Number(name.split(' ')[1]), figures }));
    const value = ({ figures }: { figures: Figures }): number =>
      order.field === 'items_sold'
        ? figures.items
        : order.field === 'customers'
          ? figures.customers
          : order.field.endsWith('orders')
            ? figures.skuOrders
            : figures.gmv;
    const rows = sorted(sold, value, ({ product }) => product, order.descending).map(
      ({ product, figures }) => {
        const impressions = figures.items * 30 + (product % 40);
        const clicks = figures.items * 3 + (product % 5);
        return {
          id: analytics.catalogue.products[product]?.id ?? '',
          name: shop.products.title(product),
          sales: {
            direct_gmv: analytics.money(figures.gmv, currency),
            items_sold: figures.items,
            customers: figures.customers,
            sku_orders: figures.skuOrders,
            created_sku_orders: figures.skuOrders,
            main_orders: figures.orders,
            avg_price: analytics.money(Math.round(figures.gmv / figures.items), currency),
            payment_rate: '1.0000',
          },
          traffic: {
            product_impressions: impressions,
            produt_clicks: clicks,
            ctr: ratio(clicks, impressions),
            add_to_cart_count: figures.items + 1,
            click_to_order_rate: ratio(figures.skuOrders, clicks),
            gpm: analytics.money(Math.round((figures.gmv * 1000) / Math.max(1, impressions)), currency),
          },
        };
      },
    );
    return { data: { ...latest(analytics), products: rows }, rows: rows.length };
  },
};
