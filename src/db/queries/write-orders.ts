import type { MappedOrder, QuarantinedRecord } from '../../sources/tiktok-shop/streams/orders/map.ts';
import { bulk, type Column, columnArrays, unnestClause } from '../column-arrays.ts';
import type { Transaction } from '../pool.ts';

/** Times travel as Unix seconds: numbers are cheaper than text on both sides. */
const orderColumns: readonly Column[] = [
  ['order_id', 'text'],
  ['status', 'text'],
  ['created_at', 'bigint'],
  ['updated_at', 'bigint'],
  ['paid_at', 'bigint'],
  ['shipped_at', 'bigint'],
  ['delivered_at', 'bigint'],
  ['cancelled_at', 'bigint'],
  ['currency', 'text'],
  ['total_amount', 'numeric'],
  ['sub_total', 'numeric'],
  ['shipping_fee', 'numeric'],
  ['tax', 'numeric'],
  ['seller_discount', 'numeric'],
  ['platform_discount', 'numeric'],
  ['buyer_id', 'text'],
  ['order_type', 'text'],
  ['fulfillment_type', 'text'],
  ['shipping_type', 'text'],
  ['delivery_option_id', 'text'],
  ['warehouse_id', 'text'],
  ['shipping_provider', 'text'],
  ['shipping_provider_id', 'text'],
  ['tracking_number', 'text'],
  ['payment_method', 'text'],
  ['cancellation_initiator', 'text'],
  ['cancel_reason', 'text'],
  ['is_cod', 'boolean'],
  ['is_sample', 'boolean'],
  ['items_count', 'integer'],
  ['row_hash', 'bigint'],
  ['page_index', 'smallint'],
];

const lineItemColumns: readonly Column[] = [
  ['order_id', 'text'],
  ['position', 'integer'],
  ['line_item_id', 'text'],
  ['product_id', 'text'],
  ['product_name', 'text'],
  ['sku_id', 'text'],
  ['sku_name', 'text'],
  ['seller_sku', 'text'],
  ['unit_price', 'numeric'],
  ['original_price', 'numeric'],
  ['seller_discount', 'numeric'],
  ['platform_discount', 'numeric'],
  ['display_status', 'text'],
  ['package_id', 'text'],
  ['package_status', 'text'],
  ['tracking_number', 'text'],
  ['is_gift', 'boolean'],
];

const names = (columns: readonly Column[]): string => columns.map(([name]) => name).join(', ');
const times = new Set(['created_at', 'updated_at', 'paid_at', 'shipped_at', 'delivered_at', 'cancelled_at']);
const orderValues = orderColumns
  .map(([name]) => (times.has(name) ? `to_timestamp(${name})` : name))
  .join(', ');
const assignments = [...orderColumns.map(([name]) => name), 'observed_at', 'page_id']
  .filter((name) => name !== 'order_id')
  .map((name) => `${name} = excluded.${name}`)
  .join(', ');

// The outer query sees the rows as they were before this statement: that is how the status left behind is known. It
// is a subquery for each changed row because a join would hash the whole table for every page.
const upsertOrders = `
with upserted as (
  insert into orders (shop_id, observed_at, page_id, ${names(orderColumns)})
  select $1, $2::timestamptz, $3::bigint, ${orderValues}
  from ${unnestClause(orderColumns, 'incoming', 4)}
  on conflict (shop_id, order_id) do update set ${assignments}
  where (excluded.updated_at, excluded.observed_at) >= (orders.updated_at, orders.observed_at)
    and (excluded.row_hash, excluded.updated_at) <> (orders.row_hash, orders.updated_at)
  returning order_id, status, xmax = 0 as inserted
)
select order_id, status, inserted, case when not inserted then (
  select json_build_object('status', before.status, 'changed_at', before.updated_at, 'observed_at', before.observed_at)
  from orders before where before.shop_id = $1 and before.order_id = upserted.order_id
) end as prior
from upserted`;

const insertLineItems = `
insert into line_items (shop_id, ${names(lineItemColumns)})
select $1, ${names(lineItemColumns)} from ${unnestClause(lineItemColumns, 'incoming', 2)}`;

interface UpsertedOrder {
  order_id: string;
  status: string;
  inserted: boolean;
  /** The version that was replaced. */
  prior: { status: string; changed_at: string; observed_at: string } | null;
}

export interface OrderBatch {
  shopId: string;
  pageId: number;
  observedAt: Date;
  /** Each order once, with its index in the page that is kept. */
  orders: readonly { mapped: MappedOrder; pageIndex: number }[];
}

/**
 * Writes orders with their line items, packages and status history, in key order so that parallel lanes cannot
 * deadlock. Rows that are older than what is stored, or equal to it, change nothing. Returns the ids written.
 */
