import { hash } from 'node:crypto';
import type { ColumnValue } from '../../../../db/column-arrays.ts';
import { isJsonObject } from '../../../../json-object.ts';
import {
  FieldFault,
  flag,
  identifier,
  key,
  money,
  requiredIdentifier,
  requiredMoney,
  requiredSeconds,
  seconds,
  text,
} from '../../records/fields.ts';
import { type DriftFinding, DriftNotes, describeShape } from '../drift.ts';
import { inspectRecord, type PersonalFields } from '../inspect.ts';
import { orderShape } from './shape.ts';

/** An order as typed rows. Times are Unix seconds, money the decimal strings that TikTok sent. */
export interface MappedOrder {
  kind: 'order';
  recordId: string;
  /** Unix seconds. */
  updateTime: number;
  /** First eight bytes of SHA-256 over `json`. */
  rowHash: bigint;
  /** The order without its personal fields. */
  json: string;
  order: Readonly<Record<string, ColumnValue>>;
  lineItems: readonly Readonly<Record<string, ColumnValue>>[];
  packageIds: readonly string[];
  personal: PersonalFields | null;
  /** Unix seconds; while it is null the order is open and its personal data is still needed. */
  closedTime: number | null;
}

/** A record that cannot be stored as typed rows: set aside with the reason, tried again by a later full sync. */
export interface QuarantinedRecord {
  kind: 'quarantined';
  recordId: string;
  /** Unix seconds; null when it cannot be read either. */
  createTime: number | null;
  json: string;
  path: string;
  reason: string;
}

function mapLineItem(line: unknown, orderId: string, position: number): Record<string, ColumnValue> {
  const path = `line_items[${position}].`;
  if (!isJsonObject(line)) throw new FieldFault(`line_items[${position}]`, 'not an object');
  return {
    order_id: orderId,
    position,
    line_item_id: identifier(line, 'id', path),
    product_id: identifier(line, 'product_id', path),
    product_name: text(line, 'product_name', path),
    sku_id: identifier(line, 'sku_id', path),
    sku_name: text(line, 'sku_name', path),
    seller_sku: identifier(line, 'seller_sku', path),
    unit_price: requiredMoney(line, 'sale_price', path),
    original_price: money(line, 'original_price', path),
    seller_discount: money(line, 'seller_discount', path),
    platform_discount: money(line, 'platform_discount', path),
    display_status: identifier(line, 'display_status', path),
    package_id: identifier(line, 'package_id', path),
    package_status: identifier(line, 'package_status', path),
    tracking_number: identifier(line, 'tracking_number', path),
    is_gift: flag(line, 'is_gift'),
  };
}

function packageIds(record: Record<string, unknown>): string[] {
  const { packages } = record;
  if (packages === undefined || packages === null) return [];
  if (!Array.isArray(packages)) throw new FieldFault('packages', 'not a list');
  const ids = packages.map((entry, index) => {
    if (!isJsonObject(entry)) throw new FieldFault(`packages[${index}]`, 'not an object');
    return key(entry, 'id', `packages[${index}].`);
  });
  return [...new Set(ids)];
}

