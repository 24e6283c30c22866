import type { Sql, Transaction } from '../db/pool.ts';
import { TidelineError } from '../errors.ts';
import { destroyUnusedGrants } from './credentials.ts';
import { assertTimeZone } from './time-zone.ts';

/** A shop as the API and the command line show it. */
export interface ShopRecord {
  id: string;
  tiktok_shop_id: string;
  name: string;
  region: string;
  currency: string | null;
  /** IANA name or fixed offset such as `-08:00`. */
  time_zone: string;
  status: 'active' | 'parked' | 'disconnected';
  sync_enabled: boolean;
  /** RFC 3339, UTC. */
  connected_at: string;
  access_token_expires_at: string | null;
  /** Of the owner's own session there, an optional source of analytics; `parked` waits for a new one. */
  seller_center: 'off' | 'active' | 'parked';
  last_error: unknown;
}

export interface ShopChanges {
  timeZone?: string;
  syncEnabled?: boolean;
}

type ShopRow = Omit<ShopRecord, 'connected_at' | 'access_token_expires_at'> & {
  connected_at: Date;
  access_token_expires_at: Date | null;
};

/** All shops, in the order in which they were connected first. */
export async function listShops(sql: Sql | Transaction): Promise<ShopRecord[]> {
  const rows = await sql<ShopRow[]>`
    select ${shopColumns(sql)} from shops s left join credentials c using (credential_id)
    order by length(s.shop_id), s.shop_id`;
  return rows.map(toRecord);
}

/** By own id (`shop-1`), its bare number, or TikTok's id; own ids go first. Null when there is none. */
export async function findShop(sql: Sql, reference: string): Promise<ShopRecord | null> {
  const ownId = /^\d{1,9}$/.test(reference) ? `shop-${Number(reference)}` : reference;
  const [row] = await sql<ShopRow[]>`
    select ${shopColumns(sql)} from shops s left join credentials c using (credential_id)
    where s.shop_id = ${ownId} or s.tiktok_shop_id = ${reference}
    order by s.shop_id = ${ownId} desc
    limit 1`;
  return row === undefined ? null : toRecord(row);
}

/** Sets what an owner may set. Throws TidelineError for an unknown shop (404) or time zone (400). */
export async function updateShop(sql: Sql, shopId: string, changes: ShopChanges): Promise<ShopRecord> {
  if (changes.timeZone !== undefined) assertTimeZone(changes.timeZone);
  await sql`
    update shops set
      time_zone = coalesce(${changes.timeZone ?? null}, time_zone),
      sync_enabled = coalesce(${changes.syncEnabled ?? null}, sync_enabled),
      updated_at = now()
    where shop_id = ${shopId}`;
  const shop = await findShop(sql, shopId);
  if (shop === null) throw unknownShop();
  return shop;
}

/**
 * Ends a connection: the shop's cipher and its session in the seller center are forgotten, and the grant's tokens with
 * their key are destroyed once no other shop uses them. Stored orders stay until the shop's retention time is over. Disconnecting twice changes
 * nothing.
 */
export async function disconnectShop(sql: Sql, shopId: string): Promise<void> {
  await sql.begin((tx) => disconnectShopIn(tx, shopId));
}

/** As {@link disconnectShop}, as part of something bigger. */
export async function disconnectShopIn(tx: Transaction, shopId: string): Promise<void> {
  const shop = await lockShop(tx, shopId);
  if (shop === null) throw unknownShop();
  await tx`
    update shops set status = 'disconnected', credential_id = null, shop_cipher = null,
      parked_reason = null, last_error = null, updated_at = now(),
      access_ended_at = coalesce(access_ended_at, now())
    where shop_id = ${shopId} and (status <> 'disconnected' or credential_id is not null)`;
  await tx`delete from seller_center_connections where shop_id = ${shopId}`;
  if (shop.credential_id !== null) await destroyUnusedGrants(tx, [shop.credential_id]);
}

/** Holds a shop and its grant until the transaction ends; null when there is no such shop. */
export async function lockShop(
  tx: Transaction,
  shopId: string,
): Promise<{ credential_id: number | null } | null> {
  // The grant before the shop, as whoever refreshes and parks does it: else the two could wait for each other.
  await tx`
    select 1 from credentials
    where credential_id = (select credential_id from shops where shop_id = ${shopId}) for update`;
  const [shop] = await tx<{ credential_id: number | null }[]>`
    select credential_id from shops where shop_id = ${shopId} for update`;
  return shop ?? null;
}

function shopColumns(sql: Sql | Transaction) {
  return sql`s.shop_id as id, s.tiktok_shop_id, s.name, s.region, s.currency, s.time_zone, s.status,
    s.sync_enabled, s.connected_at, c.access_token_expires_at, s.last_error,
    coalesce((select m.status from seller_center_connections m where m.shop_id = s.shop_id), 'off') as seller_center`;
}

function toRecord(row: ShopRow): ShopRecord {
  return {
    ...row,
    connected_at: row.connected_at.toISOString(),
    access_token_expires_at: row.access_token_expires_at?.toISOString() ?? null,
  };
}

function unknownShop(): TidelineError {
  return new TidelineError({
    code: 'shop-not-found',
    message: 'There is no such shop.',
    actor: 'user',
    status: 404,
  });
}
