import type postgres from 'postgres';
import type { Transaction } from '../pool.ts';
import type { FoundOrders } from '../queries/find-orders.ts';
import { type OrderFilters, whereOrders } from '../queries/order-filters.ts';
import type { ShopScope } from '../queries/shop-scope.ts';
import { nearShopDay, shopDay } from './shop-days.ts';

type Fragment = postgres.PendingQuery<postgres.Row[]>;

/** How a snapshot cuts a shop's orders into days, and which UTC days the totals are not true for. */
export interface ShopCalendar {
  timeZone: string;
  marked: readonly string[];
}

export async function readShopCalendar(scope: ShopScope, tx: Transaction): Promise<ShopCalendar> {
  const [shop] = await tx<{ timeZone: string; marked: string[] }[]>`
    select time_zone as "timeZone", array(
      select distinct utc_date from order_day_marks m where m.shop_id = s.shop_id)::text[] as marked
    from shops s where shop_id = ${scope.shopId}`;
  if (shop === undefined) throw new Error(`There is no shop ${scope.shopId}.`);
  return shop;
}

/**
 * The matched orders of the snapshot in groups, as a query: `currency`, `status`, `date` (a day of the shop), `orders`
 * and `amount`; several rows may be of one group.
 */
export function groupOrders(
  scope: ShopScope,
  tx: Transaction,
  { filters, found, calendar }: { filters: OrderFilters; found: FoundOrders; calendar: ShopCalendar },
): Fragment {
  const matching = whereOrders(scope, tx, { filters, found, reach: 'all' });
  return narrowsByDayOnly(filters)
    ? countFromTotals(scope, tx, { filters, matching, calendar })
    : countOrders(tx, matching, calendar);
}

const dayFilters = new Set<string>(['status', 'created_ge', 'created_lt']);

function narrowsByDayOnly(filters: OrderFilters): boolean {
  return Object.entries(filters).every(([name, value]) => value === undefined || dayFilters.has(name));
}

function countOrders(tx: Transaction, matching: Fragment, { timeZone }: ShopCalendar): Fragment {
  return tx`
    select o.currency, o.status, ${shopDay(tx, timeZone, tx`o.created_at`)} as date, count(*) as orders,
      sum(o.total_amount) as amount
    from orders o where ${matching}
    group by 1, 2, 3`;
}

/** From the totals wherever these hold, else from the orders. */
function countFromTotals(
  scope: ShopScope,
  tx: Transaction,
  { filters, matching, calendar }: { filters: OrderFilters; matching: Fragment; calendar: ShopCalendar },
): Fragment {
  const { timeZone, marked } = calendar;
  const { status, created_ge: from, created_lt: to } = filters;
  const dayOf = (bound: string): Fragment => shopDay(tx, timeZone, tx`${bound}::text::timestamptz`);
  const first = from === undefined ? tx`'-infinity'::date` : dayOf(from);
  const last = to === undefined ? tx`'infinity'::date` : dayOf(to);
  const cut = [from, to].flatMap((bound) => (bound === undefined ? [] : [tx`union select ${dayOf(bound)}`]));
  const near = nearShopDay(tx, timeZone, { instant: tx`o.created_at`, day: tx`day.date` });
  return tx`
    with counted_days as materialized (
      select distinct date from (
        select utc_date + n as date from unnest(${[...marked]}::text[]::date[]) as utc_date, generate_series(-1, 1) as n
        ${cut.reduce((some, more) => tx`${some} ${more}`, tx``)}
      ) as days where date between ${first} and ${last}
    )
    select currency, status, date, orders, amount from order_day_totals
    where shop_id = ${scope.shopId} and date between ${first} and ${last}
      and date not in (select date from counted_days)
      ${status?.length ? tx`and status = any(${[...status]})` : tx``}
    union all
    select o.currency, o.status, day.date, count(*), sum(o.total_amount)
    from counted_days as day
    join lateral (
      select o.created_at, o.currency, o.status, o.total_amount from orders o
      where ${matching} and ${near}
      offset 0
    ) as o on ${shopDay(tx, timeZone, tx`o.created_at`)} = day.date
    group by o.currency, o.status, day.date`;
}
