import type postgres from 'postgres';
import type { Sql, Transaction } from '../pool.ts';
import type { ShopScope } from './shop-scope.ts';

/** What the list and the statistics of orders can be narrowed by. Times are RFC 3339, intervals half-open. */
export interface OrderFilters {
  status?: readonly string[] | undefined;
  id?: string | undefined;
  /** Known through products only, and these are not synced yet: no order has one. */
  brand?: string | undefined;
  product_id?: string | undefined;
  sku_id?: string | undefined;
  /** TikTok's user id. */
  buyer?: string | undefined;
  created_ge?: string | undefined;
  created_lt?: string | undefined;
  updated_ge?: string | undefined;
  updated_lt?: string | undefined;
  /** A plain decimal, inclusive. */
  min_total?: string | undefined;
  /** Part of an order id, product name, seller SKU or tracking number, in any case. */
  search?: string | undefined;
}

/** The condition over `orders o` that a shop's filters make. */
export function whereOrders(
  scope: ShopScope,
  sql: Sql | Transaction,
  filters: OrderFilters,
): postgres.PendingQuery<postgres.Row[]> {
  const { shopId } = scope;
  const both = (
    conditions: postgres.PendingQuery<postgres.Row[]>,
    more: postgres.PendingQuery<postgres.Row[]>,
  ) => sql`${conditions} and ${more}`;
  const conditions = [sql`o.shop_id = ${shopId}`];
  if (filters.status?.length) conditions.push(sql`o.status = any(${[...filters.status]})`);
  if (filters.id !== undefined) conditions.push(sql`o.order_id = ${filters.id}`);
  if (filters.brand !== undefined) conditions.push(sql`false`);
  if (filters.buyer !== undefined) conditions.push(sql`o.buyer_id = ${filters.buyer}`);
  if (filters.created_ge !== undefined) conditions.push(sql`o.created_at >= ${filters.created_ge}`);
  if (filters.created_lt !== undefined) conditions.push(sql`o.created_at < ${filters.created_lt}`);
  if (filters.updated_ge !== undefined) conditions.push(sql`o.updated_at >= ${filters.updated_ge}`);
  if (filters.updated_lt !== undefined) conditions.push(sql`o.updated_at < ${filters.updated_lt}`);
  if (filters.min_total !== undefined)
    conditions.push(sql`o.total_amount >= ${filters.min_total}::text::numeric`);
  if (filters.product_id !== undefined || filters.sku_id !== undefined) {
    const product = filters.product_id === undefined ? sql`true` : sql`l.product_id = ${filters.product_id}`;
    const sku = filters.sku_id === undefined ? sql`true` : sql`l.sku_id = ${filters.sku_id}`;
    conditions.push(sql`o.order_id = any(array(
      select l.order_id from line_items l where l.shop_id = ${shopId} and ${product} and ${sku}))`);
  }
  if (filters.search !== undefined) {
    const pattern = `%${filters.search.replaceAll(/[\\%_]/g, '\\$&')}%`;
    // As an array it is found once; as a subquery, statistics of a young table make it a loop over all lines.
    conditions.push(sql`o.order_id = any(array(
      select s.order_id from orders s
      where s.shop_id = ${shopId} and (s.order_id ilike ${pattern} or s.tracking_number ilike ${pattern})
      union all
      select l.order_id from line_items l
      where l.shop_id = ${shopId} and
        (l.product_name ilike ${pattern} or l.seller_sku ilike ${pattern} or l.tracking_number ilike ${pattern})))`);
  }
  return conditions.reduce(both);
}