export async function writeOrders(tx: Transaction, batch: OrderBatch): Promise<ReadonlySet<string>> {
  const { shopId } = batch;
  const ordered = batch.orders.toSorted((a, b) => (a.mapped.recordId < b.mapped.recordId ? -1 : 1));
  const rows = ordered.map(({ mapped, pageIndex }) => ({ ...mapped.order, page_index: pageIndex }));
  const upserted = await bulk<UpsertedOrder>(tx, upsertOrders, [
    shopId,
    batch.observedAt,
    batch.pageId,
    ...columnArrays(orderColumns, rows),
  ]);
  const written = new Set(upserted.map((order) => order.order_id));
  const changed = upserted.filter((order) => !order.inserted);
  const work: Promise<unknown>[] = [];
  if (changed.length > 0) {
    const ids = changed.map((order) => order.order_id);
    work.push(tx`delete from line_items where shop_id = ${shopId} and order_id = any(${ids})`);
    work.push(tx`delete from packages where shop_id = ${shopId} and order_id = any(${ids})`);
  }
  for (const { order_id: orderId, status, prior } of changed) {
    if (prior === null || prior.status === status) continue;
    work.push(tx`
      insert into order_status_history (shop_id, order_id, changed_at, status, observed_at)
      values (${shopId}, ${orderId}, ${prior.changed_at}, ${prior.status}, ${prior.observed_at})
      on conflict do nothing`);
  }
  const lineItems = ordered.flatMap(({ mapped }) => (written.has(mapped.recordId) ? mapped.lineItems : []));
  if (lineItems.length > 0) {
    work.push(bulk(tx, insertLineItems, [shopId, ...columnArrays(lineItemColumns, lineItems)]));
  }
  const packages = ordered.flatMap(({ mapped }) =>
    written.has(mapped.recordId)
      ? mapped.packageIds.map((packageId) => ({ order_id: mapped.recordId, package_id: packageId }))
      : [],
  );
  if (packages.length > 0) work.push(insertPackages(tx, shopId, packages));
  await Promise.all(work);
  return written;
}

const packageColumns: readonly Column[] = [
  ['order_id', 'text'],
  ['package_id', 'text'],
];

function insertPackages(
  tx: Transaction,
  shopId: string,
  packages: readonly { order_id: string; package_id: string }[],
): Promise<unknown> {
  const statement = `insert into packages (shop_id, order_id, package_id)
    select $1, order_id, package_id from ${unnestClause(packageColumns, 'incoming', 2)}`;
  return bulk(tx, statement, [shopId, ...columnArrays(packageColumns, packages)]);
}

const quarantineColumns: readonly Column[] = [
  ['record_id', 'text'],
  ['created_at', 'bigint'],
  ['path', 'text'],
  ['reason', 'text'],
  ['page_index', 'smallint'],
];

/**
 * Sets records aside with the reason; seen again, a record keeps its first-seen time. Returns how many of them this
 * run had not set aside before: a run that meets a record twice counts it once.
 */
export async function quarantineRecords(
  tx: Transaction,
  page: { shopId: string; stream: string; pageId: number; runId: string; observedAt: Date },
  records: readonly { record: QuarantinedRecord; pageIndex: number }[],
): Promise<number> {
  // One page of a shop at a time, or two lanes would both count what both of them met.
  await tx`select pg_advisory_xact_lock(hashtextextended(${`quarantine ${page.shopId} ${page.stream}`}, 0))`;
  const ids = records.map(({ record }) => record.recordId);
  const [counted] = await tx<{ known: number }[]>`
    select count(*) as known from quarantined_records join raw_pages using (page_id)
    where quarantined_records.shop_id = ${page.shopId} and quarantined_records.stream = ${page.stream}
      and record_id = any(${ids}) and run_id = ${page.runId}`;
  const rows = records
    .map(({ record, pageIndex }) => ({
      record_id: record.recordId,
      created_at: record.createTime,
      path: record.path,
      reason: record.reason,
      page_index: pageIndex,
    }))
    .toSorted((a, b) => (a.record_id < b.record_id ? -1 : 1));
  const statement = `
    insert into quarantined_records (shop_id, stream, page_id, observed_at, record_id, created_at, path, reason,
      page_index)
    select $1, $2, $3::bigint, $4::timestamptz, record_id, created_at, path, reason, page_index
    from ${unnestClause(quarantineColumns, 'incoming', 5)}
    where not exists (select 1 from orders where shop_id = $1 and order_id = record_id and observed_at > $4::timestamptz)
    on conflict (shop_id, stream, record_id) do update set path = excluded.path, reason = excluded.reason,
      page_id = excluded.page_id, page_index = excluded.page_index, observed_at = excluded.observed_at,
      last_seen_at = now()
    where excluded.observed_at >= quarantined_records.observed_at`;
  await bulk(tx, statement, [
    page.shopId,
    page.stream,
    page.pageId,
    page.observedAt,
    ...columnArrays(quarantineColumns, rows),
  ]);
  return records.length - (counted?.known ?? 0);
}
