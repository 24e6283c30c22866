import type { CallResult, TikTokShopClient } from '../../client.ts';
import { endpoints } from '../../endpoints.ts';
import { ApiError } from '../../errors.ts';
import type { DriftFinding } from '../drift.ts';
import { isRecord } from './fields.ts';
import { type MappedOrder, mapOrders, type QuarantinedRecord } from './map.ts';

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
  range: OrderRange;
  pageToken: string | null;
  pageSize?: number;
  signal: AbortSignal;
}

export interface OrderPage {
  records: readonly (MappedOrder | QuarantinedRecord)[];
  /** What in the page is not as TikTok documents it. */
  drift: readonly DriftFinding[];
  nextPageToken: string | null;
  totalCount: number;
  requestId: string | null;
  /** Upstream's clock when the page was answered. */
  observedAt: Date;
  responseSha256: Buffer;
}

function invalid(result: CallResult, reason: string): ApiError {
  return new ApiError({
    kind: 'invalid-response',
    message: `TikTok answered an order page that cannot be read: ${reason}.`,
    requestId: result.requestId,
  });
}

/**
 * Reads one page of orders, oldest first on the range's own axis (`POST /order/202309/orders/search`). When the answer
 * is too large, fewer orders are asked for; its token leads on from the last of them.
 */
export async function readOrderPage(client: TikTokShopClient, request: OrderPageRequest): Promise<OrderPage> {
  const { pageSize = orderPageSize } = request;
  try {
    return await searchOrders(client, { ...request, pageSize });
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 'answer-too-large' || pageSize === 1) throw error;
    return readOrderPage(client, { ...request, pageSize: Math.ceil(pageSize / 2) });
  }
}

async function searchOrders(
  client: TikTokShopClient,
  request: OrderPageRequest & { pageSize: number },
): Promise<OrderPage> {
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
    endpointFamily: endpoints.searchOrders.family,
    method: endpoints.searchOrders.method,
    path: endpoints.searchOrders.path,
    query,
    body: Object.keys(filter).length > 0 ? filter : undefined,
    signal: request.signal,
  });
  const { data } = result;
  if (!isRecord(data)) throw invalid(result, 'data is missing');
  const orders = data.orders ?? [];
  if (!Array.isArray(orders)) throw invalid(result, 'orders is not a list');
  if (orders.length > mostRecords) throw invalid(result, `it holds ${orders.length} orders`);
  const total = data.total_count ?? 0;
  if (typeof total !== 'number' || !Number.isSafeInteger(total) || total < 0) {
    throw invalid(result, 'total_count is not a number');
  }
  const token = data.next_page_token;
  return {
    ...mapOrders(orders),
    nextPageToken: typeof token === 'string' && token !== '' ? token : null,
    totalCount: total,
    requestId: result.requestId,
    observedAt: result.observedAt,
    responseSha256: result.responseSha256,
  };
}
