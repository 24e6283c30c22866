import type { OrderPageHead } from '../../sources/tiktok-shop/streams/orders/index.ts';
import type { MappedOrder, QuarantinedRecord } from '../../sources/tiktok-shop/streams/orders/map.ts';
import type { Sql, Transaction } from '../pool.ts';
import type { PersonalStore } from './order-personal.ts';
import type { OrderRows } from './order-rows.ts';
import { rawPageEncoding } from './raw-page-body.ts';
import { advanceSlice, lockClaim, type PageCounts, type Slice } from './slices.ts';
import { quarantineRecords, writeOrders } from './write-orders.ts';

export interface PageToWrite {
  slice: Slice;
  shopId: string;
  page: OrderPageHead;
  /** Ids of all records that upstream sent, kept or known to be stored as they are. */
  fetchedIds: readonly string[];
  /** What of the page is kept. */
  rows: OrderRows;
}

/**
 * Stores a page in one transaction: raw page, orders with all that belongs to them, quarantine, personal rows, and
 * the slice's cursor. Nothing of it is kept when the slice was claimed by somebody else (`SliceLost`).
 */
export async function writePage(sql: Sql, store: PersonalStore, input: PageToWrite): Promise<PageCounts> {
  const { slice, shopId, page, fetchedIds, rows } = input;
  const personal = await store.prepare(shopId, page.observedAt, rows.personal);
  return sql.begin(async (tx) => {
    const { pageId, anyAside } = await lockClaim(tx, slice, shopId);
    const written = await writeOrders(tx, { shopId, pageId, observedAt: page.observedAt, rows });
    const aside =
      rows.quarantined.length > 0
        ? await quarantineRecords(
            tx,
            { shopId, stream: 'orders', pageId, runId: slice.runId, observedAt: page.observedAt },
            rows.quarantined,
          )
        : 0;
    const counts: PageCounts = {
      fetched: fetchedIds.length,
      written,
      quarantined: aside,
      unchanged: new Set(fetchedIds).size - written - rows.quarantined.length,
    };
    const work: Promise<unknown>[] = [
      insertRawPage(tx, input, pageId),
      store.write(tx, shopId, personal),
      advanceSlice(tx, slice, { ...counts, pageToken: page.nextPageToken, upstreamTotal: page.totalCount }),
    ];
    if (anyAside && rows.orderIds.length > 0) {
      work.push(tx`
        delete from quarantined_records
        where shop_id = ${shopId} and stream = 'orders' and record_id = any(${[...rows.orderIds]})
          and observed_at <= ${page.observedAt}`);
    }
    await Promise.all(work);
    return counts;
  });
}

async function insertRawPage(tx: Transaction, input: PageToWrite, pageId: number): Promise<void> {
  const { slice, shopId, page, rows } = input;
  // An empty page of history is part of its proof; a window without changes has nothing to show.
  if (rows.recordIds.length === 0 && slice.axis === 'update_time') return;
  await tx`
    insert into raw_pages (page_id, shop_id, stream, run_id, slice_id, walk, page_number, tiktok_request_id,
      observed_at, response_sha256, record_ids, encoding, body)
    overriding system value
    values (${pageId}, ${shopId}, 'orders', ${slice.runId}, ${slice.sliceId}, ${slice.walk}, ${slice.pages},
      ${page.requestId}, ${page.observedAt}, ${page.responseSha256}, ${[...new Set(rows.recordIds)]}, ${rawPageEncoding}, ${rows.body})`;
}

/** Records of a page that are new or changed; the others are stored exactly as they are. */
export async function withoutUnchanged(
  sql: Sql,
  shopId: string,
  records: readonly (MappedOrder | QuarantinedRecord)[],
): Promise<(MappedOrder | QuarantinedRecord)[]> {
  const ids = records.map((record) => record.recordId);
  if (ids.length === 0) return [];
  const stored = await sql<{ order_id: string; row_hash: string; updated: number }[]>`
    select order_id, row_hash::text as row_hash, extract(epoch from updated_at)::bigint as updated
    from orders where shop_id = ${shopId} and order_id = any(${ids})`;
  const known = new Map(stored.map((row) => [row.order_id, row]));
  return records.filter((record) => {
    if (record.kind === 'quarantined') return true;
    const row = known.get(record.recordId);
    return row === undefined || row.updated !== record.updateTime || row.row_hash !== String(record.rowHash);
  });
}
