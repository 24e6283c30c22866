import type postgres from 'postgres';
import type { Transaction } from '../pool.ts';
import { nearShopDay, shopDay } from './shop-days.ts';

type Fragment = postgres.PendingQuery<postgres.Row[]>;

/** Renews what a search reads of the given days (a relation with a column `date`). */
export async function rollUpSearch(
  tx: Transaction,
  { shopId, timeZone, days }: { shopId: string; timeZone: string; days: Fragment },
): Promise<void> {
  const near = nearShopDay(tx, timeZone, { instant: tx`o.created_at`, day: tx`day.date` });
  const ofDay = tx`${near} and ${shopDay(tx, timeZone, tx`o.created_at`)} = day.date`;
  await tx`delete from order_day_words where shop_id = ${shopId} and date in ${days}`;
  // A tab or a new line inside of a number becomes another character: they hold the lines apart.
  await tx`
    insert into order_day_words (shop_id, date, words)
    select ${shopId}, day.date, string_agg(concat_ws(E'\t', o.order_id,
      case when lower(o.order_id) <> o.order_id then lower(o.order_id) end,
      lower(translate(o.tracking_number, E'\t\n', E'\u0001\u0001')),
      (select lower(string_agg(distinct translate(l.tracking_number, E'\t\n', E'\u0001\u0001'), E'\t'))
        from line_items l where l.shop_id = ${shopId} and l.order_id = o.order_id
          and l.tracking_number is distinct from o.tracking_number)), E'\n')
    from ${days} as day join orders o on o.shop_id = ${shopId} and ${ofDay}
    group by day.date`;
  await tx`
    insert into sold_items (shop_id, item_hash, product_id, sku_id, product_name, seller_sku)
    select distinct on (item_hash) ${shopId}, item_hash, product_id, sku_id, product_name, seller_sku
    from (
      select distinct l.product_id, l.sku_id, l.product_name, l.seller_sku
      from ${days} as day join orders o on o.shop_id = ${shopId} and ${near}
      join line_items l on l.shop_id = ${shopId} and l.order_id = o.order_id
    ) as item, md5(row(product_id, sku_id, product_name, seller_sku)::text) as item_hash
    on conflict do nothing`;
}
