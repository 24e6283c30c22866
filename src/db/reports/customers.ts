import type { Day, Granularity } from '../../analytics/calendar.ts';
import type { Period } from '../../analytics/cover.ts';
import type { Transaction } from '../pool.ts';
import type { ShopScope } from '../queries/shop-scope.ts';
import { readTill } from './paid-orders.ts';
import { type PaidFigures, readPaidPeriods } from './paid-periods.ts';

/** Days from `from` up to, and without, `to`, in periods. */
export interface CustomerSelection {
  from: Day;
  to: Day;
  granularity: Granularity;
}

/** Who bought in a period, and for how much. */
export interface CustomerRow
  extends Pick<
    PaidFigures,
    | 'customers'
    | 'new_customers'
    | 'returning_customers'
    | 'orders_count'
    | 'gmv'
    | 'new_gmv'
    | 'returning_gmv'
  > {
  /** The first day of the period. */
  date: Day;
  currency: string | null;
}

/** New and returning customers of periods that follow each other. Defined in `docs/analytics.md`. */
export async function readCustomers(
  scope: ShopScope,
  tx: Transaction,
  periods: readonly Period[],
): Promise<CustomerRow[]> {
  const till = await readTill(scope, tx);
  const rows = await readPaidPeriods(tx, till, periods);
  return rows.map((row) => ({
    date: row.label,
    currency: till.currency,
    customers: row.customers,
    new_customers: row.new_customers,
    returning_customers: row.returning_customers,
    orders_count: row.orders_count,
    gmv: row.gmv,
    new_gmv: row.new_gmv,
    returning_gmv: row.returning_gmv,
  }));
}
