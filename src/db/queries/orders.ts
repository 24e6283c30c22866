import type { Sql, Transaction } from '../pool.ts';
import { countOrders } from '../reports/order-groups.ts';
import { searchOrders } from './find-orders.ts';
import { findPage, orderOf, type PageQuery } from './find-page.ts';
import { readOrderBrands } from './order-brands.ts';
import { encodeCursor } from './order-cursor.ts';
import { type LineGroup, readLineGroups } from './order-lines.ts';
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

export interface OrderRow {
  order_id: string;
  status: string;
  created_at: Date;
  updated_at: Date;
  paid_at: Date | null;
  currency: string;
  total_amount: string;
  sub_total: string | null;
  shipping_fee: string | null;
  tax: string | null;
  seller_discount: string | null;
  platform_discount: string | null;
  buyer_id: string | null;
  items_count: number;
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
    const ids = shown.map((row) => row.order_id);
    const lines = await readLineGroups(scope, tx, ids);
    const brands = await readOrderBrands(scope, tx, ids);
    const data = shown.map((row) =>
      summarize(row, { lines: lines.get(row.order_id), brands: brands.get(row.order_id) }),
    );
    const last = rows.length > limit ? shown.at(-1) : undefined;
    const shape = { shopId: scope.shopId, filters, sort, direction };
    const next_cursor = last ? encodeCursor(shape, { value: last.position, orderId: last.order_id }) : null;
    if (!query.withTotal) return { data, next_cursor };
    return { data, next_cursor, total: await countOrders(scope, tx, filters, search) };
  });
}

/** The columns of `orders o` that {@link summarize} shows. */
export function summaryColumns(tx: Transaction) {
  return tx`
    o.order_id, o.status, o.created_at, o.updated_at, o.paid_at, o.currency, o.total_amount, o.sub_total,
    o.shipping_fee, o.tax, o.seller_discount, o.platform_discount, o.buyer_id, o.items_count`;
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
    select ${summaryColumns(tx)}, ${position} as position
    from orders o
    where o.shop_id = ${scope.shopId} and o.order_id = any(${[...ids]})
    ${orderOf(tx, query).order}`;
}

/** The shape that lists and the detail share. */
export function summarize(
  row: OrderRow,
  { lines = [], brands = [] }: { lines: LineGroup[] | undefined; brands: string[] | undefined },
): OrderSummary {
  return {
    order_id: row.order_id,
    status: row.status,
    created_at: row.created_at.toISOString(),
    updated_at: row.updated_at.toISOString(),
    paid_at: row.paid_at?.toISOString() ?? null,
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
    line_items: lines,
  };
}
