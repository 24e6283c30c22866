import { eraseFromRecord } from '../../privacy/erased-buyers.ts';
import type { MappedOrder } from '../../sources/tiktok-shop/streams/orders/map.ts';
import { bulk, type Column, columnArrays, unnestClause } from '../column-arrays.ts';
import type { Sql } from '../pool.ts';
import { lineItemColumns, orderColumns, packageColumns } from './order-columns.ts';
import { toOrderRows } from './order-rows.ts';
import { names, orderValues, writeOrders } from './write-orders.ts';

/** An order as it is stored, and the page that proves it. */
export interface StoredRow {
  orderId: string;
  /** As PostgreSQL writes it: a time that was changed by hand may be finer than JavaScript's. */
  createdAt: string;
  pageId: number;
  pageIndex: number;
  /** Of an order whose buyer was erased: its page no longer has what was hashed. Null otherwise. */
  erasedHash: string | null;
}

/** The next stored orders by creation time, after a place that an earlier call ended at. */
export async function nextStoredRows(
  sql: Sql,
  shopId: string,
  after: { createdAt: string; orderId: string } | null,
  limit: number,
): Promise<StoredRow[]> {
  const { createdAt, orderId } = after ?? { createdAt: '-infinity', orderId: '' };
  return sql<StoredRow[]>`
    select order_id as "orderId", created_at::text as "createdAt", page_id as "pageId", page_index as "pageIndex",
      case when exists (select from erased_orders erased
        where erased.shop_id = orders.shop_id and erased.order_id = orders.order_id) then row_hash::text end as "erasedHash"
    from orders where shop_id = ${shopId} and (created_at, order_id) > (${createdAt}::text::timestamptz, ${orderId})
    order by created_at, order_id limit ${limit}`;
}

/** What a page says of an order whose row points to it. */
export interface ProvenOrder {
  pageId: number;
  pageIndex: number;
  observedAt: Date;
  mapped: MappedOrder;
}

const provenColumns: readonly Column[] = [...orderColumns, ['page_id', 'bigint']];
const compared = orderColumns.filter(([name]) => name !== 'order_id').map(([name]) => name);
const firstLine = 2 + provenColumns.length;
const firstPackage = firstLine + lineItemColumns.length;

// One statement, so that a row which is replaced meanwhile is judged wholly before or wholly after: rows that no
// longer point to the page are left out.
const findDamagedRows = `
with proven(${names(orderColumns)}, page_id) as (
  select ${orderValues}, page_id from ${unnestClause(provenColumns, 'incoming', 2)}
), present as (
  select stored.* from orders stored join proven using (order_id, page_id) where stored.shop_id = $1
), lines as (
  select ${names(lineItemColumns)} from ${unnestClause(lineItemColumns, 'line', firstLine)}
  where order_id in (select order_id from present)
), stored_lines as (
  select ${names(lineItemColumns)} from line_items
  where shop_id = $1 and order_id in (select order_id from present)
), parcels as (
  select order_id, package_id from ${unnestClause(packageColumns, 'parcel', firstPackage)}
  where order_id in (select order_id from present)
), stored_parcels as (
  select order_id, package_id from packages where shop_id = $1 and order_id in (select order_id from present)
)
select present.order_id from present join proven using (order_id)
where (${compared.map((name) => `present.${name}`).join(', ')})
  is distinct from (${compared.map((name) => `proven.${name}`).join(', ')})
union select order_id from (select * from lines except all select * from stored_lines) absent
union select order_id from (select * from stored_lines except all select * from lines) foreign_lines
union select order_id from (select * from parcels except all select * from stored_parcels) absent
union select order_id from (select * from stored_parcels except all select * from parcels) foreign_parcels`;

/** The orders whose rows are not what the page that they point to says: somebody or something changed them. */
export async function findDamaged(
  sql: Sql,
  shopId: string,
  proven: readonly ProvenOrder[],
): Promise<ReadonlySet<string>> {
  const rows = proven.map(({ mapped, pageId, pageIndex }) => ({
    ...mapped.order,
    page_index: pageIndex,
    page_id: pageId,
  }));
  const packages = proven.flatMap(({ mapped }) =>
    mapped.packageIds.map((packageId) => ({ order_id: mapped.recordId, package_id: packageId })),
  );
  const damaged = await bulk<{ order_id: string }>(sql, findDamagedRows, [
    shopId,
    ...columnArrays(provenColumns, rows),
    ...columnArrays(
      lineItemColumns,
      proven.flatMap(({ mapped }) => mapped.lineItems),
    ),
    ...columnArrays(packageColumns, packages),
  ]);
  return new Set(damaged.map((row) => row.order_id));
}

/** Writes orders again as their pages have them; one that was replaced meanwhile is left alone. */
export async function restoreFromPages(
  sql: Sql,
  shopId: string,
  proven: readonly ProvenOrder[],
): Promise<void> {
  for (const pageId of new Set(proven.map((order) => order.pageId))) {
    const orders = proven.filter((order) => order.pageId === pageId);
    await sql.begin(async (tx) => {
      const ids = orders.map(({ mapped }) => mapped.recordId);
      const held = await tx<{ order_id: string; erased: boolean }[]>`
        select order_id, exists (select from erased_orders erased
          where erased.shop_id = orders.shop_id and erased.order_id = orders.order_id) as erased
        from orders where shop_id = ${shopId} and order_id = any(${ids}) and page_id = ${pageId}
        order by order_id for update`;
      const still = new Map(held.map((row) => [row.order_id, row.erased]));
      if (still.size === 0) return;
      for (const table of ['line_items', 'packages', 'orders']) {
        await tx`delete from ${tx(table)} where shop_id = ${shopId} and order_id = any(${[...still.keys()]})`;
      }
      const rows = orders
        .filter(({ mapped }) => still.has(mapped.recordId))
        .map((order) =>
          still.get(order.mapped.recordId) ? { ...order, mapped: eraseFromRecord(order.mapped) } : order,
        )
        .toSorted((a, b) => (a.mapped.recordId < b.mapped.recordId ? -1 : 1));
      const places = rows.map(({ mapped, pageIndex }) => ({ ...mapped.order, page_index: pageIndex }));
      await writeOrders(tx, {
        shopId,
        pageId,
        observedAt: orders[0]?.observedAt ?? new Date(0),
        rows: {
          ...toOrderRows(rows.map(({ mapped }) => mapped)),
          orders: columnArrays(orderColumns, places),
        },
      });
    });
  }
}

/** Lets the next reading of these orders replace them, whatever their version: their page can prove nothing. */
export async function distrustRows(sql: Sql, shopId: string, orderIds: readonly string[]): Promise<void> {
  await sql`
    update orders set row_hash = row_hash # 1, observed_at = 'epoch'
    where shop_id = ${shopId} and order_id = any(${[...orderIds]}) and observed_at > 'epoch'`;
}
