import { isJsonObject } from '../../../json-object.ts';
import type { TikTokShopClient } from '../client.ts';
import { ApiError } from '../errors.ts';
import type { AnalyticsRequest } from './chain.ts';

/** An answer with the exchange that it came from. */
export interface AnalyticsExchange {
  /** 64-bit integers are texts. */
  data: Record<string, unknown>;
  requestId: string | null;
  /** Upstream's clock when it answered. */
  observedAt: Date;
  responseSha256: Buffer;
}

export interface AnalyticsCall {
  shopId: string;
  runId: string;
  request: AnalyticsRequest;
  signal: AbortSignal;
}

/**
 * Makes one call of a day's chain.
 *
 * @throws ApiError
 */
export async function readAnswer(
  client: TikTokShopClient,
  { shopId, runId, request, signal }: AnalyticsCall,
): Promise<AnalyticsExchange> {
  const { endpoint, query = {}, body } = request;
  const { data, requestId, observedAt, responseSha256 } = await client.call({
    shopId,
    runId,
    endpointFamily: endpoint.family,
    lane: 'analytics',
    method: endpoint.method,
    path: pathOf(request),
    query,
    body,
    signal,
  });
  if (!isJsonObject(data)) throw unreadable('data is missing', requestId);
  return { data, requestId, observedAt, responseSha256 };
}

export function unreadable(reason: string, requestId: string | null): ApiError {
  return new ApiError({
    kind: 'invalid-response',
    message: `TikTok answered an analytics page that cannot be read: ${reason}.`,
    requestId,
  });
}

function pathOf({ endpoint, parameters = {} }: AnalyticsRequest): string {
  return endpoint.path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(parameters[name] ?? ''),
  );
}
