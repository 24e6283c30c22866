import { isRecord } from '../files/json-facts.ts';
import { isStatusName, statusCode } from './order-source.ts';
import type { TimeAxis } from './order-store.ts';

/** A checked order search. Times are Unix seconds, half-open. */
export interface OrderQuery {
  status: number | null;
  create: { from: number; to: number } | null;
  update: { from: number; to: number } | null;
  shippingType: string | null;
  buyerUserId: string | null;
  buyerRequestedCancel: boolean | null;
  warehouseIds: Set<string> | null;
  sortBy: TimeAxis;
  descending: boolean;
  pageSize: number;
  pageToken: string | null;
  /** The same for all pages of one walk: filters and order as they were asked for. */
  key: string;
}

export interface ParameterFault {
  code: number;
  httpStatus: number;
  message: string;
}

const latest = 4_294_967_295;
const shippingTypes = new Set(['TIKTOK', 'SELLER', 'TIKTOK_DIGITAL']);
const filters = new Set([
  'order_status',
  'create_time_ge',
  'create_time_lt',
  'update_time_ge',
  'update_time_lt',
  'shipping_type',
  'buyer_user_id',
  'is_buyer_request_cancel',
  'warehouse_ids',
]);

/** Checks the query and the parsed body of a search by the platform's rules (facts, sections 3 and 9). */
export function readOrderQuery(
  query: ReadonlyMap<string, string>,
  body: unknown,
  now: number,
): OrderQuery | ParameterFault {
  const filter = body === undefined || body === null ? {} : body;
  if (!isRecord(filter)) return badRequest('the request body is not a JSON object');
  const pageSizeText = query.get('page_size') ?? '20';
  const pageSize = Number(pageSizeText);
  if (!/^\d+$/.test(pageSizeText) || pageSize < 1 || pageSize > 100) {
    return { code: 12019109, httpStatus: 200, message: 'page_size is invalid, it must be between 1 and 100' };
  }
  const sortBy = query.get('sort_field') || 'create_time';
  if (sortBy !== 'create_time' && sortBy !== 'update_time')
    return badParameter('sort_field', 'must be create_time or update_time');
  const sortOrder = query.get('sort_order') || 'DESC';
  if (sortOrder !== 'ASC' && sortOrder !== 'DESC') return badParameter('sort_order', 'must be ASC or DESC');
  const create = readRange(filter, 'create_time', 12019118, now);
  if (create !== null && 'code' in create) return create;
  const update = readRange(filter, 'update_time', 12019119, now);
  if (update !== null && 'code' in update) return update;
  const {
    order_status: status,
    shipping_type: shipping,
    buyer_user_id: buyer,
    is_buyer_request_cancel: requested,
    warehouse_ids: warehouses,
  } = filter;
  if (status !== undefined && (typeof status !== 'string' || !isStatusName(status)))
    return badParameter('order_status', 'unknown value');
  if (shipping !== undefined && (typeof shipping !== 'string' || !shippingTypes.has(shipping)))
    return badParameter('shipping_type', 'unknown value');
  if (buyer !== undefined && typeof buyer !== 'string')
    return badParameter('buyer_user_id', 'must be a string');
  if (requested !== undefined && typeof requested !== 'boolean')
    return badParameter('is_buyer_request_cancel', 'must be a boolean');
  if (warehouses !== undefined && !isTextList(warehouses))
    return badParameter('warehouse_ids', 'must be a list of at most 100 strings');
  const shown = Object.keys(filter)
    .filter((name) => filters.has(name))
    .sort();
  return {
    status: status === undefined ? null : statusCode(status),
    create,
    update,
    shippingType: shipping ?? null,
    buyerUserId: buyer ?? null,
    buyerRequestedCancel: requested ?? null,
    warehouseIds: warehouses === undefined || warehouses.length === 0 ? null : new Set(warehouses),
    sortBy,
    descending: sortOrder === 'DESC',
    pageSize,
    pageToken: query.get('page_token') || null,
    key: JSON.stringify([sortBy, sortOrder, shown.map((name) => [name, filter[name]])]),
  };
}

/** A missing `lt` is now, a missing `ge` the beginning of the shop. */
function readRange(
  filter: Record<string, unknown>,
  axis: TimeAxis,
  code: number,
  now: number,
): { from: number; to: number } | null | ParameterFault {
  const from = filter[`${axis}_ge`];
  const to = filter[`${axis}_lt`];
  if (from === undefined && to === undefined) return null;
  for (const value of [from, to]) {
    if (
      value !== undefined &&
      (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > latest)
    ) {
      return { code, httpStatus: 200, message: `${axis} filter is invalid, it must be Unix seconds` };
    }
  }
  const range = { from: typeof from === 'number' ? from : 0, to: typeof to === 'number' ? to : now };
  if (range.from > range.to)
    return { code, httpStatus: 200, message: `${axis}_ge must not be later than ${axis}_lt` };
  return range;
}

function isTextList(value: unknown): value is string[] {
  return Array.isArray(value) && value.length <= 100 && value.every((entry) => typeof entry === 'string');
}

function badParameter(name: string, reason: string): ParameterFault {
  return { code: 36009004, httpStatus: 400, message: `Invalid parameter ${name}: ${reason}` };
}

function badRequest(message: string): ParameterFault {
  return { code: 36009022, httpStatus: 400, message };
}
