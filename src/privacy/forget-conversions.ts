import type { Sql, Transaction } from '../db/pool.ts';

/**
 * Takes what is personal out of the conversion events that were made of orders whose buyers were erased.
 *
 * @returns how many events there were
 */
export async function forgetErasedOrders(
  sql: Sql | Transaction,
  shopId: string,
  orderIds: readonly string[],
): Promise<number> {
  const { count } = await sql`
    update conversion_events e set sealed = null
    from erased_orders o
    where o.shop_id = ${shopId} and o.order_id = any(${[...orderIds]}) and e.event_name = 'PURCHASE'
      and e.event_id = 'tiktok-shop-' || o.order_id and e.sealed is not null`;
  return count;
}

/**
 * Takes what is personal out of the conversion events that were made of a shop's orders.
 *
 * @returns how many events there were
 */
export async function forgetOrdersOfShop(tx: Transaction, shopId: string): Promise<number> {
  const { count } = await tx`
    update conversion_events e set sealed = null
    from order_conversions c
    where c.shop_id = ${shopId} and e.event_name = 'PURCHASE' and e.event_id = c.event_id and e.sealed is not null`;
  return count;
}
