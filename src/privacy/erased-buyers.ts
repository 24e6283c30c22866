import type { Sql } from '../db/pool.ts';
import type { MappedOrder, QuarantinedRecord } from '../sources/tiktok-shop/streams/orders/map.ts';

/** Recognises buyers of a shop by keyed hashes; tells nothing about who they are. */
export interface BuyerFingerprints {
  /** @returns a function from a buyer's id to its hash in hexadecimal. */
  buyerFingerprints(shopId: string): Promise<(buyerId: string) => string>;
}

/** Who was erased in one shop. */
export interface Erased {
  fingerprint(buyerId: string): string;
  /** Hash of a buyer to the Unix second up to which their orders are erased. */
  buyers: ReadonlyMap<string, number>;
  /** Ids of stored orders of such buyers. */
  orders: ReadonlySet<string>;
}

export interface ErasedBuyers {
  /** Null when nobody was erased; at most {@link erasureNoticeMs} old. */
  of(shopId: string): Promise<Erased | null>;
}

/** After this every process has noticed a new erasure, milliseconds. */
export const erasureNoticeMs = 2_000;

/** Knows who was erased, asking the database at most every two seconds a shop. */
export function createErasedBuyers(sql: Sql, fingerprints: BuyerFingerprints): ErasedBuyers {
  const known = new Map<string, { erased: Promise<Erased | null>; until: number }>();
  return {
    of(shopId) {
      const entry = known.get(shopId);
      if (entry !== undefined && entry.until > performance.now()) return entry.erased;
      // The time counts from before the question: an erasure that commits meanwhile may be missing in the answer.
      const until = performance.now() + erasureNoticeMs;
      const erased = loadErased(sql, fingerprints, shopId);
      known.set(shopId, { erased, until });
      erased.catch(() => known.delete(shopId));
      return erased;
    },
  };
}

async function loadErased(sql: Sql, fingerprints: BuyerFingerprints, shopId: string): Promise<Erased | null> {
  const buyers = await sql<{ hash: string; until: number }[]>`
    select encode(buyer_hash, 'hex') as hash, floor(extract(epoch from erased_at))::bigint as until
    from erased_buyers where shop_id = ${shopId}`;
  if (buyers.length === 0) return null;
  const orders = await sql<{ order_id: string }[]>`
    select order_id from erased_orders where shop_id = ${shopId}`;
  return {
    fingerprint: await fingerprints.buyerFingerprints(shopId),
    buyers: new Map(buyers.map(({ hash, until }) => [hash, until])),
    orders: new Set(orders.map((row) => row.order_id)),
  };
}

/** What tells whose order a record is. */
export interface OrderOfBuyer {
  recordId: string;
  buyerId: string | null;
  /** Unix seconds. */
  createTime: number | null;
}

/** Whether an order belongs to an erased buyer: one that was placed after the erasure does not. */
export function isErasedOrder(erased: Erased, { recordId, buyerId, createTime }: OrderOfBuyer): boolean {
  if (erased.orders.has(recordId)) return true;
  if (buyerId === null) return false;
  const until = erased.buyers.get(erased.fingerprint(buyerId));
  return until !== undefined && (createTime === null || createTime <= until);
}

export function isErased(erased: Erased, record: MappedOrder | QuarantinedRecord): boolean {
  return isErasedOrder(erased, { recordId: record.recordId, ...buyerOf(record) });
}

/** Buyer and time of a record, as far as it names them. */
export function buyerOf(record: MappedOrder | QuarantinedRecord): Omit<OrderOfBuyer, 'recordId'> {
  if (record.kind === 'order') {
    const { buyer_id: buyerId, created_at: createTime } = record.order;
    return {
      buyerId: typeof buyerId === 'string' ? buyerId : null,
      createTime: typeof createTime === 'number' ? createTime : null,
    };
  }
  const fields = JSON.parse(record.json) as { user_id?: unknown } | null;
  const buyerId = fields?.user_id;
  return {
    buyerId: typeof buyerId === 'string' || typeof buyerId === 'number' ? String(buyerId) : null,
    createTime: record.createTime,
  };
}

/**
 * A record without its buyer. The row hash stays that of the answer, so that a later read of the same version is
 * still known to be unchanged.
 */
export function eraseFromRecord<Kept extends MappedOrder | QuarantinedRecord>(record: Kept): Kept {
  const json = JSON.stringify(withoutBuyer(JSON.parse(record.json)));
  return record.kind === 'order'
    ? { ...record, json, personal: null, order: { ...record.order, buyer_id: null } }
    : { ...record, json };
}

/** Takes the buyer's id out of an order as TikTok sends it, wherever it stands. Other fields stay as they are. */
export function withoutBuyer(order: unknown): unknown {
  if (typeof order !== 'object' || order === null || !('user_id' in order)) return order;
  const buyerId = String(order.user_id);
  const erase = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(erase);
    if (typeof value === 'object' && value !== null) {
      return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, erase(field)]));
    }
    return (typeof value === 'string' || typeof value === 'number') && String(value) === buyerId
      ? null
      : value;
  };
  return buyerId === '' ? order : erase(order);
}
