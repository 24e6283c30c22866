import type postgres from 'postgres';
import { multiplyDecimal } from '../../decimal.ts';
import type { Sql, Transaction } from '../pool.ts';
import { readRecords } from '../record-text.ts';
import type { ShopScope } from './shop-scope.ts';

/** The units of one SKU at one price in an order. */
export interface LineGroup {
  product_id: string | null;
  product_name: string | null;
  sku_id: string | null;
  sku_name: string | null;
  seller_sku: string | null;
  quantity: number;
  unit_price: string;
  amount: string;
}

/** One unit. */
export type Line = readonly [
  productId: string | null,
  productName: string | null,
  skuId: string | null,
  skuName: string | null,
  sellerSku: string | null,
  unitPrice: string,
];

/** The column `lines` of `orders o`: units in the order in which TikTok lists them, null for an order without any. */
export function linesColumn(scope: ShopScope, sql: Sql | Transaction): postgres.PendingQuery<postgres.Row[]> {
  return sql`(
    select string_agg(
      row(l.product_id, l.product_name, l.sku_id, l.sku_name, l.seller_sku, l.unit_price)::text, '' order by l.position)
    from line_items l where l.shop_id = ${scope.shopId} and l.order_id = o.order_id) as lines`;
}

/** Reads what {@link linesColumn} gives. */
export function readLines(lines: string | null): Line[] {
  return lines === null ? [] : (readRecords(lines) as unknown as Line[]);
}

/** Units of one SKU and price together, named as the first of them is. */
export function groupLines(lines: readonly Line[]): LineGroup[] {
  const [only] = lines;
  // Most orders hold one thing.
  if (lines.length === 1 && only !== undefined) return [toGroup(only, 1)];
  const groups = new Map<string, { line: Line; quantity: number }>();
  for (const line of lines) {
    const [productId, , skuId, , , unitPrice] = line;
    const key = JSON.stringify([productId, skuId, withoutZeros(unitPrice)]);
    const group = groups.get(key);
    if (group) group.quantity += 1;
    else groups.set(key, { line, quantity: 1 });
  }
  return Array.from(groups.values(), ({ line, quantity }) => toGroup(line, quantity));
}

function toGroup(line: Line, quantity: number): LineGroup {
  const [product_id, product_name, sku_id, sku_name, seller_sku, unit_price] = line;
  const amount = quantity === 1 ? unit_price : multiplyDecimal(unit_price, String(quantity));
  return { product_id, product_name, sku_id, sku_name, seller_sku, quantity, unit_price, amount };
}

/** One text for each amount, however many zeros it is written with. */
function withoutZeros(decimal: string): string {
  return decimal.includes('.') ? decimal.replace(/\.?0+$/, '') : decimal;
}
