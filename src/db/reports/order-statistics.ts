import type { Sql, Transaction } from '../pool.ts';
import { searchOrders } from '../queries/find-orders.ts';
import type { OrderFilters } from '../queries/order-filters.ts';
import type { ShopScope } from '../queries/shop-scope.ts';
import { currencyDigits, divideHalfUp, zeroOf } from './money.ts';
import { groupOrders, planCounting } from './order-groups.ts';

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
  const counting = await planCounting(scope, tx, filters, searchOrders(scope, tx, filters));
  const groups = groupOrders(scope, tx, counting);
  // Materialized, or the planner sorts all orders for the sake of what comes after.
  const rows = await tx<GroupRow[]>`
    with groups as materialized (${groups})
    select currency, status, date::text as date, sum(orders)::bigint as orders,
      coalesce(sum(orders) filter (where status <> 'UNPAID'), 0)::bigint as not_unpaid,
      sum(amount) filter (where status <> 'UNPAID') as gmv,
      sum(amount) filter (where status not in ('UNPAID', 'CANCELLED')) as net_gmv
    from groups
    group by grouping sets ((currency), (currency, status), (currency, date))
    having sum(orders) > 0
    order by currency, status nulls first, date nulls first`;
  const totals = rows.filter((row) => row.status === null && row.date === null);
  return totals.map((total) => describe(total, rows));
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
