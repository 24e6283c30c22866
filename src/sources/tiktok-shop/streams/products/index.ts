import { isJsonObject } from '../../../../json-object.ts';
import type { TikTokShopClient } from '../../client.ts';
import { endpoints } from '../../endpoints.ts';
import { ApiError } from '../../errors.ts';
import type { BudgetLane } from '../../ports.ts';
import type { AsideRecord } from '../../records/record.ts';
import { type DriftFinding, DriftNotes } from '../drift.ts';
import { type MappedProduct, mapProduct, mapProductDetail, type ProductDetail } from './map.ts';

export type { MappedProduct, ProductDetail } from './map.ts';

/** "Search Products": page_size 1–100. */
const pageSize = 100;
const mostRecords = 10_000;
/** TikTok lists no more results of one search than this. */
export const mostProductsListed = 10_000;

/** Products created in a half-open range, Unix seconds. */
export interface ProductRange {
  from: number;
  to: number;
}

export interface ProductPageRequest {
  shopId: string;
  runId: string;
  lane: BudgetLane;
  range: ProductRange;
  pageToken: string | null;
  signal: AbortSignal;
}

export interface ProductPage {
  products: MappedProduct[];
  aside: (AsideRecord & { pageIndex: number })[];
  /** The page's records as JSON, for the raw page. */
  records: string[];
  drift: DriftFinding[];
  nextPageToken: string | null;
  totalCount: number;
  requestId: string | null;
  /** Upstream's clock when it answered. */
  observedAt: Date;
  responseSha256: Buffer;
}

/** Reads one page of products (`POST /product/202502/products/search`). @throws ApiError */
export async function readProductPage(
  client: TikTokShopClient,
  { shopId, runId, lane, range, pageToken, signal }: ProductPageRequest,
): Promise<ProductPage> {
  const { family, method, path } = endpoints.searchProducts;
  const query = { page_size: String(pageSize), ...(pageToken === null ? {} : { page_token: pageToken }) };
  // Both of TikTok's bounds are inclusive.
  const body = { status: 'ALL', create_time_ge: range.from, create_time_le: range.to - 1 };
  const { data, requestId, observedAt, responseSha256 } = await client.call({
    ...{ shopId, runId, lane, endpointFamily: family, method, path, query, body, signal },
  });
  const list = isJsonObject(data) ? (data.products ?? []) : null;
  if (!isJsonObject(data) || !Array.isArray(list) || list.length > mostRecords) {
    throw unreadable(`products is not a list of at most ${mostRecords}`, requestId);
  }
  const total = data.total_count ?? 0;
  if (typeof total !== 'number' || !Number.isSafeInteger(total) || total < 0) {
    throw unreadable('total_count is not a number', requestId);
  }
  const notes = new DriftNotes();
  const mapped = list.map((record, index) => mapProduct(record, index, notes));
  const token = data.next_page_token;
  return {
    products: mapped.filter((entry) => 'product' in entry),
    aside: mapped.flatMap((entry, pageIndex) => ('reason' in entry ? [{ ...entry, pageIndex }] : [])),
    records: list.map((record) => JSON.stringify(record)),
    drift: notes.findings(),
    nextPageToken: typeof token === 'string' && token !== '' ? token : null,
    totalCount: total,
    requestId,
    observedAt,
    responseSha256,
  };
}

/** Reads what only the detail of a product tells (`GET /product/202309/products/{product_id}`). @throws ApiError */
export async function readProductDetail(
  client: TikTokShopClient,
  {
    shopId,
    runId,
    productId,
    signal,
  }: { shopId: string; runId: string; productId: string; signal: AbortSignal },
): Promise<ProductDetail> {
  const { family, method, path } = endpoints.productDetail;
  const { data, requestId } = await client.call({
    ...{ shopId, runId, lane: 'history', endpointFamily: family, method, signal },
    path: path.replace('{product_id}', encodeURIComponent(productId)),
  });
  if (!isJsonObject(data)) throw unreadable('data is missing', requestId);
  return mapProductDetail(data);
}

function unreadable(reason: string, requestId: string | null): ApiError {
  return new ApiError({
    kind: 'invalid-response',
    message: `TikTok answered products that cannot be read: ${reason}.`,
    requestId,
  });
}
