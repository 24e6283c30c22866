import type { Sql, Transaction } from '../db/pool.ts';
import { disconnectShopIn, lockShop } from '../shops/shops.ts';
import {
  beginErasure,
  type Erasure,
  type ErasureReport,
  findErasure,
  finishErasure,
  type Remainder,
  rehearsedErasure,
} from './erasures.ts';
import { forgetOrdersOfShop } from './forget-conversions.ts';
import { shopsDueForErasure } from './purge.ts';

/** Counts what the erasure of a shop would delete. */
export async function rehearseShopErasure(sql: Sql, shopId: string): Promise<Erasure> {
  const deleted: Record<string, number> = {};
  for (const table of await tablesOfShops(sql)) {
    const [counted] = await sql<{ rows: number }[]>`
      select count(*) as rows from ${sql(table)} where shop_id = ${shopId}`;
    if (counted !== undefined && counted.rows > 0) deleted[table] = counted.rows;
  }
  return rehearsedErasure(shopId, 'shop', { deleted: { ...deleted, shops: 1 }, changed: {}, remains });
}

/**
 * Begins the erasure of a shop: its access ends and its data key is destroyed at once, so that nothing encrypted can
 * be read any more, by anybody; the rows go with {@link eraseShop}. Asked again it answers the erasure that has begun.
 *
 * @param shopId one that exists; else it throws TidelineError 404.
 * @returns the erasure's id.
 */
export async function beginShopErasure(sql: Sql, shopId: string): Promise<string> {
  return sql.begin((tx) => beginIn(tx, shopId));
}

/** As {@link beginShopErasure}, but only while the shop's time is over; null when it is not, or is no more. */
export async function beginDueErasure(
  sql: Sql,
  shopId: string,
  retentionDays: number,
): Promise<string | null> {
  return sql.begin(async (tx) => {
    await lockShop(tx, shopId);
    const due = await shopsDueForErasure(tx, retentionDays);
    return due.includes(shopId) ? beginIn(tx, shopId) : null;
  });
}

async function beginIn(tx: Transaction, shopId: string): Promise<string> {
  await disconnectShopIn(tx, shopId);
  const [shop] = await tx<{ data_key_id: number | null }[]>`
      select data_key_id from shops where shop_id = ${shopId}`;
  await tx`update shops set data_key_id = null, sync_enabled = false where shop_id = ${shopId}`;
  if (shop?.data_key_id != null) await tx`delete from data_keys where data_key_id = ${shop.data_key_id}`;
  const [begun] = await tx<{ erasure_id: string }[]>`
      select erasure_id from erasures where shop_id = ${shopId} and subject = 'shop' and finished_at is null`;
  return begun?.erasure_id ?? beginErasure(tx, shopId, 'shop');
}

/** Deletes every row of a shop whose erasure has begun, the shop's own last. Done twice it changes nothing. */
export async function eraseShop(sql: Sql, erasureId: string): Promise<Erasure> {
  const erasure = await findErasure(sql, erasureId);
  if (erasure === null) throw new Error(`Erasure ${erasureId} was never begun.`);
  if (erasure.status === 'finished') return erasure;
  const { shop_id: shopId } = erasure;
  return sql.begin(async (tx) => {
    const deleted: Record<string, number> = {};
    const events = await forgetOrdersOfShop(tx, shopId);
    const tables = await tablesOfShops(tx);
    // Triggers of one table may write into another: until a pass finds nothing.
    for (let before = -1, after = 0; before !== after; ) {
      before = after;
      for (const table of tables) {
        const { count } = await tx`delete from ${tx(table)} where shop_id = ${shopId}`;
        if (count > 0) deleted[table] = (deleted[table] ?? 0) + count;
        after += count;
      }
    }
    const { count: shops } = await tx`delete from shops where shop_id = ${shopId} and data_key_id is null`;
    if (shops === 0) throw new Error(`Shop ${shopId} was connected again while it was being erased.`);
    const changed: Record<string, number> = events === 0 ? {} : { conversion_events: events };
    const report: ErasureReport = { deleted: { ...deleted, shops }, changed, remains };
    return finishErasure(tx, erasureId, report);
  });
}

/**
 * Every table with rows of shops, from the catalog: one that is added later cannot be forgotten. Runs come first: with
 * them go the slices, which waits for page transactions under way and refuses later ones.
 */
async function tablesOfShops(sql: Sql | Transaction): Promise<string[]> {
  const rows = await sql<{ name: string }[]>`
    select c.relname as name
    from pg_class c join pg_attribute a on a.attrelid = c.oid
    where c.relnamespace = 'tideline'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
      and a.attname = 'shop_id' and not a.attisdropped and c.relname not in ('shops', 'erasures')
    order by c.relname <> 'sync_runs', c.relname`;
  return rows.map((row) => row.name);
}

const remains: Remainder[] = [
  {
    what: 'This report, and the id of the shop in it',
    why: 'Proof that the shop was erased.',
  },
  {
    what: "Histories of the shop's workflows in Temporal, until its retention (30 days) is over",
    why: 'They hold ids, ranges and counts of runs; nothing of an order, a buyer or a token.',
  },
  {
    what: 'Backups of the database made before',
    why: 'Tideline cannot change them. What is personal in them is under a key that only they still hold: delete them.',
  },
  {
    what: 'Bytes that PostgreSQL freed but has not overwritten yet, write-ahead log included',
    why: 'They hold personal fields and tokens as ciphertext only.',
  },
  {
    what: 'Conversion events and deliveries of its orders: ids, times, amounts, outcomes; evidence until the retention time is over',
    why: 'They prove what was told to advertising platforms. The events know nobody any more.',
  },
  {
    what: 'What TikTok holds',
    why: 'It is the platform’s own.',
  },
];
