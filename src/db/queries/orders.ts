import { instantText } from '../instant-text.ts';
import type { Sql, Transaction } from '../pool.ts';
import { countOrders } from '../reports/order-groups.ts';
import { searchOrders } from './find-orders.ts';
import { findPage, orderOf, type PageQuery } from './find-page.ts';
import { readOrderBrands } from './order-brands.ts';
import { encodeCursor } from './order-cursor.ts';
import { groupLines, type Line, type LineGroup, linesColumn } from './order-lines.ts';
import type { ShopScope } from './shop-scope.ts';

/** An order as lists show it. Money is exact, as stored. */
export interface OrderSummary {
  order_id: string;
  status: string;
  created_at: string;
  updated_at: string;
  paid_at: string | null;
  currency: string;
  total_amount: string;
  sub_total: string | null;
  shipping_fee: string | null;
  tax: string | null;
  seller_discount: string | null;
  platform_discount: string | null;
  buyer_id: string | null;
  items_count: number;
  brands: string[];
  line_items: LineGroup[];
}

/** What {@link summaryColumns} gives; times are as PostgreSQL writes them. */
export interface OrderRow {
  order_id: string;
  status: string;
  created_at: string;
  updated_at: string;
  paid_at: string | null;
  currency: string;
  total_amount: string;
  sub_total: string | null;
  shipping_fee: string | null;
  tax: string | null;
  seller_discount: string | null;
  platform_discount: string | null;
  buyer_id: string | null;
  items_count: number;
  lines: Line[] | null;
}

export interface OrderListQuery extends PageQuery {
  withTotal: boolean;
}

export interface OrderPage {
  data: OrderSummary[];
  next_cursor: string | null;
  /** Present when it was asked for. */
  total?: number;
}

/**
 * One page of a shop's orders, by keyset: as fast on page 7,000 as on page 1, and steady while orders arrive. Page,
 * line items and total are of one snapshot.
 */
export function listOrders(scope: ShopScope, sql: Sql, query: OrderListQuery): Promise<OrderPage> {
  return sql.begin('isolation level repeatable read read only', async (tx) => {
    const { filters, sort, direction, limit } = query;
    const search = searchOrders(scope, tx, filters);
    const rows = await readRows(scope, tx, query, await findPage(scope, tx, query, search));
    const shown = rows.slice(0, limit);
    const brands = await readOrderBrands(
      scope,
      tx,
      shown.map((row) => row.order_id),
    );
    const data = shown.map((row) => summarize(row, brands.get(row.order_id)));
    const last = rows.length > limit ? shown.at(-1) : undefined;
    const shape = { shopId: scope.shopId, filters, sort, direction };
    const next_cursor = last ? encodeCursor(shape, { value: last.position, orderId: last.order_id }) : null;
    if (!query.withTotal) return { data, next_cursor };
    return { data, next_cursor, total: await countOrders(scope, tx, filters, search) };
  });
}

/** The columns of `orders o` that {@link summarize} shows. */
export function summaryColumns(scope: ShopScope, sql: Sql | Transaction) {
  return sql`
    o.order_id, o.status, o.created_at::text, o.updated_at::text, o.paid_at::text, o.currency, o.total_amount,
    o.sub_total, o.shipping_fee, o.tax, o.seller_discount, o.platform_discount, o.buyer_id, o.items_count,
    ${linesColumn(scope, sql)}`;
}

/** The rows of a page in its order, each with its place in it. */
function readRows(
  scope: ShopScope,
  tx: Transaction,
  query: OrderListQuery,
  ids: readonly string[],
): Promise<(OrderRow & { position: string })[]> {
  const key = tx`o.${tx(query.sort)}`;
  const position =
    query.sort === 'total_amount'
      ? tx`o.total_amount::text`
      : tx`to_char(${key} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
  return tx<(OrderRow & { position: string })[]>`
    select ${summaryColumns(scope, tx)}, ${position} as position
    from orders o
    where o.shop_id = ${scope.shopId} and o.order_id = any(${[...ids]})
    ${orderOf(tx, query).order}`;
}

/** The shape that lists and the detail share. */
export function summarize(row: OrderRow, brands: string[] = []): OrderSummary {
  return {
    order_id: row.order_id,
    status: row.status,
    created_at: instantText(row.created_at),
    updated_at: instantText(row.updated_at),
    paid_at: row.paid_at === null ? null : instantText(row.paid_at),
    currency: row.currency,
    total_amount: row.total_amount,
    sub_total: row.sub_total,
    shipping_fee: row.shipping_fee,
    tax: row.tax,
    seller_discount: row.seller_discount,
    platform_discount: row.platform_discount,
    buyer_id: row.buyer_id,
    items_count: row.items_count,
    brands,
    line_items: groupLines(row.lines ?? []),
  };
}
