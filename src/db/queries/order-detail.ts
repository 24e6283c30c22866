import type { Sql } from '../pool.ts';
import { readOrderBrands } from './order-brands.ts';
import { createLineReader } from './order-lines.ts';
import { type OrderRow, type OrderSummary, summarize, summaryColumns } from './orders.ts';
import type { ShopScope } from './shop-scope.ts';

/** An order with everything about it that is not personal. */
export interface OrderDetail extends OrderSummary {
  shipped_at: string | null;
  delivered_at: string | null;
  cancelled_at: string | null;
  cancellation_initiator: string | null;
  cancel_reason: string | null;
  order_type: string | null;
  fulfillment_type: string | null;
  shipping_type: string | null;
  shipping_provider: string | null;
  tracking_number: string | null;
  warehouse_id: string | null;
  payment_method: string | null;
  is_cod: boolean | null;
  is_sample: boolean | null;
  packages: { package_id: string; status: string | null; tracking_number: string | null }[];
  /** Oldest first; the last one is the present status. */
  status_history: { status: string; changed_at: string }[];
  /** The exchange that this version of the order was read from; without a run when it was read by itself. */
  source: { run_id: string | null; tiktok_request_id: string | null; observed_at: string } | null;
}

interface DetailRow extends OrderRow {
  shipped_at: Date | null;
  delivered_at: Date | null;
  cancelled_at: Date | null;
  cancellation_initiator: string | null;
  cancel_reason: string | null;
  order_type: string | null;
  fulfillment_type: string | null;
  shipping_type: string | null;
  shipping_provider: string | null;
  tracking_number: string | null;
  warehouse_id: string | null;
  payment_method: string | null;
  is_cod: boolean | null;
  is_sample: boolean | null;
  observed_at: Date;
  has_page: boolean;
  run_id: string | null;
  tiktok_request_id: string | null;
}

/** One order of a shop; null when the shop has none of that id. */
export async function readOrder(scope: ShopScope, sql: Sql, orderId: string): Promise<OrderDetail | null> {
  const { shopId } = scope;
  const [row] = await sql<DetailRow[]>`
    select ${summaryColumns(scope, sql)}, o.shipped_at, o.delivered_at, o.cancelled_at, o.cancellation_initiator,
      o.cancel_reason, o.order_type, o.fulfillment_type, o.shipping_type, o.shipping_provider, o.tracking_number,
      o.warehouse_id, o.payment_method, o.is_cod, o.is_sample, o.observed_at,
      p.page_id is not null as has_page, p.run_id, p.tiktok_request_id
    from orders o left join raw_pages p on p.page_id = o.page_id and p.shop_id = o.shop_id
    where o.shop_id = ${shopId} and o.order_id = ${orderId}`;
  if (!row) return null;
  const [brands, packages, history] = await Promise.all([
    readOrderBrands(scope, sql, [orderId]),
    sql<OrderDetail['packages']>`
      select p.package_id, max(l.package_status) as status, max(l.tracking_number) as tracking_number
      from packages p left join line_items l using (shop_id, order_id, package_id)
      where p.shop_id = ${shopId} and p.order_id = ${orderId}
      group by p.package_id order by p.package_id`,
    sql<{ status: string; changed_at: Date }[]>`
      select status, changed_at from order_status_history
      where shop_id = ${shopId} and order_id = ${orderId}
      order by changed_at, observed_at`,
  ]);
  const summary = { ...summarize(row, createLineReader()), brands: brands.get(orderId) ?? [] };
  const past = history.map(({ status, changed_at }) => ({ status, changed_at: changed_at.toISOString() }));
  return {
    ...summary,
    shipped_at: row.shipped_at?.toISOString() ?? null,
    delivered_at: row.delivered_at?.toISOString() ?? null,
    cancelled_at: row.cancelled_at?.toISOString() ?? null,
    cancellation_initiator: row.cancellation_initiator,
    cancel_reason: row.cancel_reason,
    order_type: row.order_type,
    fulfillment_type: row.fulfillment_type,
    shipping_type: row.shipping_type,
    shipping_provider: row.shipping_provider,
    tracking_number: row.tracking_number,
    warehouse_id: row.warehouse_id,
    payment_method: row.payment_method,
    is_cod: row.is_cod,
    is_sample: row.is_sample,
    packages: [...packages],
    status_history: [...past, { status: summary.status, changed_at: summary.updated_at }],
    source: !row.has_page
      ? null
      : {
          run_id: row.run_id,
          tiktok_request_id: row.tiktok_request_id,
          observed_at: row.observed_at.toISOString(),
        },
  };
}
