import { type ErasedBuyers, eraseFromRecord, isErased, isErasedOrder } from '../../privacy/erased-buyers.ts';
import type { MappedOrder, QuarantinedRecord } from '../../sources/tiktok-shop/streams/orders/map.ts';
import { isMasked, type PersonalFields } from '../../sources/tiktok-shop/streams/orders/personal.ts';
import { bulk, type Column, cleanText, columnArrays, unnestClause } from '../column-arrays.ts';
import type { Sql, Transaction } from '../pool.ts';
import type { PersonalRecord } from './order-rows.ts';

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

type OrderRecord = MappedOrder | QuarantinedRecord;

export interface PersonalStore {
  /** Whether anybody's data was erased in a shop. */
  hasErased(shopId: string): Promise<boolean>;
  /** The same records, without what is personal of buyers who were erased, their id included. */
  withoutErased(shopId: string, records: readonly OrderRecord[]): Promise<readonly OrderRecord[]>;
  /** Encrypts what is still inside the retention time; old orders and those of erased buyers keep nothing. */
  prepare(shopId: string, observedAt: Date, orders: readonly PersonalRecord[]): Promise<PersonalRow[]>;
  /** A masked copy never overwrites an unmasked one, an older read never a newer one. */
  write(tx: Transaction, shopId: string, rows: readonly PersonalRow[]): Promise<void>;
  read(sql: Sql, shopId: string, orderId: string): Promise<PersonalFields | null>;
  /** As {@link PersonalStore.read}, of several orders by their ids; those without any are missing. */
  readMany(sql: Sql, shopId: string, orderIds: readonly string[]): Promise<Map<string, PersonalFields>>;
}

const columns: readonly Column[] = [
  ['order_id', 'text'],
  ['data_key_id', 'bigint'],
  ['ciphertext', 'bytea'],
  ['masked', 'boolean'],
  ['observed_at', 'timestamptz'],
  ['purge_after', 'timestamptz'],
];
const names = columns.map(([name]) => name).join(', ');
const replaced = ['data_key_id', 'ciphertext', 'masked', 'observed_at'];

// A masked copy of an order whose fields are known brings one news, the order's end: it sets the time, not the fields.
const upsertPersonal = `
insert into order_personal as stored (shop_id, ${names})
select $1, ${names} from ${unnestClause(columns, 'incoming', 2)}
where not exists (select 1 from erased_orders e where e.shop_id = $1 and e.order_id = incoming.order_id)
on conflict (shop_id, order_id) do update set purge_after = excluded.purge_after,
  ${replaced.map((name) => `${name} = case when stored.masked or not excluded.masked then excluded.${name} else stored.${name} end`).join(',\n  ')}
where excluded.observed_at >= stored.observed_at`;

const day = 86_400_000;
/** An order that never closes keeps its personal fields this long after its last change. */
const openRetentionDays = 90;

/** Without what no column of text can hold: who copies the fields elsewhere would stumble over it. */
function toJson(personal: PersonalFields): string {
  return JSON.stringify(personal, (_, value: unknown) =>
    typeof value === 'string' ? cleanText(value) : value,
  );
}

/** Keeps personal fields for `retentionDays` after an order was delivered or cancelled. */
export function createPersonalStore(
  cipher: PersonalCipher,
  retentionDays: number,
  erasedBuyers: ErasedBuyers,
): PersonalStore {
  const purgeAfter = (order: PersonalRecord): Date =>
    order.closedTime === null
      ? new Date(order.updateTime * 1000 + Math.max(retentionDays, openRetentionDays) * day)
      : new Date(order.closedTime * 1000 + retentionDays * day);

  return {
    hasErased: async (shopId) => (await erasedBuyers.of(shopId)) !== null,

    async withoutErased(shopId, records) {
      const erased = await erasedBuyers.of(shopId);
      if (erased === null) return records;
      return records.map((record) => (isErased(erased, record) ? eraseFromRecord(record) : record));
    },

    async prepare(shopId, observedAt, orders) {
      const erased = await erasedBuyers.of(shopId);
      const rows: PersonalRow[] = [];
      for (const order of orders) {
        const { recordId: orderId, personal } = order;
        const purge = purgeAfter(order);
        if (personal === null || purge <= observedAt || (erased !== null && isErasedOrder(erased, order)))
          continue;
        const sealed = await cipher.encrypt(shopId, orderId, Buffer.from(toJson(personal)));
        rows.push({ orderId, ...sealed, masked: isMasked(personal), observedAt, purgeAfter: purge });
      }
      return rows.toSorted((a, b) => (a.orderId < b.orderId ? -1 : 1));
    },

    async write(tx, shopId, rows) {
      if (rows.length === 0) return;
      const values = rows.map((row) => ({
        order_id: row.orderId,
        data_key_id: row.dataKeyId,
        ciphertext: `\\x${row.ciphertext.toString('hex')}`,
        masked: row.masked,
        observed_at: row.observedAt.toISOString(),
        purge_after: row.purgeAfter.toISOString(),
      }));
      await bulk(tx, upsertPersonal, [shopId, ...columnArrays(columns, values)]);
    },

    async read(sql, shopId, orderId) {
      return (await this.readMany(sql, shopId, [orderId])).get(orderId) ?? null;
    },

    async readMany(sql, shopId, orderIds) {
      const rows = await sql<{ order_id: string; data_key_id: number; ciphertext: Buffer }[]>`
        select order_id, data_key_id, ciphertext from order_personal
        where shop_id = ${shopId} and order_id = any(${[...orderIds]}) and purge_after > now()`;
      const opened = new Map<string, PersonalFields>();
      for (const row of rows) {
        const plaintext = await cipher.decrypt(shopId, row.order_id, row.data_key_id, row.ciphertext);
        opened.set(row.order_id, JSON.parse(plaintext.toString()) as PersonalFields);
      }
      return opened;
    },
  };
}
