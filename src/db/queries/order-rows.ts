import { buyerOf, type OrderOfBuyer } from '../../privacy/erased-buyers.ts';
import type { MappedOrder, QuarantinedRecord } from '../../sources/tiktok-shop/streams/orders/map.ts';
import { columnArrays } from '../column-arrays.ts';
import { lineItemColumns, orderColumns, packageColumns } from './order-columns.ts';
import { packRawPageSync } from './raw-page-body.ts';

/** An order's personal fields with what decides how long they are kept. Times are Unix seconds. */
export type PersonalRecord = OrderOfBuyer & Pick<MappedOrder, 'updateTime' | 'closedTime' | 'personal'>;

/** A record to set aside, and where it stands in the page. */
export type QuarantinedRow = Omit<QuarantinedRecord, 'kind' | 'json'> & { pageIndex: number };

/** Orders and what belongs to them, as the arrays of bulk statements. */
export interface TypedRows {
  /** Each order once, in key order. */
  orderIds: readonly string[];
  /** One array literal for each of `orderColumns`, in the order of `orderIds`. */
  orders: readonly string[];
  /** One array literal for each of `lineItemColumns`; empty when there are none. */
  lineItems: readonly string[];
  /** One array literal for each of `packageColumns`; empty when there are none. */
  packages: readonly string[];
}

/** An order, and where it stands in its page. */
export interface PlacedOrder {
  mapped: MappedOrder;
  pageIndex: number;
}

/**
 * The records of a page in the form that the database takes: everything about them that needs no database is done.
 * Strings and bytes only, so that it passes between threads for next to nothing.
 */
export interface OrderRows extends TypedRows {
  /** The records' ids in the page's order; one that came twice stands twice. */
  recordIds: readonly string[];
  /** The records without their personal fields as a JSON array, compressed with brotli. */
  body: Uint8Array;
  quarantined: readonly QuarantinedRow[];
  personal: readonly PersonalRecord[];
}

/** Prepares records for {@link writePage}. Of an id that comes twice, the newest version counts. */
export function toOrderRows(records: readonly (MappedOrder | QuarantinedRecord)[]): OrderRows {
  const orders = newestOrders(records);
  return {
    ...toTypedRows(orders),
    recordIds: records.map((record) => record.recordId),
    body: packRawPageSync(records.map((record) => record.json)),
    quarantined: quarantinedRows(records),
    personal: orders.flatMap(({ mapped }) => personalRecord(mapped)),
  };
}

/** @param orders each once, in key order */
export function toTypedRows(orders: readonly PlacedOrder[]): TypedRows {
  const orderRows = orders.map(({ mapped, pageIndex }) => ({ ...mapped.order, page_index: pageIndex }));
  const lineItems = orders.flatMap(({ mapped }) => mapped.lineItems);
  const packages = orders.flatMap(({ mapped }) =>
    mapped.packageIds.map((packageId) => ({ order_id: mapped.recordId, package_id: packageId })),
  );
  return {
    orderIds: orders.map(({ mapped }) => mapped.recordId),
    orders: columnArrays(orderColumns, orderRows),
    lineItems: lineItems.length === 0 ? [] : columnArrays(lineItemColumns, lineItems),
    packages: packages.length === 0 ? [] : columnArrays(packageColumns, packages),
  };
}

/** Personal fields of all orders of a page, each order once. */
export function personalRecords(records: readonly (MappedOrder | QuarantinedRecord)[]): PersonalRecord[] {
  return newestOrders(records).flatMap(({ mapped }) => personalRecord(mapped));
}

function personalRecord(mapped: MappedOrder): PersonalRecord[] {
  const { recordId, updateTime, closedTime, personal } = mapped;
  return personal === null ? [] : [{ recordId, ...buyerOf(mapped), updateTime, closedTime, personal }];
}

/** Each order's newest version in key order. */
export function newestOrders(records: readonly (MappedOrder | QuarantinedRecord)[]): PlacedOrder[] {
  const newest = new Map<string, PlacedOrder>();
  for (const [pageIndex, mapped] of records.entries()) {
    if (mapped.kind === 'quarantined') continue;
    const known = newest.get(mapped.recordId);
    if (known === undefined || known.mapped.updateTime <= mapped.updateTime) {
      newest.set(mapped.recordId, { mapped, pageIndex });
    }
  }
  return [...newest.values()].sort((a, b) => (a.mapped.recordId < b.mapped.recordId ? -1 : 1));
}

export function quarantinedRows(records: readonly (MappedOrder | QuarantinedRecord)[]): QuarantinedRow[] {
  const rows = new Map<string, QuarantinedRow>();
  for (const [pageIndex, record] of records.entries()) {
    if (record.kind === 'order') continue;
    const { recordId, createTime, path, reason } = record;
    rows.set(recordId, { recordId, createTime, path, reason, pageIndex });
  }
  return [...rows.values()];
}
