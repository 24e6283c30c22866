import type { Sql, Transaction } from '../db/pool.ts';

/** Rows deleted in one statement: short enough that nobody waits for its locks. */
const batch = 5_000;

/**
 * Deletes personal rows whose time is over, of every shop, whether it syncs or not. The present setting counts, also
 * for rows that were written under a longer one.
 *
 * @returns how many were deleted.
 */
export async function purgePersonalRows(sql: Sql, retentionDays: number): Promise<number> {
  let deleted = 0;
  while (true) {
    const { count } = await sql`
      delete from order_personal p using (
        select q.shop_id, q.order_id from order_personal q left join orders o using (shop_id, order_id)
        where q.purge_after < now() or coalesce(o.delivered_at, o.cancelled_at,
          case when o.status in ('COMPLETED', 'CANCELLED') then o.updated_at end)
            < now() - make_interval(days => ${retentionDays})
        limit ${batch}) as over
      where p.shop_id = over.shop_id and p.order_id = over.order_id`;
    deleted += count;
    if (count < batch) return deleted;
  }
}

/** Shops whose access ended longer ago than they are kept, and those whose erasure was cut off. */
export async function shopsDueForErasure(sql: Sql | Transaction, retentionDays: number): Promise<string[]> {
  const due = await sql<{ shop_id: string }[]>`
    select shop_id from shops
    where status <> 'active' and (data_key_id is null or access_ended_at < now() - make_interval(days => ${retentionDays}))
    order by access_ended_at`;
  return due.map((row) => row.shop_id);
}
