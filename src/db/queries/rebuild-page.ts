import { mapOrders } from '../../sources/tiktok-shop/streams/orders/map.ts';
import type { Sql, Transaction } from '../pool.ts';
import {
  newestOrders,
  type PlacedOrder,
  type QuarantinedRow,
  quarantinedRows,
  toTypedRows,
} from './order-rows.ts';
import { unpackRawPage } from './raw-page-body.ts';
import { lockOrders, repairOrders } from './repair-orders.ts';
import { quarantineRecords, writeOrders } from './write-orders.ts';

export interface RawPage {
  pageId: number;
  /** Null of an order that was read by itself. */
  runId: string | null;
  observedAt: Date;
  records: number;
  encoding: string;
  body: Buffer;
  /** Changes whenever the page's row does. */
  version: string;
}

export interface RebuiltPage {
  /** Orders whose newest version this page holds. */
  rebuilt: number;
  /** Of them, those whose rows were wrong or missing. */
  changed: number;
  /** Records that were set aside and can be read now. */
  released: number;
}

/** The next kept pages of a shop's orders behind one of them, up to another. */
export function nextRawPages(
  sql: Sql,
  range: { shopId: string; after: number; last: number; limit: number },
): Promise<RawPage[]> {
  return sql<RawPage[]>`
    select page_id as "pageId", run_id as "runId", observed_at as "observedAt", cardinality(record_ids) as records,
      encoding, body, xmin::text as version
    from raw_pages
    where shop_id = ${range.shopId} and stream = 'orders' and page_id > ${range.after} and page_id <= ${range.last}
    order by page_id limit ${range.limit}`;
}

/** The records of a page as they were kept; null when its bytes are damaged. */
export async function readRawPage(page: RawPage): Promise<unknown[] | null> {
  try {
    return await unpackRawPage(page.encoding, page.body);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (error instanceof SyntaxError || /^(ERR_|Z_)/.test(code ?? '')) return null;
    throw error;
  }
}

/**
 * Maps a kept page anew and brings the rows of the orders whose newest version it holds to what it says. Orders that
 * have no row, or an older one, are written under the guard of every write; records that can be read now leave
 * quarantine, others enter it. `finish` commits with it. False, with nothing written, when the page was changed
 * meanwhile (an erasure took a buyer out of it) or collected.
 */
export async function rebuildPage(
  sql: Sql,
  shopId: string,
  page: RawPage,
  kept: readonly unknown[],
  finish: (tx: Transaction, rebuilt: RebuiltPage) => Promise<void>,
): Promise<boolean> {
  const { pageId, observedAt } = page;
  const { records } = mapOrders(kept);
  const orders = newestOrders(records);
  const quarantined = quarantinedRows(records);
  const ids = [
    ...orders.map(({ mapped }) => mapped.recordId),
    ...quarantined.map(({ recordId }) => recordId),
  ];
  const known = await pointersOf(sql, shopId, ids);
  const isHere = (id: string, index: number): boolean =>
    known.get(id)?.pageId === pageId && known.get(id)?.pageIndex === index;

  const placed = orders.map((order) => withHashOf(known.get(order.mapped.recordId), order));
  const here = placed.filter(({ mapped, pageIndex }) => isHere(mapped.recordId, pageIndex));
  const elsewhere = placed.filter(({ mapped, pageIndex }) => {
    const row = known.get(mapped.recordId);
    if (row === undefined) return true;
    return !isHere(mapped.recordId, pageIndex) && row.updated <= mapped.updateTime;
  });
  // Two transactions, each in the order of keys, so that neither can deadlock with a page that is being synced.
  const restored = await sql.begin(async (tx) => {
    if (elsewhere.length === 0) return 0;
    await lockOrders(tx, shopId, elsewhere);
    if (!(await holdPage(tx, page))) return 0;
    return writeOrders(tx, { shopId, pageId, observedAt, rows: toTypedRows(elsewhere) });
  });
  return sql.begin(async (tx) => {
    await lockOrders(tx, shopId, here);
    if (!(await holdPage(tx, page))) return false;
    const { compared, changed } = await repairOrders(tx, { shopId, pageId, observedAt, orders: here });
    const released = await releaseRecords(tx, { shopId, pageId, observedAt }, orders);
    const aside = await belongingAside(tx, { shopId, pageId }, quarantined, known);
    if (aside.length > 0) {
      await quarantineRecords(tx, { shopId, stream: 'orders', pageId, runId: page.runId, observedAt }, aside);
    }
    await finish(tx, { rebuilt: compared + restored, changed: changed.length + restored, released });
    return true;
  });
}

