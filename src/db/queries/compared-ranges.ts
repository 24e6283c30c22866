import type { Sql } from '../pool.ts';

/** Where to cut ranges of stored orders. Times are Unix seconds. */

/** Creation times that cut the stored orders before `to` into parts of equal size: two at least, `mostParts` at most. */
export async function cutByCreation(
  sql: Sql,
  shopId: string,
  to: number,
  ordersInEach: number,
  mostParts: number,
): Promise<{ stored: number; cuts: number[] }> {
  const [row] = await sql<{ stored: number; cuts: number[] | null }[]>`
    with counted as (
      select count(*) as stored, greatest(2, least(${mostParts}, ceil(count(*)::numeric / ${ordersInEach}))) as parts
      from orders where shop_id = ${shopId} and created_at < to_timestamp(${to})
    )
    select stored, (
      select array_agg(distinct extract(epoch from created_at)::bigint::int) from (
        select created_at, row_number() over (order by created_at) as place from orders
        where shop_id = ${shopId} and created_at < to_timestamp(${to})
      ) placed
      where place % ceil(stored / parts)::bigint = 0) as cuts
    from counted`;
  return { stored: row?.stored ?? 0, cuts: (row?.cuts ?? []).toSorted((a, b) => a - b) };
}

/** Update times that cut what is stored of a range into parts of about `ordersInEach`. */
export async function cutByUpdate(
  sql: Sql,
  shopId: string,
  range: { from: number; to: number },
  ordersInEach: number,
): Promise<number[]> {
  const rows = await sql<{ cut: number }[]>`
    select distinct extract(epoch from updated_at)::bigint as cut from (
      select updated_at, row_number() over (order by updated_at) as place from orders
      where shop_id = ${shopId} and updated_at >= to_timestamp(${range.from}) and updated_at < to_timestamp(${range.to})
    ) placed where place % ${ordersInEach} = 0 order by cut`;
  return rows.map((row) => row.cut).filter((cut) => cut > range.from && cut < range.to);
}

/** An order with its place among all orders of the shop by creation time. */
export interface RankedOrder {
  created: number;
  rank: number;
}

/**
 * Open orders that are due to be read again, youngest first: those of the last week every time, the others in turn,
 * up to a month old every third day, up to half a year old every week, older ones every month.
 */
export async function openOrdersDue(
  sql: Sql,
  shopId: string,
  { to, day }: { to: number; day: number },
): Promise<RankedOrder[]> {
  return sql<RankedOrder[]>`
    with ranked as (
      select order_id, status, extract(epoch from created_at)::bigint as created,
        row_number() over (order by created_at, order_id) as rank
      from orders where shop_id = ${shopId} and created_at < to_timestamp(${to})
    ), aged as (
      select *, case when ${to} - created < 7 * 86400 then 1 when ${to} - created < 30 * 86400 then 3
        when ${to} - created < 182 * 86400 then 7 else 30 end as turns
      from ranked where status not in ('COMPLETED', 'CANCELLED')
    )
    select created, rank from aged where (hashtext(order_id) & 65535) % turns = ${day} % turns
    order by created desc, rank desc`;
}

/** The places of certain orders, youngest first. */
export async function rankOrders(
  sql: Sql,
  shopId: string,
  orderIds: readonly string[],
): Promise<RankedOrder[]> {
  return sql<RankedOrder[]>`
    select created, rank from (
      select order_id, extract(epoch from created_at)::bigint as created,
        row_number() over (order by created_at, order_id) as rank
      from orders where shop_id = ${shopId}
    ) ranked where order_id = any(${[...orderIds]}) order by created desc, rank desc`;
}
