import { readNdjson } from './ndjson.ts';

/** One unit sold, as the simulator counts it; times in Unix seconds. */
export interface CountedSale {
  countedAs: 'paid' | 'cancelled' | 'created';
  orderId: string;
  buyer: string;
  createTime: number;
  paidTime: number;
  cancelTime: number;
  productId: string;
  skuId: string;
  /** Decimal text in the shop's currency. */
  amount: string;
  contentType: string;
  contentId: string | null;
  /** Of the LIVE session that it came from. */
  sessionStartedAt: number | null;
  username: string | null;
  accountType: string | null;
}

export interface SalesRequest {
  controlUrl: string;
  tiktokShopId: string;
  /** Both inclusive, `YYYY-MM-DD`, days of the shop as the simulator knows them. */
  from: string;
  to: string;
  /** `created`: all paid units by the day on which their order was created, as affiliate orders list them. */
  by?: 'counted' | 'created';
}

/**
 * Streams the units that figures of these days count now.
 *
 * @throws TidelineError when the simulator does not answer
 */
export async function* readSales(request: SalesRequest): AsyncGenerator<CountedSale> {
  const { controlUrl, tiktokShopId, from, to, by = 'counted' } = request;
  const query = new URLSearchParams({ start_date: from, end_date: to, by });
  const url = `${controlUrl}/shops/${tiktokShopId}/analytics/sales?${query}`;
  for await (const sale of readNdjson(url, `the sales of shop ${tiktokShopId}`)) yield toSale(sale);
}

function toSale(sale: Record<string, unknown>): CountedSale {
  const text = (name: string): string | null => (sale[name] == null ? null : String(sale[name]));
  return {
    countedAs: sale.counted_as === 'cancelled' || sale.counted_as === 'created' ? sale.counted_as : 'paid',
    orderId: text('order_id') ?? '',
    buyer: text('buyer') ?? '',
    createTime: Number(sale.create_time),
    paidTime: Number(sale.paid_time),
    cancelTime: Number(sale.cancel_time),
    productId: text('product_id') ?? '',
    skuId: text('sku_id') ?? '',
    amount: text('amount') ?? '',
    contentType: text('content_type') ?? '',
    contentId: text('content_id'),
    sessionStartedAt: sale.session_started_at == null ? null : Number(sale.session_started_at),
    username: text('username'),
    accountType: text('account_type'),
  };
}
