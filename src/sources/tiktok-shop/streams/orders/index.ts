import { isJsonObject } from '../../../../json-object.ts';
import type { CallResult, TikTokShopClient } from '../../client.ts';
import { endpoints } from '../../endpoints.ts';
import { type DecodeBody, type DecodedBody, decodeBody } from '../../envelope.ts';
import { ApiError } from '../../errors.ts';
import type { BudgetLane } from '../../ports.ts';
import type { DriftFinding } from '../drift.ts';
import { type MappedOrder, type MappedPage, mapOrders, type QuarantinedRecord } from './map.ts';

/** TikTok's largest page ("Get Order List": page_size 1–100). */
export const orderPageSize = 100;

/** A hundred times what was asked for: whoever sends more than this is not a platform. */
const mostRecords = 10_000;

/** Half-open, Unix seconds; a missing bound is open. */
export interface OrderRange {
  axis: 'create_time' | 'update_time';
  from: number | null;
  to: number | null;
}

export interface OrderPageRequest {
  shopId: string;
  runId: string;
  lane: BudgetLane;
  range: OrderRange;
  pageToken: string | null;
  pageSize?: number;
  signal: AbortSignal;
}

/** What a page says beside its records. */
export interface OrderPageHead {
  nextPageToken: string | null;
  totalCount: number;
  requestId: string | null;
  /** Upstream's clock when the page was answered. */
  observedAt: Date;
  responseSha256: Buffer;
}

export interface OrderPage extends OrderPageHead, MappedPage {}

/** Reads one page of orders, oldest first on the range's own axis (`POST /order/202309/orders/search`). */
export async function readOrderPage(client: TikTokShopClient, request: OrderPageRequest): Promise<OrderPage> {
  const { head, result, data } = await requestPage(client, request, undefined);
  const { orders } = data;
  if (!isOrderList(orders)) throw unreadable(result);
  return { ...head, ...mapOrders(orders ?? []) };
}

/** A page whose records were turned into rows by its decoder. */
export interface OrderPageRows<Rows> extends OrderPageHead {
  rows: Rows;
  drift: readonly DriftFinding[];
}

/** As {@link readOrderPage}, with a decoder that ends in {@link decodeOrderPage}. */
export async function readOrderPageRows<Rows>(
  client: TikTokShopClient,
  request: OrderPageRequest,
  decode: DecodeBody,
): Promise<OrderPageRows<Rows>> {
  const { head, result, data } = await requestPage(client, request, decode);
  if (data.mapped === null) throw unreadable(result);
  return { ...head, ...(data.mapped as Pick<OrderPageRows<Rows>, 'rows' | 'drift'>) };
}

/** Decodes a page's body and puts rows, as `mapped`, in the place of its orders; null where these are no list. */
export function decodeOrderPage<Rows>(
  body: Uint8Array,
  toRows: (records: readonly (MappedOrder | QuarantinedRecord)[]) => Rows,
): DecodedBody {
  const decoded = decodeBody(body);
  const data = decoded.envelope?.data;
  if (decoded.envelope === null || !isJsonObject(data)) return decoded;
  const { orders, ...rest } = data;
  let mapped: Pick<OrderPageRows<Rows>, 'rows' | 'drift'> | null = null;
  if (isOrderList(orders)) {
    const { records, drift } = mapOrders(orders ?? []);
    mapped = { rows: toRows(records), drift };
  }
  return { ...decoded, envelope: { ...decoded.envelope, data: { ...rest, mapped } } };
}

function isOrderList(orders: unknown): orders is unknown[] | null | undefined {
  return orders === undefined || orders === null || (Array.isArray(orders) && orders.length <= mostRecords);
}

function unreadable(result: CallResult): ApiError {
  return invalid(result, `orders is not a list of at most ${mostRecords}`);
}

interface AnsweredPage {
  head: OrderPageHead;
  result: CallResult;
  data: Record<string, unknown>;
}

/** When the answer is too large, fewer orders are asked for; its token leads on from the last of them. */
async function requestPage(
  client: TikTokShopClient,
  request: OrderPageRequest,
  decode: DecodeBody | undefined,
): Promise<AnsweredPage> {
  const { pageSize = orderPageSize } = request;
  try {
    return await searchOrders(client, { ...request, pageSize }, decode);
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 'answer-too-large' || pageSize === 1) throw error;
    return requestPage(client, { ...request, pageSize: Math.ceil(pageSize / 2) }, decode);
  }
}

async function searchOrders(
  client: TikTokShopClient,
  request: OrderPageRequest & { pageSize: number },
  decode: DecodeBody | undefined,
): Promise<AnsweredPage> {
  const { axis, from, to } = request.range;
  const query: Record<string, string> = {
    page_size: String(request.pageSize),
    sort_field: axis,
    sort_order: 'ASC',
  };
  if (request.pageToken !== null) query.page_token = request.pageToken;
  const filter: Record<string, number> = {};
  if (from !== null) filter[`${axis}_ge`] = from;
  if (to !== null) filter[`${axis}_lt`] = to;
  const result = await client.call({
    shopId: request.shopId,
    runId: request.runId,
    lane: request.lane,
    endpointFamily: endpoints.searchOrders.family,
    method: endpoints.searchOrders.method,
    path: endpoints.searchOrders.path,
    query,
    body: Object.keys(filter).length > 0 ? filter : undefined,
    decode,
    signal: request.signal,
  });
  const { data } = result;
  if (!isJsonObject(data)) throw invalid(result, 'data is missing');
  const total = data.total_count ?? 0;
  if (typeof total !== 'number' || !Number.isSafeInteger(total) || total < 0) {
    throw invalid(result, 'total_count is not a number');
  }
  const token = data.next_page_token;
  const head = {
    nextPageToken: typeof token === 'string' && token !== '' ? token : null,
    totalCount: total,
    requestId: result.requestId,
    observedAt: result.observedAt,
    responseSha256: result.responseSha256,
  };
  return { head, result, data };
}

function invalid(result: CallResult, reason: string): ApiError {
  return new ApiError({
    kind: 'invalid-response',
    message: `TikTok answered an order page that cannot be read: ${reason}.`,
    requestId: result.requestId,
  });
}
