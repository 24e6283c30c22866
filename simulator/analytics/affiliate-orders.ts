import { isRecord } from '../files/json-facts.ts';
import { hash } from '../random.ts';
import type { SimulatedShop } from '../shops.ts';
import { invalid, listKey, pageOf } from './request.ts';
import type { DataRoute } from './route.ts';
import type { Sale } from './sales-ledger.ts';

export const affiliateScope = 'seller.affiliate_collaboration.read';

type Row = Record<string, unknown>;

/** Orders that hold something which a creator sold, newest first: visible at once, unlike analytics. */
export const affiliateOrders: DataRoute = {
  name: 'affiliate_orders',
  method: 'POST',
  path: /^\/affiliate_seller\/(202410)\/orders\/search$/,
  scope: affiliateScope,
  answer({ shop, analytics, query, body, path, pageTokens }) {
    const filter = isRecord(body) ? body : {};
    const [from, to] = readTimes(filter, analytics.now);
    const key = `${listKey(path, query)} ${JSON.stringify([filter.create_time_ge, filter.create_time_lt])}`;
    const found = analytics.remember(`${key} ${to}`, () => {
      const index = shop.orders.index('create_time');
      const orders = index.slice(index.rank(from, 0), index.rank(to, 0)).reverse();
      return orders.filter((order) => affiliateSales(shop, order).length > 0);
    });
    const page = pageOf(query, found, key, pageTokens);
    const orders = page.rows.map((order) => orderRow(shop, order));
    return {
      data: { orders, next_page_token: page.nextPageToken, total_count: page.total },
      rows: orders.length,
    };
  },
};

/** The paid units of an order that creators sold. */
function affiliateSales({ analytics }: SimulatedShop, order: number): Sale[] {
  return analytics.ledger
    .salesOf(order)
    .filter(({ paidTime, origin }) => paidTime > 0 && origin.account?.type === 'AFFILIATE_ACCOUNTS');
}

function orderRow(shop: SimulatedShop, order: number): Row {
  const { orders, analytics } = shop;
  const groups = new Map<string, Sale[]>();
  for (const sale of affiliateSales(shop, order)) {
    // One row is one SKU of one creator at one price: units that cost differently cannot share a price.
    const name = `${sale.sku} ${sale.origin.account?.number} ${sale.origin.content} ${sale.amount}`;
    groups.set(name, [...(groups.get(name) ?? []), sale]);
  }
  const createTime = orders.time('create_time', order);
  return {
    id: orders.id(order),
    create_time: createTime,
    delivery_time: 0,
    status: 'COMPLETED',
    skus: [...groups.values()].map((sales) => skuRow(shop, order, sales)),
    currency: analytics.currency,
  };
}

function skuRow({ analytics, seed }: SimulatedShop, order: number, sales: Sale[]): Row {
  const [first] = sales;
  if (first === undefined) throw new Error('a group of no sales');
  const { origin, cancelTime } = first;
  const { catalogue, contents } = analytics;
  const quantity = sales.length;
  const base = first.amount * quantity;
  const basisPoints = 800 + (hash(seed, origin.account?.number ?? 0, 290) % 8) * 100;
  const commission = Math.floor((base * basisPoints) / 10_000);
  const cancelled = cancelTime > 0;
  const contentId =
    origin.type === 'VIDEO'
      ? contents.video(origin.content)?.id
      : origin.type === 'LIVE'
        ? contents.session(origin.content)?.id
        : undefined;
  return {
    sku_id: catalogue.skus[first.sku]?.id ?? '',
    product_id: catalogue.products[first.product]?.id ?? '',
    quantity,
    price: analytics.money(first.amount),
    creator_username: origin.account?.username ?? '',
    content_type: origin.type === 'PRODUCT_CARD' ? 'SHOP' : origin.type,
    content_id: contentId ?? '',
    campaign_id: '',
    open_collaboration_id: `72${String(order).padStart(17, '0')}`,
    target_collaboration_id: '',
    commission_model: 'STANDARD',
    commission_rate: String(basisPoints),
    partner_commission_rate: '0',
    shop_ads_commission_rate: '0',
    estimated_commission_base: analytics.money(base),
    estimated_paid_commission: analytics.money(commission),
    actual_commission_base: analytics.money(cancelled ? 0 : base),
    actual_paid_commission: analytics.money(cancelled ? 0 : commission),
    settlement_status: cancelled ? 'INELIGIBLE' : 'SETTLED',
    refunded_quantity: cancelled ? quantity : 0,
    returned_quantity: 0,
    fully_return: cancelled,
  };
}

function readTimes(filter: Row, now: number): [number, number] {
  const [from, to] = (['create_time_ge', 'create_time_lt'] as const).map((name) => {
    const value = filter[name];
    if (value === undefined) return name === 'create_time_ge' ? 0 : now + 1;
    if (typeof value !== 'number' || !Number.isInteger(value) || value < 0)
      throw invalid(name, 'it must be Unix seconds');
    return value;
  });
  if (from === undefined || to === undefined || from > to)
    throw invalid('create_time_ge', 'it must not be later than create_time_lt');
  return [from, to];
}
