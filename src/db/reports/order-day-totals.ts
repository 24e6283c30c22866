import type { Sql, Transaction } from '../pool.ts';
import { rollUpSearch } from './roll-up-search.ts';
import { nearShopDay, shopDay } from './shop-days.ts';

/** UTC days whose marks one transaction takes: a month, a second of work for a shop of thousands of orders a day. */
const daysAtOnce = 31;

/**
 * Brings the totals of a shop's days up to date: the days near a mark are summed anew, and the marks go. Whatever
 * commits meanwhile leaves a mark of its own, so that a day without one is always right. Cheap when nothing changed.
 * The newest days come first, a month in each transaction: stopped in its middle, it goes on there the next time.
 *
 * @param afterDays is told after each transaction how many days have been taken; what it throws ends the work there
 */
export async function rollUpOrderDays(
  sql: Sql,
  shopId: string,
  afterDays: (days: number) => void = () => undefined,
): Promise<void> {
  let days = 0;
  let taken = daysAtOnce;
  while (taken === daysAtOnce) {
    taken = await sql.begin((tx) => rollUpMarkedDays(tx, shopId));
    days += taken;
    afterDays(days);
  }
}

/** Returns how many marked UTC days were taken. */
async function rollUpMarkedDays(tx: Transaction, shopId: string): Promise<number> {
  // One roll-up of a shop at a time; the statements after this one see what the one before has committed.
  await tx`select pg_advisory_xact_lock(hashtextextended(${`order day totals ${shopId}`}, 0))`;
  const taken = await tx<{ utc_date: string }[]>`
    with newest as (
      select distinct utc_date from order_day_marks where shop_id = ${shopId} order by utc_date desc limit ${daysAtOnce}
    ), removed as (
      delete from order_day_marks where shop_id = ${shopId} and utc_date in (select utc_date from newest)
    )
    select utc_date::text as utc_date from newest`;
  const [shop] = await tx<{ time_zone: string }[]>`select time_zone from shops where shop_id = ${shopId}`;
  if (taken.length === 0 || shop === undefined) return 0;
  const { time_zone: timeZone } = shop;
  const days = tx`(
    select distinct utc_date + n as date
    from unnest(${taken.map((row) => row.utc_date)}::text[]::date[]) as utc_date, generate_series(-1, 1) as n)`;
  await tx`delete from order_day_totals where shop_id = ${shopId} and date in ${days}`;
  await tx`
    insert into order_day_totals (shop_id, date, currency, status, orders, amount)
    select ${shopId}, day.date, o.currency, o.status, count(*), sum(o.total_amount)
    from ${days} as day
    join lateral (
      select created_at, currency, status, total_amount from orders
      where shop_id = ${shopId} and ${nearShopDay(tx, timeZone, { instant: tx`created_at`, day: tx`day.date` })}
      offset 0
    ) as o on ${shopDay(tx, timeZone, tx`o.created_at`)} = day.date
    group by day.date, o.currency, o.status`;
  await rollUpSearch(tx, { shopId, timeZone, days });
  return taken.length;
}
