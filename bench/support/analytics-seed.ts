import { addDays, type Day } from '../../src/analytics/calendar.ts';
import { sumDays } from '../../src/analytics/sum-days.ts';
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
    insert into analytics_days (shop_id, stream, date, rows, reads, changes, observed_at, settled, source, run_id,
      summed)
    select ${shopId}, 'products', day::date, ${products}, 2, 0, now(), true, 'open_api', 'run_seed', false
    from generate_series(${from}::date, ${behind}::date - 1, interval '1 day') day`;
  await sql`
    insert into analytics_streams (shop_id, stream, permission, currency, latest_available_date)
    values (${shopId}, 'products', 'granted', 'USD', ${addDays(behind, -1)})`;
  await sql`analyze`;
  await sumDays(sql, { shopId, stream: 'products' });
  await sql`vacuum analyze analytics_products`;
  await sql`vacuum analyze analytics_products_to_date`;
  await sql`analyze`;
}
