import type { Sql, Transaction } from '../pool.ts';
import type { ShopScope } from './shop-scope.ts';

/** Whether, from when on and where to a shop's paid orders are told as purchases. */
export interface ConversionSource {
  enabled: boolean;
  /** Orders that were paid before are left alone; null: it was never switched on. */
  paidFrom: Date | null;
  /** Null: every destination. */
  destinations: readonly string[] | null;
}

/** As it is set for a shop; off where nobody has set anything. */
export function readConversionSource(scope: ShopScope, sql: Sql): Promise<ConversionSource> {
  return loadConversionSource(sql, scope.shopId);
}

/** As {@link readConversionSource}, for those who work for nobody in particular. */
export async function loadConversionSource(sql: Sql, shopId: string): Promise<ConversionSource> {
  const [row] = await sql<ConversionSource[]>`
    select enabled, paid_from as "paidFrom", destinations from conversion_sources where shop_id = ${shopId}`;
  return row ?? { enabled: false, paidFrom: null, destinations: null };
}

/** How long writers of orders may keep the switch waiting, in PostgreSQL's words. */
const patience = '5s';

/**
 * Sets the source of a shop. Switched on, it looks at the orders that are stored already and were paid since
 * `paidFrom`; switched off, it forgets what it has not looked at yet.
 *
 * @throws an error of PostgreSQL (55P03) when orders are being written for longer than is worth waiting
 */
export async function writeConversionSource(
  scope: ShopScope,
  sql: Sql,
  { enabled, paidFrom, destinations }: ConversionSource & { paidFrom: Date },
): Promise<void> {
  const { shopId } = scope;
  await sql.begin(async (tx) => {
    await tx`select set_config('lock_timeout', ${patience}, true)`;
    // Who began to write orders before this knows nothing of the source: let them commit, so that they are seen below.
    await tx`lock table orders in share mode`;
    await tx`
      insert into conversion_sources (shop_id, enabled, paid_from, destinations)
      values (${shopId}, ${enabled}, ${paidFrom}, ${destinations === null ? null : [...destinations]}::text[])
      on conflict (shop_id) do update set enabled = excluded.enabled, paid_from = excluded.paid_from,
        destinations = excluded.destinations, updated_at = now()`;
    if (enabled) await markOrders(tx, shopId, { from: paidFrom, to: null });
    else await tx`delete from order_conversion_marks where shop_id = ${shopId}`;
  });
}

/**
 * Has the orders looked at (again) that were paid in a range.
 *
 * @returns how many there are
 */
export async function replayConversionSource(
  scope: ShopScope,
  sql: Sql,
  paid: { from: Date; to: Date },
): Promise<number> {
  return markOrders(sql, scope.shopId, paid);
}

async function markOrders(
  sql: Sql | Transaction,
  shopId: string,
  { from, to }: { from: Date; to: Date | null },
): Promise<number> {
  // An order is never changed before it is paid: the index of changes spares the rest of the shop.
  const { count } = await sql`
    insert into order_conversion_marks (shop_id, order_id)
    select shop_id, order_id from orders
    where shop_id = ${shopId} and updated_at >= ${from} and paid_at >= ${from}
      and (${to}::timestamptz is null or paid_at < ${to}) and status <> 'UNPAID'`;
  return count;
}
