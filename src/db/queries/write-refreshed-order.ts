import { TidelineError } from '../../errors.ts';
import { erasureNoticeMs } from '../../privacy/erased-buyers.ts';
import type { OrderExchange } from '../../sources/tiktok-shop/streams/orders/read-orders-by-id.ts';
import type { Sql } from '../pool.ts';
import type { PersonalStore } from './order-personal.ts';
import type { OrderRows } from './order-rows.ts';
import { rawPageEncoding } from './raw-page-body.ts';
import { writeOrders } from './write-orders.ts';

export interface RefreshedOrder {
  shopId: string;
  exchange: OrderExchange;
  rows: OrderRows;
  /** The database's time before it was asked who was erased. */
  begunAt: Date;
}

/**
 * Stores an order that was read by itself in one transaction: raw page, rows, personal fields; a record set aside is
 * released. No run's claim fences it, as it does a page: an erasure that may not have been known is looked for, and
 * takes its notice time before it deletes, in which this transaction is over.
 *
 * @throws TidelineError to be tried again when a buyer of the shop was being erased meanwhile
 */
export async function writeRefreshedOrder(
  sql: Sql,
  store: PersonalStore,
  { shopId, exchange, rows, begunAt }: RefreshedOrder,
): Promise<void> {
  const { observedAt, requestId, responseSha256 } = exchange;
  const personal = await store.prepare(shopId, observedAt, rows.personal);
  await sql.begin(async (tx) => {
    const erasing = await tx`
      select 1 from erased_buyers
      where shop_id = ${shopId} and erased_at > ${begunAt}::timestamptz - make_interval(secs => ${erasureNoticeMs / 1000})`;
    if (erasing.length > 0) throw erasureGoingOn();
    if (rows.orderIds.length > 0) {
      const [page] = await tx<{ page_id: number }[]>`
        insert into raw_pages (shop_id, stream, walk, page_number, tiktok_request_id, observed_at, response_sha256,
          record_ids, encoding, body)
        values (${shopId}, 'orders', 1, 0, ${requestId}, ${observedAt}, ${responseSha256}, ${[...rows.recordIds]},
          ${rawPageEncoding}, ${rows.body})
        returning page_id`;
      if (page === undefined) throw new Error('A page was stored without an id.');
      await writeOrders(tx, { shopId, pageId: page.page_id, observedAt, rows });
      await tx`
        delete from quarantined_records
        where shop_id = ${shopId} and stream = 'orders' and record_id = any(${[...rows.orderIds]})
          and observed_at <= ${observedAt}`;
    }
    await store.write(tx, shopId, personal);
  });
}

function erasureGoingOn(): TidelineError {
  return new TidelineError({
    code: 'erasure-going-on',
    message: 'A buyer of the shop is being erased.',
    action: 'Try again in a few seconds.',
    actor: 'retry',
  });
}
