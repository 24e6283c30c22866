import { instantText } from '../instant-text.ts';
import type { Sql, Transaction } from '../pool.ts';
import { readRecord } from '../record-text.ts';
import { countOrders } from '../reports/order-groups.ts';
import { searchOrders } from './find-orders.ts';
import { findPage, orderOf, type PageQuery } from './find-page.ts';
import { readOrderBrands } from './order-brands.ts';
import { encodeCursor } from './order-cursor.ts';
import { createLineReader, type LineGroup, type LineReader, linesColumn } from './order-lines.ts';
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

/** The orders' own columns in {@link summaryColumns}; times are as PostgreSQL writes them. */
type SummaryRecord = readonly [
  order_id: string,
  status: string,
  created_at: string,
  updated_at: string,
  paid_at: string | null,
  currency: string,
  total_amount: string,
  sub_total: string | null,
  shipping_fee: string | null,
  tax: string | null,
  seller_discount: string | null,
  platform_discount: string | null,
  buyer_id: string | null,
  items_count: string,
];

/** What {@link summaryColumns} gives. */
export interface OrderRow {
  /** A row value: see `readRecord`. */
  summary: string;
  /** See `LineReader`. */
  lines: string | null;
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
    const readLines = createLineReader();
    const data = shown.map((row) => summarize(row, readLines));
    const brands = await readOrderBrands(
      scope,
      tx,
      data.map((order) => order.order_id),
    );
    for (const order of data) order.brands = brands.get(order.order_id) ?? [];
    const position = rows.length > limit ? shown.at(-1)?.position : undefined;
    const shape = { shopId: scope.shopId, filters, sort, direction };
    const next_cursor =
      position === undefined
        ? null
        : encodeCursor(shape, { value: position, orderId: data.at(-1)?.order_id ?? '' });
    if (!query.withTotal) return { data, next_cursor };
    return { data, next_cursor, total: await countOrders(scope, tx, filters, search) };
  });
}

/** The columns of `orders o` that {@link summarize} shows. */
export function summaryColumns(scope: ShopScope, sql: Sql | Transaction) {
  return sql`
    row(o.order_id, o.status, o.created_at, o.updated_at, o.paid_at, o.currency, o.total_amount, o.sub_total,
      o.shipping_fee, o.tax, o.seller_discount, o.platform_discount, o.buyer_id, o.items_count)::text as summary,
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

/** The shape that lists and the detail share, its brands left to whoever reads those. */
export function summarize(row: OrderRow, readLines: LineReader): OrderSummary {
  const record = readRecord(row.summary) as unknown as SummaryRecord;
  return {
    order_id: record[0],
    status: record[1],
    created_at: instantText(record[2]),
    updated_at: instantText(record[3]),
    paid_at: record[4] === null ? null : instantText(record[4]),
    currency: record[5],
    total_amount: record[6],
    sub_total: record[7],
    shipping_fee: record[8],
    tax: record[9],
    seller_discount: record[10],
    platform_discount: record[11],
    buyer_id: record[12],
    items_count: Number(record[13]),
    brands: [],
    line_items: readLines(row.lines),
  };
}
