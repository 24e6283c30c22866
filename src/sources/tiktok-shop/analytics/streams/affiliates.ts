import { addDecimals, multiplyDecimal } from '../../../../decimal.ts';
import { isJsonObject } from '../../../../json-object.ts';
import { type AnalyticsRow, count, key, money, RecordMapping, text } from '../../records/record.ts';
import { type Chain, type DayOfShop, type FoundRecord, mapRecords, readRecords } from '../chain.ts';
import { analyticsEndpoints } from '../endpoints.ts';

// "Search Seller Affiliate Orders" 202410.

const order = new RecordMapping({
  path: 'orders[]',
  columns: { order_id: key('id') },
  expected: ['order_id'],
  alsoDocumented: ['create_time', 'delivery_time', 'status', 'currency', 'skus'],
});

const line = new RecordMapping({
  path: 'orders[].skus[]',
  columns: {
    sku_id: key('sku_id'),
    creator: text('creator_username'),
    price: money('price'),
    quantity: count('quantity'),
    refunded_items: count('refunded_quantity'),
    estimated_commission: money('estimated_paid_commission'),
    actual_commission: money('actual_paid_commission'),
  },
  expected: ['creator', 'price', 'quantity'],
  alsoDocumented: [
    'product_id',
    'content_type',
    'content_id',
    'campaign_id',
    'open_collaboration_id',
    'target_collaboration_id',
    'commission_model',
    'commission_rate',
    'partner_commission_rate',
    'shop_ads_commission_rate',
    'estimated_commission_base',
    'actual_commission_base',
    'settlement_status',
    'returned_quantity',
    'fully_return',
  ],
});

/** What each affiliate sold in the orders of a day: TikTok lists orders by the time at which they were made. */
export function* affiliatesOfDay(day: DayOfShop): Chain {
  const { records, latestAvailableDate } = yield* readRecords(day, {
    endpoint: analyticsEndpoints.affiliateOrders,
    body: { create_time_ge: day.from, create_time_lt: day.to },
  });
  const orders = mapRecords(day, records, order);
  const latest = new Map(records.map((found) => [`${found.pageId}/${found.index}`, found.record]));
  const affiliates = new Map<string, AnalyticsRow>();
  const { aside } = orders;
  let { currency } = orders;
  for (const { page_id: pageId, page_index: index } of orders.rows) {
    const lines = linesOf(latest.get(`${pageId}/${index}`));
    const counted = new Set<string>();
    for (const { record, ...place } of lines) {
      const mapped = mapRecords(day, [{ record, ...place }], line);
      aside.push(...mapped.aside);
      const [row] = mapped.rows;
      if (row === undefined) continue;
      currency ??= mapped.currency;
      addTo(affiliates, row, counted);
    }
  }
  return { rows: [...affiliates.values()], aside, currency, latestAvailableDate };
}

function linesOf(record: unknown): FoundRecord[] {
  const skus = isJsonObject(record) ? record.skus : null;
  return Array.isArray(skus) ? skus.map((sku, index) => ({ record: sku, pageId: 0, index })) : [];
}

/** @param counted affiliates whom the present order was counted for */
function addTo(affiliates: Map<string, AnalyticsRow>, row: AnalyticsRow, counted: Set<string>): void {
  const { creator, price, quantity } = row;
  if (typeof creator !== 'string') return;
  const affiliate = affiliates.get(creator) ?? newAffiliate(creator);
  affiliates.set(creator, affiliate);
  const gmv =
    typeof price === 'string' && typeof quantity === 'string' ? multiplyDecimal(price, quantity) : null;
  affiliate.gmv = plus(affiliate.gmv, gmv);
  affiliate.items_sold = plus(affiliate.items_sold, quantity);
  for (const name of ['refunded_items', 'estimated_commission', 'actual_commission']) {
    affiliate[name] = plus(affiliate[name], row[name]);
  }
  if (!counted.has(creator)) affiliate.orders_count = plus(affiliate.orders_count, '1');
  counted.add(creator);
}

function newAffiliate(creator: string): AnalyticsRow {
  const zeros = { gmv: '0', orders_count: '0', items_sold: '0', refunded_items: '0' };
  return { creator, ...zeros, estimated_commission: '0', actual_commission: '0' };
}

/** What TikTok does not tell of one order is unknown of the sum. */
function plus(left: AnalyticsRow[string] | undefined, right: AnalyticsRow[string] | undefined) {
  return typeof left === 'string' && typeof right === 'string' ? addDecimals(left, right) : null;
}