/** A version whose buyer was erased is the stored one still, in whichever page of several it lies. */
function withHashOf(row: Pointer | undefined, { mapped, pageIndex }: PlacedOrder): PlacedOrder {
  if (row === undefined || row.erasedHash === null || row.updated !== mapped.updateTime)
    return { mapped, pageIndex };
  const rowHash = BigInt(row.erasedHash);
  return { mapped: { ...mapped, rowHash, order: { ...mapped.order, row_hash: rowHash } }, pageIndex };
}

interface Pointer {
  pageId: number;
  pageIndex: number;
  updated: number;
  /** Of an erased buyer's order: its page no longer holds what the hash was made of. */
  erasedHash: string | null;
}

async function pointersOf(sql: Sql, shopId: string, ids: readonly string[]): Promise<Map<string, Pointer>> {
  const rows = await sql<(Pointer & { order_id: string })[]>`
    select order_id, page_id as "pageId", page_index as "pageIndex",
      extract(epoch from updated_at)::bigint as updated,
      case when exists (select 1 from erased_orders e where e.shop_id = orders.shop_id and e.order_id = orders.order_id) then row_hash::text end as "erasedHash"
    from orders where shop_id = ${shopId} and order_id = any(${[...ids]})`;
  return new Map(rows.map((row) => [row.order_id, row]));
}

/**
 * Keeps a page as it is while rows are made of it; false when it is not the one that was read. Taken after the locks
 * of orders, as an erasure takes them.
 */
async function holdPage(tx: Transaction, { pageId, version }: RawPage): Promise<boolean> {
  const held = await tx`
    select 1 from raw_pages where page_id = ${pageId} and xmin::text = ${version} for share`;
  return held.length > 0;
}

async function releaseRecords(
  tx: Transaction,
  page: { shopId: string; pageId: number; observedAt: Date },
  orders: readonly { mapped: { recordId: string } }[],
): Promise<number> {
  const ids = orders.map(({ mapped }) => mapped.recordId);
  const released = await tx`
    delete from quarantined_records
    where shop_id = ${page.shopId} and stream = 'orders' and record_id = any(${ids})
      and (page_id = ${page.pageId} or observed_at < ${page.observedAt})`;
  return released.count;
}

/** Of the records of a page that cannot be read, those of which nothing newer is known. */
async function belongingAside(
  tx: Transaction,
  page: { shopId: string; pageId: number },
  quarantined: readonly QuarantinedRow[],
  known: ReadonlyMap<string, Pointer>,
): Promise<QuarantinedRow[]> {
  if (quarantined.length === 0) return [];
  const ids = quarantined.map(({ recordId }) => recordId);
  const rows = await tx<{ record_id: string; page_id: number }[]>`
    select record_id, page_id from quarantined_records
    where shop_id = ${page.shopId} and stream = 'orders' and record_id = any(${ids})`;
  const aside = new Map(rows.map((row) => [row.record_id, row.page_id]));
  return quarantined.filter(({ recordId, pageIndex }) => {
    const asidePage = aside.get(recordId);
    if (asidePage !== undefined) return asidePage === page.pageId;
    const row = known.get(recordId);
    return row === undefined || (row.pageId === page.pageId && row.pageIndex === pageIndex);
  });
}
