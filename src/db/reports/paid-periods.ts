import type { Period } from '../../analytics/cover.ts';
import type { Transaction } from '../pool.ts';
import { currencyDigits, divideHalfUp, zeroOf } from './money.ts';
import { paidOrders, type Till } from './paid-orders.ts';
import { shopDay } from './shop-days.ts';

/** What was paid in a period, from the shop's own orders. Defined in `docs/analytics.md`. */
export interface PaidFigures {
  gmv: string;
  net_gmv: string;
  orders_count: number;
  cancelled_orders: number;
  items_sold: number;
  /** Null where there is no order. */
  average_order_value: string | null;
  customers: number;
  new_customers: number;
  returning_customers: number;
  new_gmv: string;
  returning_gmv: string;
}

type Row = Omit<PaidFigures, 'average_order_value'> & { label: string };

/** The figures of periods that follow each other and have labels of their own, in their order. */
export async function readPaidPeriods(
  tx: Transaction,
  till: Till,
  periods: readonly Period[],
): Promise<(PaidFigures & { label: string })[]> {
  const [first, last] = [periods[0], periods.at(-1)];
  if (first === undefined || last === undefined) return [];
  const { shopId, timeZone, currency } = till;
  const zero = tx`${zeroOf(currency)}::text::numeric`;
  const column = (values: readonly string[]) => tx`${[...values]}::text[]`;
  const rows = await tx<Row[]>`
    with days as (
      select label, first, generate_series(first, behind - 1, interval '1 day')::date as date
      from unnest(${column(periods.map(({ label }) => label))}, ${column(periods.map(({ from }) => from))}::date[],
        ${column(periods.map(({ to }) => to))}::date[]) as period (label, first, behind)
    ), paid as materialized (
      select ${shopDay(tx, timeZone, tx`paid_at`)} as date, buyer_id, items_count, is_cancelled, amount
      from (${paidOrders(tx, till, { from: first.from, to: last.to })}) o
    ), known as (
      select o.buyer_id, ${shopDay(tx, timeZone, tx`min(o.paid_at)`)} as since from orders o
      where o.shop_id = ${shopId} and o.status <> 'UNPAID' and o.paid_at is not null
        and o.buyer_id in (select buyer_id from paid)
      group by o.buyer_id
    )
    select d.label, count(p.date) as orders_count, count(*) filter (where p.is_cancelled) as cancelled_orders,
      coalesce(sum(p.items_count), 0)::bigint as items_sold,
      coalesce(sum(p.amount), 0) + ${zero} as gmv,
      coalesce(sum(p.amount) filter (where not p.is_cancelled), 0) + ${zero} as net_gmv,
      count(distinct p.buyer_id) as customers,
      count(distinct p.buyer_id) filter (where k.since >= d.first) as new_customers,
      count(distinct p.buyer_id) filter (where k.since < d.first) as returning_customers,
      coalesce(sum(p.amount) filter (where k.since >= d.first), 0) + ${zero} as new_gmv,
      coalesce(sum(p.amount) filter (where k.since < d.first), 0) + ${zero} as returning_gmv
    from days d left join paid p on p.date = d.date left join known k on k.buyer_id = p.buyer_id
    group by d.label, d.first order by d.first`;
  return rows.map((row) => ({
    ...row,
    average_order_value:
      row.orders_count === 0 ? null : divideHalfUp(row.gmv, row.orders_count, currencyDigits(currency)),
  }));
}
