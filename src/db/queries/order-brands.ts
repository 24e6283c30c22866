import type { Sql, Transaction } from '../pool.ts';
import type { ShopScope } from './shop-scope.ts';

/** The brands of the products in each order, by name; orders without any are left out. */
export async function readOrderBrands(
  scope: ShopScope,
  sql: Sql | Transaction,
  orderIds: readonly string[],
): Promise<Map<string, string[]>> {
  if (orderIds.length === 0) return new Map();
  const rows = await sql<{ order_id: string; brands: string[] }[]>`
    select l.order_id, array_agg(distinct p.brand order by p.brand) as brands
    from line_items l join products p on p.shop_id = l.shop_id and p.product_id = l.product_id
    where l.shop_id = ${scope.shopId} and l.order_id = any(${[...orderIds]}) and p.brand is not null
    group by l.order_id`;
  return new Map(rows.map((row) => [row.order_id, row.brands]));
}
