import type postgres from 'postgres';
import { addDays, type Day, daysBetween } from '../../analytics/calendar.ts';
import { fewestDays, slowDays, unusualScore } from '../../analytics/insight-rules.ts';
import { type AskedDays, daysOf } from '../../analytics/shop-calendar.ts';
import type { Sql, Transaction } from '../pool.ts';
import type { ShopScope } from '../queries/shop-scope.ts';
import { type Coverage, readCoverage } from './analytics-coverage.ts';
import { figures } from './analytics-figures.ts';
import { type HeldSumsByShop, readHeldSums } from './figures-query.ts';
import { zeroOf } from './money.ts';
import { readTill, type Till } from './paid-orders.ts';

import { shopDayStart } from './shop-days.ts';

type Fragment = postgres.PendingQuery<postgres.Row[]>;

/** A product in what it sold over the days that were read. */
export interface ProductInsight {
  product_id: string;
  title: string | null;
  gmv: string;
  items_sold: number;
  /** Units that buyers can have; null where it is not known. */
  stock: number | null;
  /** For how many days the stock lasts at the pace of these days; null where nothing sold, or no stock is known. */
  days_of_stock: string | null;
  /** Of the GMV of all products, in percent. */
  share: string | null;
}

/** A day whose GMV is far from what is usual. */
export interface UnusualDay {
  date: Day;
  gmv: string;
  /** The median of the days. */
  usual: string;
  /** How far it is from there, in robust standard deviations. */
  score: string;
}

export interface Insights {
  start_date: Day;
  end_date: Day;
  days: number;
  currency: string | null;
  best_sellers: ProductInsight[];
  slow_movers: ProductInsight[];
  running_out: ProductInsight[];
  unusual_days: UnusualDay[];
  /** Of the products' figures. */
  coverage: Coverage[];
}

/** What some days, or the last whole ones, tell of products and days. */
export function readInsights(
  scope: ShopScope,
  sql: Sql,
  { limit, ...asked }: AskedDays & { limit: number },
): Promise<Insights> {
  return sql.begin('isolation level repeatable read read only', async (tx) => {
    const { from, to } = await daysOf(tx, scope.shopId, asked);
    const coverage = await readCoverage(tx, [scope.shopId], { stream: 'products', from, to });
    const heldSums = await readHeldSums(tx, 'products', [scope.shopId]);
    const till = await readTill(scope, tx);
    const sold = sales(tx, till, { from, to, heldSums, daysRead: coverage[0]?.days_read ?? 0 });
    const read = (where: Fragment, order: Fragment) =>
      tx<ProductInsight[]>`
        select product_id, title, gmv, items_sold, stock, days_of_stock::text as days_of_stock, share::text as share
        from (${sold}) s where ${where} order by ${order}, s.product_id limit ${limit}`;
    return {
      ...{
        start_date: from,
        end_date: addDays(to, -1),
        days: daysBetween(from, to),
        currency: till.currency,
      },
      best_sellers: [...(await read(tx`s.gmv > 0`, tx`s.gmv desc`))],
      slow_movers: [
        ...(await read(
          tx`is_live and s.stock > 0 and not is_new and (s.items_sold <= 0 or s.days_of_stock > ${slowDays})`,
          tx`s.days_of_stock desc nulls first, s.stock desc`,
        )),
      ],
      running_out: [
        ...(await read(tx`is_live and s.items_sold > 0 and s.stock is not null`, tx`s.days_of_stock`)),
      ],
      unusual_days: await readUnusualDays(scope, tx, { from, to, limit }),
      coverage,
    };
  });
}

/** All products of the catalogue and of the figures; none where no day was read, for then nothing is known. */
function sales(
  tx: Transaction,
  { shopId, timeZone, currency }: Till,
  { from, to, heldSums, daysRead }: { from: Day; to: Day; heldSums: HeldSumsByShop; daysRead: number },
): Fragment {
  const sums = figures(tx, {
    stream: 'products',
    shopIds: [shopId],
    periods: [{ label: '', from, to }],
    metrics: ['gmv', 'items_sold'],
    heldSums,
  });
  return tx`
    select coalesce(p.product_id, f.product_id) as product_id, p.title, p.stock,
      coalesce(p.status = 'ACTIVATE', false) as is_live, coalesce(p.created_at >= ${shopDayStart(tx, timeZone, tx`${from}::text::date`)}, false) as is_new,
      coalesce(f.gmv, 0) + ${zeroOf(currency)}::text::numeric as gmv, coalesce(f.items_sold, 0)::bigint as items_sold,
      round(p.stock::numeric * ${daysRead} / nullif(greatest(f.items_sold, 0), 0), 1) as days_of_stock,
      round(f.gmv * 100 / nullif(sum(f.gmv) over (), 0), 2) as share
    from (select * from products where shop_id = ${shopId}) p full join (${sums}) f on f.product_id = p.product_id
    where ${daysRead} > 0`;
}

/** The days whose modified z-score is beyond the bound, the farthest first. The median deviation stands for the spread. */
async function readUnusualDays(
  { shopId }: ShopScope,
  tx: Transaction,
  { from, to, limit }: { from: Day; to: Day; limit: number },
): Promise<UnusualDay[]> {
  const rows = await tx<UnusualDay[]>`
    with days as (
      select date, gmv from analytics_shop
      where shop_id = ${shopId} and date >= ${from} and date < ${to} and gmv is not null
    ), middle as (
      select percentile_disc(0.5) within group (order by gmv) as usual, count(*) as days from days
    ), spread as (
      select percentile_disc(0.5) within group (order by abs(gmv - usual)) as deviation from days, middle
    ), scored as (
      select date, gmv, usual, round(0.6745 * (gmv - usual) / nullif(deviation, 0), 2) as score
      from days, middle, spread where middle.days >= ${fewestDays}
    )
    select date::text as date, gmv, usual, score::text as score from scored
    where abs(score) > ${unusualScore}::text::numeric order by abs(score) desc, date limit ${limit}`;
  return [...rows];
}
