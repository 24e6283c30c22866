import { bulk, type Column, columnArrays, textArray, unnestClause } from '../column-arrays.ts';
import type { Transaction } from '../pool.ts';
import { lineItemColumns, orderColumns, packageColumns } from './order-columns.ts';
import type { QuarantinedRow, TypedRows } from './order-rows.ts';

export const names = (columns: readonly Column[]): string => columns.map(([name]) => name).join(', ');
const times = new Set(['created_at', 'updated_at', 'paid_at', 'shipped_at', 'delivered_at', 'cancelled_at']);
/** The columns' values, times made of their seconds. */
export const orderValues = orderColumns
  .map(([name]) => (times.has(name) ? `to_timestamp(${name})` : name))
  .join(', ');
const assignments = [...orderColumns.map(([name]) => name), 'observed_at', 'page_id']
  .filter((name) => name !== 'order_id')
  .map((name) => `${name} = excluded.${name}`)
  .join(', ');

const ordersGiven = `$${orderColumns.length + 4}`;

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
select count(*) as written, case when count(*) < ${ordersGiven}::integer then array_agg(order_id) end as order_ids,
  coalesce(json_agg(json_build_object('order_id', order_id, 'status', status, 'prior', (
    select json_build_object('status', before.status, 'changed_at', before.updated_at, 'observed_at', before.observed_at)
    from orders before where before.shop_id = $1 and before.order_id = upserted.order_id
  ))) filter (where not inserted), '[]') as changed
from upserted`;

/** Rows of the orders named by $2, or of all where it is null. */
const insertLineItems = `
insert into line_items (shop_id, ${names(lineItemColumns)})
select $1, ${names(lineItemColumns)} from ${unnestClause(lineItemColumns, 'incoming', 3)}
where $2::text[] is null or order_id = any($2::text[])`;

const insertPackages = `
insert into packages (shop_id, ${names(packageColumns)})
select $1, ${names(packageColumns)} from ${unnestClause(packageColumns, 'incoming', 3)}
where $2::text[] is null or order_id = any($2::text[])`;

interface Upserted {
  written: number;
  /** The orders written; null when all of them were. */
  order_ids: string[] | null;
  /** Orders that replaced a version, which is `prior`. */
  changed: {
    order_id: string;
    status: string;
    prior: { status: string; changed_at: string; observed_at: string } | null;
  }[];
}

export interface OrderBatch {
  shopId: string;
  /** Page that keeps these orders. */
  pageId: number;
  observedAt: Date;
  rows: TypedRows;
}

/**
 * Writes orders with their line items, packages and status history, in key order so that parallel lanes cannot
 * deadlock. Rows that are older than what is stored, or equal to it, change nothing. Returns how many were written.
 */
export async function writeOrders(tx: Transaction, batch: OrderBatch): Promise<number> {
  const { shopId, rows } = batch;
  if (rows.orderIds.length === 0) return 0;
  const [upserted] = await bulk<Upserted>(tx, upsertOrders, [
    shopId,
    batch.observedAt,
    batch.pageId,
    ...rows.orders,
    rows.orderIds.length,
  ]);
  if (upserted === undefined) throw new Error('An upsert of orders answered nothing.');
  const { written, order_ids: only, changed } = upserted;
  if (written === 0) return 0;
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
  const writtenOnly = only === null ? null : textArray(only);
  if (rows.lineItems.length > 0)
    work.push(bulk(tx, insertLineItems, [shopId, writtenOnly, ...rows.lineItems]));
  if (rows.packages.length > 0) work.push(bulk(tx, insertPackages, [shopId, writtenOnly, ...rows.packages]));
  await Promise.all(work);
  return written;
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
  page: { shopId: string; stream: string; pageId: number; runId: string | null; observedAt: Date },
  records: readonly QuarantinedRow[],
): Promise<number> {
  // One page of a shop at a time, or two lanes would both count what both of them met.
  await tx`select pg_advisory_xact_lock(hashtextextended(${`quarantine ${page.shopId} ${page.stream}`}, 0))`;
  const ids = records.map((record) => record.recordId);
  const [counted] = await tx<{ known: number }[]>`
    select count(*) as known from quarantined_records join raw_pages using (page_id)
    where quarantined_records.shop_id = ${page.shopId} and quarantined_records.stream = ${page.stream}
      and record_id = any(${ids}) and run_id = ${page.runId}`;
  const rows = records
    .map((record) => ({
      record_id: record.recordId,
      created_at: record.createTime,
      path: record.path,
      reason: record.reason,
      page_index: record.pageIndex,
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
