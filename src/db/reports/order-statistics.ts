import type postgres from 'postgres';
import type { Sql, Transaction } from '../pool.ts';
import { type OrderFilters, whereOrders } from '../queries/order-filters.ts';
import type { ShopScope } from '../queries/shop-scope.ts';
import { currencyDigits, divideHalfUp, zeroOf } from './money.ts';
import { nearShopDay, shopDay } from './shop-days.ts';

/** Statistics of orders in one currency. Sums are exact; days are the shop's. */
export interface OrderStatistics {
  total_orders: number;
  /** Everything but unpaid orders; cancelled ones included, as the seller center counts. */
  gmv: string;
  /** Without the cancelled ones. */
  net_gmv: string;
  /** Over the orders that are not unpaid, rounded half up to the currency's digits; null when there are none. */
  average_order_value: string | null;
  currency: string | null;
  by_status: { status: string; orders: number; gmv: string }[];
  by_day: { date: string; orders: number; gmv: string }[];
}

interface GroupRow {
  currency: string;
  status: string | null;
  date: string | null;
  orders: number;
  not_unpaid: number;
  gmv: string | null;
  net_gmv: string | null;
}

type Fragment = postgres.PendingQuery<postgres.Row[]>;

/**
 * The matched orders in numbers: one element for each currency, none when nothing matched. Filters by status and
 * creation time are answered from the totals of days, and as exactly: the days that the totals are not true for, and
 * those that a bound cuts in two, are counted from the orders.
 */
export function readOrderStatistics(
  scope: ShopScope,
  sql: Sql,
  filters: OrderFilters,
): Promise<OrderStatistics[]> {
  // One snapshot: the time zone, the marks, the totals and the orders belong together.
  return sql.begin('isolation level repeatable read read only', (tx) =>
    readStatisticsOfSnapshot(scope, tx, filters),
  );
}

/** The statistics of the snapshot that the transaction sees. */
export async function readStatisticsOfSnapshot(
  scope: ShopScope,
  tx: Transaction,
  filters: OrderFilters,
): Promise<OrderStatistics[]> {
  const [shop] = await tx<{ time_zone: string; marked: string[] }[]>`
    select time_zone, array(
      select distinct utc_date from order_day_marks m where m.shop_id = s.shop_id)::text[] as marked
    from shops s where shop_id = ${scope.shopId}`;
  if (shop === undefined) return [];
  const { time_zone: timeZone, marked } = shop;
  const groups = narrowsByDayOnly(filters)
    ? countFromTotals(scope, tx, { filters, timeZone, marked })
    : countOrders(scope, tx, { filters, timeZone });
  // Materialized, or the planner sorts all orders for the sake of what comes after.
  const rows = await tx<GroupRow[]>`
    with groups as materialized (${groups})
    select currency, status, date::text as date, sum(orders)::bigint as orders,
      coalesce(sum(orders) filter (where status <> 'UNPAID'), 0)::bigint as not_unpaid,
      sum(amount) filter (where status <> 'UNPAID') as gmv,
      sum(amount) filter (where status not in ('UNPAID', 'CANCELLED')) as net_gmv
    from groups
    group by grouping sets ((currency), (currency, status), (currency, date))
    order by currency, status nulls first, date nulls first`;
  const totals = rows.filter((row) => row.status === null && row.date === null);
  return totals.map((total) => describe(total, rows));
}

const dayFilters = new Set<string>(['status', 'created_ge', 'created_lt']);

function narrowsByDayOnly(filters: OrderFilters): boolean {
  return Object.entries(filters).every(([name, value]) => value === undefined || dayFilters.has(name));
}

/** Counts and sums of the matched orders for each currency, status and day of the shop. */
function countOrders(
  scope: ShopScope,
  tx: Transaction,
  { filters, timeZone }: { filters: OrderFilters; timeZone: string },
): Fragment {
  return tx`
    select o.currency, o.status, ${shopDay(tx, timeZone, tx`o.created_at`)} as date, count(*) as orders,
      sum(o.total_amount) as amount
    from orders o where ${whereOrders(scope, tx, filters)}
    group by 1, 2, 3`;
}

/** The same, from the totals wherever these hold. */
function countFromTotals(
  scope: ShopScope,
  tx: Transaction,
  { filters, timeZone, marked }: { filters: OrderFilters; timeZone: string; marked: string[] },
): Fragment {
  const { status, created_ge: from, created_lt: to } = filters;
  const dayOf = (bound: string): Fragment => shopDay(tx, timeZone, tx`${bound}::text::timestamptz`);
  const first = from === undefined ? tx`'-infinity'::date` : dayOf(from);
  const last = to === undefined ? tx`'infinity'::date` : dayOf(to);
  const cut = [from, to].flatMap((bound) => (bound === undefined ? [] : [tx`union select ${dayOf(bound)}`]));
  const near = nearShopDay(tx, timeZone, { instant: tx`o.created_at`, day: tx`day.date` });
  return tx`
    with counted_days as materialized (
      select distinct date from (
        select utc_date + n as date from unnest(${marked}::text[]::date[]) as utc_date, generate_series(-1, 1) as n
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
      where ${whereOrders(scope, tx, filters)} and ${near}
      offset 0
    ) as o on ${shopDay(tx, timeZone, tx`o.created_at`)} = day.date
    group by o.currency, o.status, day.date`;
}

/** What is said when nothing matched. */
export function emptyStatistics(currency: string | null): OrderStatistics {
  const zero = zeroOf(currency);
  return {
    total_orders: 0,
    gmv: zero,
    net_gmv: zero,
    average_order_value: null,
    currency,
    by_status: [],
    by_day: [],
  };
}

function describe(total: GroupRow, rows: readonly GroupRow[]): OrderStatistics {
  const { currency } = total;
  const zero = zeroOf(currency);
  const gmv = total.gmv ?? zero;
  const ofCurrency = rows.filter((row) => row.currency === currency);
  return {
    total_orders: total.orders,
    gmv,
    net_gmv: total.net_gmv ?? zero,
    average_order_value:
      total.not_unpaid === 0 ? null : divideHalfUp(gmv, total.not_unpaid, currencyDigits(currency)),
    currency,
    by_status: ofCurrency.flatMap(({ status, orders, gmv: sum }) =>
      status === null ? [] : [{ status, orders, gmv: sum ?? zero }],
    ),
    by_day: ofCurrency.flatMap(({ date, orders, gmv: sum }) =>
      date === null ? [] : [{ date, orders, gmv: sum ?? zero }],
    ),
  };
}
