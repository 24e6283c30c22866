import type postgres from 'postgres';
import type { Day } from '../../analytics/calendar.ts';
import type { Transaction } from '../pool.ts';
import type { ShopScope } from '../queries/shop-scope.ts';
import { shopDayStart } from './shop-days.ts';

/** What the sales of a shop are counted by. */
export interface Till {
  shopId: string;
  timeZone: string;
  /** Of TikTok's figures, else the shop's, else of its newest order; null where there is none at all. */
  currency: string | null;
}

export async function readTill({ shopId }: ShopScope, tx: Transaction): Promise<Till> {
  const [shop] = await tx<Omit<Till, 'shopId'>[]>`
    select s.time_zone as "timeZone", coalesce(a.currency, s.currency, (
      select o.currency from orders o where o.shop_id = s.shop_id order by o.created_at desc limit 1)) as currency
    from shops s left join analytics_streams a on a.shop_id = s.shop_id and a.stream = 'shop'
    where s.shop_id = ${shopId}`;
  if (shop === undefined) throw new Error(`There is no shop ${shopId}.`);
  return { shopId, ...shop };
}

/** No order is paid later than this after it was created; what is older need not be read. */
const latestPayment = '180 days';

/**
 * Paid orders that may be of the days from `from` up to, and without, `to`, whatever zone cuts them: `paid_at`,
 * `is_cancelled`, `buyer_id`, `items_count` and `amount`, which is what their items were sold for.
 */
export function paidOrders(
  tx: Transaction,
  { shopId, currency, timeZone }: Till,
  { from, to }: { from: Day; to: Day },
): postgres.PendingQuery<postgres.Row[]> {
  const bound = (day: Day) => shopDayStart(tx, timeZone, tx`${day}::text::date`);
  return tx`
    select o.paid_at, o.status = 'CANCELLED' as is_cancelled, o.buyer_id, o.items_count,
      coalesce(o.sub_total, (
        select sum(l.unit_price) from line_items l where l.shop_id = o.shop_id and l.order_id = o.order_id)) as amount
    from orders o
    where o.shop_id = ${shopId} and o.status <> 'UNPAID' and o.currency = ${currency}
      and o.paid_at >= ${bound(from)} - interval '2 days' and o.paid_at < ${bound(to)} + interval '2 days'
      and o.created_at >= ${bound(from)} - ${latestPayment}::interval and o.created_at < ${bound(to)} + interval '2 days'`;
}