function mapTyped(
  record: Record<string, unknown>,
  json: string,
  personal: PersonalFields | null,
): MappedOrder {
  const orderId = key(record, 'id', '');
  const { payment, line_items: lines } = record;
  if (!isJsonObject(payment)) {
    throw new FieldFault('payment', payment === undefined || payment === null ? 'missing' : 'not an object');
  }
  if (!Array.isArray(lines)) throw new FieldFault('line_items', 'not a list');
  const status = requiredIdentifier(record, 'status', '');
  const createTime = requiredSeconds(record, 'create_time', '');
  const updateTime = requiredSeconds(record, 'update_time', '');
  const deliveryTime = seconds(record, 'delivery_time', '');
  const cancelTime = seconds(record, 'cancel_time', '');
  const rowHash = hash('sha256', json, 'buffer').readBigInt64BE(0);
  return {
    kind: 'order',
    recordId: orderId,
    updateTime,
    rowHash,
    json,
    personal,
    closedTime:
      deliveryTime ?? cancelTime ?? (status === 'COMPLETED' || status === 'CANCELLED' ? updateTime : null),
    packageIds: packageIds(record),
    lineItems: lines.map((line, position) => mapLineItem(line, orderId, position)),
    order: {
      order_id: orderId,
      status,
      created_at: createTime,
      updated_at: updateTime,
      paid_at: seconds(record, 'paid_time', ''),
      shipped_at: seconds(record, 'rts_time', ''),
      delivered_at: deliveryTime,
      cancelled_at: cancelTime,
      currency: requiredIdentifier(payment, 'currency', 'payment.'),
      total_amount: requiredMoney(payment, 'total_amount', 'payment.'),
      sub_total: money(payment, 'sub_total', 'payment.'),
      shipping_fee: money(payment, 'shipping_fee', 'payment.'),
      tax: money(payment, 'tax', 'payment.'),
      seller_discount: money(payment, 'seller_discount', 'payment.'),
      platform_discount: money(payment, 'platform_discount', 'payment.'),
      buyer_id: identifier(record, 'user_id', ''),
      order_type: identifier(record, 'order_type', ''),
      fulfillment_type: identifier(record, 'fulfillment_type', ''),
      shipping_type: identifier(record, 'shipping_type', ''),
      delivery_option_id: identifier(record, 'delivery_option_id', ''),
      warehouse_id: identifier(record, 'warehouse_id', ''),
      shipping_provider: text(record, 'shipping_provider', ''),
      shipping_provider_id: identifier(record, 'shipping_provider_id', ''),
      tracking_number: identifier(record, 'tracking_number', ''),
      payment_method: text(record, 'payment_method_name', ''),
      cancellation_initiator: identifier(record, 'cancellation_initiator', ''),
      cancel_reason: text(record, 'cancel_reason', ''),
      is_cod: flag(record, 'is_cod'),
      is_sample: flag(record, 'is_sample_order'),
      items_count: lines.length,
      row_hash: rowHash,
    },
  };
}

/** The id under which a record without a usable one is set aside: the same record gets the same id again. */
function anonymousId(json: string): string {
  return `without-id-${hash('sha256', json, 'hex').slice(0, 24)}`;
}

/** What `read` makes of a record that is faulty anyway; null where this is at fault too. */
function unlessFaulty<Value>(read: () => Value): Value | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof FieldFault) return null;
    throw error;
  }
}

/**
 * One element of `data.orders` (TikTok Shop Partner Center, "Get Order List" 202309) as typed rows, or as a record
 * to set aside. Takes the personal fields out of the element that it is given, and notes what in it is not as
 * documented.
 */
export function mapOrder(
  record: unknown,
  notes: DriftNotes = new DriftNotes(),
): MappedOrder | QuarantinedRecord {
  if (!isJsonObject(record)) {
    notes.note('retyped', '', describeShape(record));
    const recordId = anonymousId(JSON.stringify(record ?? null));
    return {
      kind: 'quarantined',
      recordId,
      createTime: null,
      json: 'null',
      path: '',
      reason: 'not an object',
    };
  }
  const personal = inspectRecord(record, orderShape, notes);
  const json = JSON.stringify(record);
  try {
    return mapTyped(record, json, personal);
  } catch (error) {
    if (!(error instanceof FieldFault)) throw error;
    return {
      kind: 'quarantined',
      recordId: unlessFaulty(() => key(record, 'id', '')) ?? anonymousId(json),
      createTime: unlessFaulty(() => seconds(record, 'create_time', '')),
      json,
      path: error.path,
      reason: error.message,
    };
  }
}

export interface MappedPage {
  records: (MappedOrder | QuarantinedRecord)[];
  /** What in the page is not as documented, each once. */
  drift: DriftFinding[];
}

/** A page of orders, mapped one by one: a pure function of the page. */
export function mapOrders(orders: readonly unknown[]): MappedPage {
  const notes = new DriftNotes();
  const records = orders.map((order) => mapOrder(order, notes));
  return { records, drift: notes.findings() };
}
