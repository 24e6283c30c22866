import type { MappedOrder } from '../../sources/tiktok-shop/streams/orders/map.ts';
import { isMasked, type PersonalFields } from '../../sources/tiktok-shop/streams/orders/personal.ts';
import type { Sql, Transaction } from '../pool.ts';

/** Encrypts and decrypts one order's personal fields under its shop's data key. */
export interface PersonalCipher {
  encrypt(
    shopId: string,
    orderId: string,
    plaintext: Buffer,
  ): Promise<{ dataKeyId: number; ciphertext: Buffer }>;
  decrypt(shopId: string, orderId: string, dataKeyId: number, ciphertext: Buffer): Promise<Buffer>;
}

export interface PersonalRow {
  orderId: string;
  dataKeyId: number;
  ciphertext: Buffer;
  masked: boolean;
  observedAt: Date;
  purgeAfter: Date;
}

export interface PersonalStore {
  /** Encrypts what is still inside the retention time; an old order keeps nothing. */
  prepare(shopId: string, observedAt: Date, orders: readonly MappedOrder[]): Promise<PersonalRow[]>;
  /** A masked copy never overwrites an unmasked one, an older read never a newer one. */
  write(tx: Transaction, shopId: string, rows: readonly PersonalRow[]): Promise<void>;
  read(sql: Sql, shopId: string, orderId: string): Promise<PersonalFields | null>;
}

const day = 86_400_000;
/** An order that never closes keeps its personal fields this long after its last change. */
const openRetentionDays = 90;

/** Keeps personal fields for `retentionDays` after an order was delivered or cancelled. */
export function createPersonalStore(cipher: PersonalCipher, retentionDays: number): PersonalStore {
  const purgeAfter = (order: MappedOrder): Date =>
    order.closedTime === null
      ? new Date(order.updateTime * 1000 + Math.max(retentionDays, openRetentionDays) * day)
      : new Date(order.closedTime * 1000 + retentionDays * day);

  return {
    async prepare(shopId, observedAt, orders) {
      const kept = orders.flatMap((order) => {
        const purge = purgeAfter(order);
        return order.personal !== null && purge > observedAt
          ? [{ orderId: order.recordId, personal: order.personal, purgeAfter: purge }]
          : [];
      });
      const rows: PersonalRow[] = [];
      for (const { orderId, personal, purgeAfter } of kept) {
        const sealed = await cipher.encrypt(shopId, orderId, Buffer.from(JSON.stringify(personal)));
        rows.push({ orderId, ...sealed, masked: isMasked(personal), observedAt, purgeAfter });
      }
      return rows.toSorted((a, b) => (a.orderId < b.orderId ? -1 : 1));
    },

    async write(tx, shopId, rows) {
      if (rows.length === 0) return;
      const values = rows.map((row) => ({
        shop_id: shopId,
        order_id: row.orderId,
        data_key_id: row.dataKeyId,
        ciphertext: row.ciphertext,
        masked: row.masked,
        observed_at: row.observedAt,
        purge_after: row.purgeAfter,
      }));
      await tx`
        insert into order_personal ${tx(values)}
        on conflict (shop_id, order_id) do update set data_key_id = excluded.data_key_id,
          ciphertext = excluded.ciphertext, masked = excluded.masked, observed_at = excluded.observed_at,
          purge_after = excluded.purge_after
        where excluded.observed_at >= order_personal.observed_at
          and (order_personal.masked or not excluded.masked)`;
    },

    async read(sql, shopId, orderId) {
      const [row] = await sql<{ data_key_id: number; ciphertext: Buffer }[]>`
        select data_key_id, ciphertext from order_personal
        where shop_id = ${shopId} and order_id = ${orderId} and purge_after > now()`;
      if (row === undefined) return null;
      const plaintext = await cipher.decrypt(shopId, orderId, row.data_key_id, row.ciphertext);
      return JSON.parse(plaintext.toString()) as PersonalFields;
    },
  };
}
