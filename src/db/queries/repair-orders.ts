import { bulk, textArray, unnestClause } from '../column-arrays.ts';
import type { Transaction } from '../pool.ts';
import { lineItemColumns, orderColumns, packageColumns } from './order-columns.ts';
import { type PlacedOrder, toTypedRows } from './order-rows.ts';
import { names, orderValues, writeOrders } from './write-orders.ts';

const otherOrderValues = orderValues.replace(/^order_id/, 'order_id collate "C" as order_id');

const differingOrders = `
select order_id from (
  select ${otherOrderValues}, $2::timestamptz from ${unnestClause(orderColumns, 'incoming', 4)}
  except
  select ${names(orderColumns)}, observed_at from orders where shop_id = $1 and order_id = any($3::text[])
) as differing`;

/** Orders whose rows of a table that belongs to them are not those of the page, some too many or too few included. */
function differingParts(table: string, columns: typeof orderColumns): string {
  const keys = new Set(['order_id', 'package_id']);
  const values = columns
    .map(([name]) => (keys.has(name) ? `${name} collate "C" as ${name}` : name))
    .join(', ');
  return `
    with incoming as (select ${values} from ${unnestClause(columns, 'arrays', 3)}),
    stored as (select ${values} from ${table} where shop_id = $1 and order_id = any($2::text[]))
    select order_id from (table incoming except table stored) as missing
    union select order_id from (table stored except table incoming) as surplus`;
}

const differingLineItems = differingParts('line_items', lineItemColumns);
const differingPackages = differingParts('packages', packageColumns);

/** Locks the stored rows of orders in the order of keys, as every write does. */
export async function lockOrders(
  tx: Transaction,
  shopId: string,
  orders: readonly { mapped: { recordId: string } }[],
): Promise<void> {
  if (orders.length === 0) return;
  const ids = orders.map(({ mapped }) => mapped.recordId);
  await tx`
    select 1 from orders where shop_id = ${shopId} and order_id = any(${ids}) order by order_id for update`;
}

/**
 * Brings the rows of orders that stem from a page back to what the page says, whatever stands in them now. Only
 * orders that still point to the page are touched: a newer version is somebody else's. The caller
 * has locked them. Returns how many were compared, and the ids of those whose rows were wrong.
 */
export async function repairOrders(
  tx: Transaction,
  batch: { shopId: string; pageId: number; observedAt: Date; orders: readonly PlacedOrder[] },
): Promise<{ compared: number; changed: readonly string[] }> {
  const { shopId, pageId, observedAt } = batch;
  const ids = batch.orders.map(({ mapped }) => mapped.recordId);
  const locked = await tx<{ order_id: string }[]>`
    select order_id from orders where shop_id = ${shopId} and order_id = any(${ids}) and page_id = ${pageId}
    order by order_id`;
  const held = new Set(locked.map((row) => row.order_id));
  const orders = batch.orders.filter(({ mapped }) => held.has(mapped.recordId));
  if (orders.length === 0) return { compared: 0, changed: [] };
  const heldIds = textArray(orders.map(({ mapped }) => mapped.recordId));
  const rows = toTypedRows(orders);
  const orNone = (arrays: readonly string[], columns: readonly unknown[]): readonly string[] =>
    arrays.length > 0 ? arrays : columns.map(() => '{}');
  type Row = { order_id: string };
  const differing = await Promise.all([
    bulk<Row>(tx, differingOrders, [shopId, observedAt, heldIds, ...rows.orders]),
    bulk<Row>(tx, differingLineItems, [shopId, heldIds, ...orNone(rows.lineItems, lineItemColumns)]),
    bulk<Row>(tx, differingPackages, [shopId, heldIds, ...orNone(rows.packages, packageColumns)]),
  ]);
  const changed = new Set(differing.flat().map((row) => row.order_id));
  if (changed.size > 0) {
    const wrong = [...changed];
    // Gone and written anew in one transaction: what stood there was never a version, so no history is made of it.
    await tx`delete from packages where shop_id = ${shopId} and order_id = any(${wrong})`;
    await tx`delete from line_items where shop_id = ${shopId} and order_id = any(${wrong})`;
    await tx`delete from orders where shop_id = ${shopId} and order_id = any(${wrong})`;
    const right = toTypedRows(orders.filter(({ mapped }) => changed.has(mapped.recordId)));
    await writeOrders(tx, { shopId, pageId, observedAt, rows: right });
  }
  return { compared: orders.length, changed: [...changed] };
}
