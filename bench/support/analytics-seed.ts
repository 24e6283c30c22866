import { addDays, type Day } from '../../src/analytics/calendar.ts';
import type { Sql } from '../../src/db/pool.ts';

/**
 * Fills a shop with figures of products, as if each day had been read: `products` × `days` rows up to, and without,
 * `behind`, the sums since New Year made of them, and the products themselves.
 */
export async function seedProductFigures(
  sql: Sql,
  { shopId, products, days, behind }: { shopId: string; products: number; days: number; behind: Day },
): Promise<void> {
  const from = addDays(behind, -days);
  await sql`
    insert into products (shop_id, product_id, title, status, brand_name, stock, observed_at)
    select ${shopId}, 1729000000000000000 + n, 'Product ' || n,
      case when n % 10 = 0 then 'SELLER_DEACTIVATED' else 'ACTIVATE' end, 'Brand ' || n % 50, n % 500, now()
    from generate_series(1, ${products}::int) n`;
  // A few products sell much, most sell little: hash in place of chance, so that every run has the same figures.
  await sql`
    insert into analytics_products (shop_id, date, product_id, gmv, items_sold, orders_count)
    select ${shopId}, day::date, 1729000000000000000 + n, items * (5 + n % 90) + 0.99 * (items > 0)::int, items, items
    from generate_series(${from}::date, ${behind}::date - 1, interval '1 day') day, generate_series(1, ${products}::int) n,
      lateral (select (abs(hashint4(n * 31 + extract(epoch from day)::int / 86400)) % (1 + 20000 / (n + 20)))::int as items) s`;
  await sql`
    insert into analytics_days (shop_id, stream, date, rows, reads, changes, observed_at, settled, source, run_id)
    select ${shopId}, 'products', day::date, ${products}, 2, 0, now(), true, 'open_api', 'run_seed'
    from generate_series(${from}::date, ${behind}::date - 1, interval '1 day') day`;
  await sql`
    insert into analytics_streams (shop_id, stream, permission, currency, latest_available_date)
    values (${shopId}, 'products', 'granted', 'USD', ${addDays(behind, -1)})`;
  await sumSinceNewYear(sql, shopId);
  await sql`vacuum analyze analytics_products`;
  await sql`vacuum analyze analytics_products_to_date`;
  await sql`analyze`;
}

/** What `writeDay` would have left: parts of months begin on the 1st, 6th, 11th, 16th, 21st and 26th. */
async function sumSinceNewYear(sql: Sql, shopId: string): Promise<void> {
  const until = sql`case when extract(day from date) >= 26 then (date_trunc('month', date) + interval '1 month')::date
    else date_trunc('month', date)::date + (((extract(day from date)::int - 1) / 5 + 1) * 5) end`;
  await sql`
    insert into analytics_boundaries (shop_id, stream, until)
    select distinct ${shopId}, 'products', ${until} from analytics_days where shop_id = ${shopId}`;
  await sql`
    insert into analytics_products_to_date (shop_id, until, product_id, days, gmv, items_sold, orders_count,
      product_impressions, product_impressions_days, product_clicks, product_clicks_days)
    select ${shopId}, until, product_id, sum(days) over w, sum(gmv) over w, sum(items_sold) over w,
      sum(orders_count) over w, 0, 0, 0, 0
    from (
      select ${until} as until, product_id, count(*) as days, sum(gmv) as gmv, sum(items_sold) as items_sold,
        sum(orders_count) as orders_count
      from analytics_products where shop_id = ${shopId} group by 1, 2
    ) parts
    window w as (partition by product_id, date_trunc('year', until - 1) order by until)
    order by until, product_id`;
}
