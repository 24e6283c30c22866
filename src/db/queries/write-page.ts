import type { OrderPage } from '../../sources/tiktok-shop/streams/orders/index.ts';
import type { MappedOrder, QuarantinedRecord } from '../../sources/tiktok-shop/streams/orders/map.ts';
import type { Sql, Transaction } from '../pool.ts';
import type { PersonalRow, PersonalStore } from './order-personal.ts';
import { packRawPage, rawPageEncoding } from './raw-page-body.ts';
import { advanceSlice, lockClaim, type PageCounts, type Slice } from './slices.ts';
import { quarantineRecords, writeOrders } from './write-orders.ts';

export interface PageToWrite {
  slice: Slice;
  shopId: string;
  page: OrderPage;
  /** Records of the page to keep; the others are known to be stored as they are. */
  records: readonly (MappedOrder | QuarantinedRecord)[];
}

/** A page ready for its transaction: everything that needs no database is done. */
export interface PreparedPage extends PageToWrite {
  body: Buffer;
  orders: readonly { mapped: MappedOrder; pageIndex: number }[];
  quarantined: readonly { record: QuarantinedRecord; pageIndex: number }[];
  personal: readonly PersonalRow[];
}

/** An id may come twice in a page; the newest version of it counts. */
function splitRecords(records: PageToWrite['records']): Pick<PreparedPage, 'orders' | 'quarantined'> {
  const orders = new Map<string, { mapped: MappedOrder; pageIndex: number }>();
  const quarantined = new Map<string, { record: QuarantinedRecord; pageIndex: number }>();
  for (const [pageIndex, record] of records.entries()) {
    if (record.kind === 'quarantined') {
      quarantined.set(record.recordId, { record, pageIndex });
      continue;
    }
    const known = orders.get(record.recordId);
    if (known === undefined || known.mapped.updateTime <= record.updateTime) {
      orders.set(record.recordId, { mapped: record, pageIndex });
    }
  }
  return { orders: [...orders.values()], quarantined: [...quarantined.values()] };
}

export async function preparePage(input: PageToWrite, store: PersonalStore): Promise<PreparedPage> {
  const { shopId, page } = input;
  const records = await store.withoutErased(shopId, input.records);
  const json = `[${records.map((record) => record.json).join(',')}]`;
  const { orders, quarantined } = splitRecords(records);
  // Personal fields change without the order changing: those of unchanged orders are looked at too.
  const all = input.records === page.records ? orders : splitRecords(page.records).orders;
  const [body, personal] = await Promise.all([
    packRawPage(json),
    store.prepare(
      shopId,
      page.observedAt,
      all.map(({ mapped }) => mapped),
    ),
  ]);
  return { ...input, records, body, orders, quarantined, personal };
}

/**
 * Stores a page in one transaction: raw page, orders with all that belongs to them, quarantine, personal rows, and
 * the slice's cursor. Nothing of it is kept when the slice was claimed by somebody else (`SliceLost`).
 */
export async function writePage(sql: Sql, prepared: PreparedPage, store: PersonalStore): Promise<PageCounts> {
  const { slice, shopId, page, orders, quarantined } = prepared;
  return sql.begin(async (tx) => {
    const { pageId, anyAside } = await lockClaim(tx, slice, shopId);
    const written =
      orders.length > 0
        ? await writeOrders(tx, { shopId, pageId, observedAt: page.observedAt, orders })
        : new Set<string>();
    const distinct = new Set(page.records.map((record) => record.recordId)).size;
    const aside =
      quarantined.length > 0
        ? await quarantineRecords(
            tx,
            { shopId, stream: 'orders', pageId, runId: slice.runId, observedAt: page.observedAt },
            quarantined,
          )
        : 0;
    const counts: PageCounts = {
      fetched: page.records.length,
      written: written.size,
      quarantined: aside,
      unchanged: distinct - written.size - quarantined.length,
    };
    const work: Promise<unknown>[] = [
      insertRawPage(tx, prepared, pageId),
      store.write(tx, shopId, prepared.personal),
      advanceSlice(tx, slice, { ...counts, pageToken: page.nextPageToken, upstreamTotal: page.totalCount }),
    ];
    if (anyAside && orders.length > 0) {
      const ids = orders.map(({ mapped }) => mapped.recordId);
      work.push(tx`
        delete from quarantined_records
        where shop_id = ${shopId} and stream = 'orders' and record_id = any(${ids})
          and observed_at <= ${page.observedAt}`);
    }
    await Promise.all(work);
    return counts;
  });
}

async function insertRawPage(tx: Transaction, prepared: PreparedPage, pageId: number): Promise<void> {
  const { slice, shopId, page, records } = prepared;
  // An empty page of history is part of its proof; a window without changes has nothing to show.
  if (records.length === 0 && slice.axis === 'update_time') return;
  const recordIds = [...new Set(records.map((record) => record.recordId))];
  await tx`
    insert into raw_pages (page_id, shop_id, stream, run_id, slice_id, walk, page_number, tiktok_request_id,
      observed_at, response_sha256, record_ids, encoding, body)
    overriding system value
    values (${pageId}, ${shopId}, 'orders', ${slice.runId}, ${slice.sliceId}, ${slice.walk}, ${slice.pages},
      ${page.requestId}, ${page.observedAt}, ${page.responseSha256}, ${recordIds}, ${rawPageEncoding}, ${prepared.body})`;
}

/** Records of a page that are new or changed; the others are stored exactly as they are. */
export async function withoutUnchanged(
  sql: Sql,
  shopId: string,
  records: OrderPage['records'],
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
