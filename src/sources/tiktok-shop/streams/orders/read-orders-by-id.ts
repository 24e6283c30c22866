import { isJsonObject } from '../../../../json-object.ts';
import type { TikTokShopClient } from '../../client.ts';
import { endpoints } from '../../endpoints.ts';
import { ApiError } from '../../errors.ts';
import { type MappedPage, mapOrders } from './map.ts';

/** TikTok's most ids in one call ("Get Order Detail"). */
export const mostOrderIds = 50;

/** The exchange that orders came from. */
export interface OrderExchange {
  requestId: string | null;
  /** Upstream's clock when it answered. */
  observedAt: Date;
  responseSha256: Buffer;
}

/**
 * Reads orders by their ids (`GET /order/202507/orders`), for somebody who waits for them. Ids that nobody has are
 * missing from the answer.
 *
 * @param orderIds at most {@link mostOrderIds}, without commas
 * @throws ApiError
 */
export async function readOrdersById(
  client: TikTokShopClient,
  { shopId, orderIds, signal }: { shopId: string; orderIds: readonly string[]; signal: AbortSignal },
): Promise<OrderExchange & MappedPage> {
  const { family, method, path } = endpoints.orderDetail;
  const { data, requestId, observedAt, responseSha256 } = await client.call({
    shopId,
    runId: null,
    endpointFamily: family,
    lane: 'webhooks',
    method,
    path,
    query: { ids: orderIds.join(',') },
    signal,
  });
  const orders = isJsonObject(data) ? (data.orders ?? []) : null;
  if (!Array.isArray(orders) || orders.length > mostOrderIds) {
    const message = 'TikTok answered with something that is no list of the orders asked for.';
    throw new ApiError({ kind: 'invalid-response', message, requestId });
  }
  return { requestId, observedAt, responseSha256, ...mapOrders(orders) };
}
