import { setTimeout as wait } from 'node:timers/promises';
import type { Sql, Transaction } from '../db/pool.ts';
import { packRawPage, rawPageEncoding, unpackRawPage } from '../db/queries/raw-page-body.ts';
import { type BuyerFingerprints, erasureNoticeMs, withoutBuyer } from './erased-buyers.ts';
import { beginErasure, type Erasure, finishErasure, type Remainder, rehearsedErasure } from './erasures.ts';
import { forgetErasedOrders } from './forget-conversions.ts';

export interface EraseBuyerOptions {
  sql: Sql;
  fingerprints: BuyerFingerprints;
  shopId: string;
  /** TikTok's user id. */
  buyerId: string;
  /** Counts only. */
  dryRun: boolean;
}

/**
 * Erases a buyer of one shop: personal fields of all their orders are deleted, their id is taken out of orders and
 * raw pages, and a keyed hash of it keeps both from being stored again for orders placed up to now. Repeating it is
 * harmless and covers orders placed since.
 */
export async function eraseBuyer(options: EraseBuyerOptions): Promise<Erasure> {
  const { sql, fingerprints, shopId, buyerId, dryRun } = options;
  if (dryRun) {
    const { personal, orders, pages, events } = await findBuyer(sql, shopId, buyerId);
    const report = reportOf({ personal, orders: orders.length, pages: pages.length, events });
    return rehearsedErasure(shopId, 'buyer', report);
  }
  const fingerprint = (await fingerprints.buyerFingerprints(shopId))(buyerId);
  const erasureId = await sql.begin(async (tx) => {
    await tx`
      insert into erased_buyers (shop_id, buyer_hash) values (${shopId}, decode(${fingerprint}, 'hex'))
      on conflict (shop_id, buyer_hash) do update set erased_at = excluded.erased_at`;
    await rememberOrders(tx, shopId, buyerId);
    return beginErasure(tx, shopId, 'buyer');
  });
  // Whoever prepares a page from now on knows of the erasure; what was prepared before loses its claim below.
  await wait(erasureNoticeMs + noticeMarginMs);
  return sql.begin(async (tx) => {
    await tx`
      update sync_slices slice set claim = claim + 1
      from sync_runs run
      where run.run_id = slice.run_id and run.shop_id = ${shopId} and slice.status = 'walking'`;
    await rememberOrders(tx, shopId, buyerId);
    const { orders, pages } = await findBuyer(tx, shopId, buyerId);
    const personal = await tx`
      delete from order_personal where shop_id = ${shopId} and order_id = any(${orders})`;
    await tx`
      update orders set buyer_id = null where shop_id = ${shopId} and buyer_id = ${buyerId}`;
    for (const pageId of pages) await eraseFromPage(tx, pageId, buyerId);
    const events = await forgetErasedOrders(tx, shopId, orders);
    return finishErasure(
      tx,
      erasureId,
      reportOf({ personal: personal.count, orders: orders.length, pages: pages.length, events }),
    );
  });
}

const noticeMarginMs = 500;

async function rememberOrders(tx: Transaction, shopId: string, buyerId: string): Promise<void> {
  await tx`
    insert into erased_orders (shop_id, order_id)
    select shop_id, order_id from orders where shop_id = ${shopId} and buyer_id = ${buyerId}
    on conflict do nothing`;
}

interface Found {
  /** Orders that name the buyer. */
  orders: string[];
  /** Rows with personal fields of these orders. */
  personal: number;
  /** Raw pages that name the buyer. */
  pages: number[];
  /** Conversion events that were made of these orders and still know the buyer. */
  events: number;
}

async function findBuyer(sql: Sql | Transaction, shopId: string, buyerId: string): Promise<Found> {
  const orders = await sql<{ order_id: string; personal: boolean }[]>`
    select o.order_id, p.order_id is not null as personal
    from orders o left join order_personal p using (shop_id, order_id)
    where o.shop_id = ${shopId} and o.buyer_id = ${buyerId} order by o.order_id`;
  const ids = orders.map((row) => row.order_id);
  // Records set aside have no row that names their buyer: their pages are looked into.
  const candidates = await sql<{ page_id: number; encoding: string; body: Buffer }[]>`
    select page_id, encoding, body from raw_pages
    where shop_id = ${shopId} and (record_ids && ${ids}::text[] or page_id in (
      select page_id from quarantined_records where shop_id = ${shopId}))
    order by page_id`;
  const pages: number[] = [];
  for (const { page_id: pageId, encoding, body } of candidates) {
    if ((await unpackRawPage(encoding, body)).some((record) => isOf(record, buyerId))) pages.push(pageId);
  }
  const [made] = await sql<{ events: number }[]>`
    select count(*) as events from order_conversions c join conversion_events e using (event_id)
    where c.shop_id = ${shopId} and c.order_id = any(${ids}) and e.event_name = 'PURCHASE' and e.sealed is not null`;
  const personal = orders.filter((row) => row.personal).length;
  return { orders: ids, personal, pages, events: made?.events ?? 0 };
}

function isOf(record: unknown, buyerId: string): boolean {
  return (
    typeof record === 'object' && record !== null && 'user_id' in record && String(record.user_id) === buyerId
  );
}

async function eraseFromPage(tx: Transaction, pageId: number, buyerId: string): Promise<void> {
  const [page] = await tx<{ encoding: string; body: Buffer }[]>`
    select encoding, body from raw_pages where page_id = ${pageId} for update`;
  if (page === undefined) return;
  const records = await unpackRawPage(page.encoding, page.body);
  const erased = records.map((record) => (isOf(record, buyerId) ? withoutBuyer(record) : record));
  const body = await packRawPage(erased.map((record) => JSON.stringify(record)));
  await tx`
    update raw_pages set body = ${body}, encoding = ${rawPageEncoding} where page_id = ${pageId}`;
}

const remains: Remainder[] = [
  {
    what: 'The orders themselves: ids, times, amounts, products, tracking numbers',
    why: 'Business records of the shop. They no longer name the buyer.',
  },
  {
    what: 'A keyed hash of the buyer, and the ids of the erased orders',
    why: 'A later read would otherwise store the personal fields again.',
  },
  {
    what: 'Backups of the database made before',
    why: 'Tideline cannot change them: delete them when their time is over, and erase again after restoring one.',
  },
  {
    what: 'What was sent to advertising platforms of purchases, and its evidence until the retention time is over',
    why: 'Hashed, and in requests together with others. The platforms are to be asked for the erasure of their copies.',
  },
  {
    what: 'The copy that TikTok holds',
    why: 'The buyer asks TikTok for its erasure.',
  },
];

function reportOf(counts: {
  personal: number;
  orders: number;
  pages: number;
  events: number;
}): Erasure['report'] & object {
  const { personal, orders, pages, events } = counts;
  return {
    deleted: { order_personal: personal },
    changed: { orders, raw_pages: pages, ...(events === 0 ? {} : { conversion_events: events }) },
    remains,
  };
}
