import type { Sql, Transaction } from '../pool.ts';
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

/** The lines of orders, units of one SKU and price together, in the order in which TikTok lists them. */
export async function readLineGroups(
  scope: ShopScope,
  sql: Sql | Transaction,
  orderIds: readonly string[],
): Promise<Map<string, LineGroup[]>> {
  const groups = new Map<string, LineGroup[]>();
  if (orderIds.length === 0) return groups;
  const rows = await sql<(LineGroup & { order_id: string })[]>`
    select order_id, product_id, (array_agg(product_name order by position))[1] as product_name, sku_id,
      (array_agg(sku_name order by position))[1] as sku_name,
      (array_agg(seller_sku order by position))[1] as seller_sku,
      count(*) as quantity, unit_price, unit_price * count(*) as amount
    from line_items
    where shop_id = ${scope.shopId} and order_id = any(${[...orderIds]})
    group by order_id, product_id, sku_id, unit_price
    order by order_id, min(position)`;
  for (const { order_id, ...line } of rows) {
    const lines = groups.get(order_id);
    if (lines) lines.push(line);
    else groups.set(order_id, [line]);
  }
  return groups;
}
