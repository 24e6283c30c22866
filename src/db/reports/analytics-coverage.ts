import type { Day } from '../../analytics/calendar.ts';
import type { StreamName } from '../../analytics/streams.ts';
import type { Sql, Transaction } from '../pool.ts';
import type { ShopScope } from '../queries/shop-scope.ts';

/** How much of a range is known of a shop: figures of days that were not read are missing, not zero. */
export interface Coverage {
  shop_id: string;
  /** Whether TikTok lets the app see the stream; null while it was never asked. */
  permission: 'granted' | 'not_permitted' | null;
  /** The last day that TikTok calls ready. */
  latest_available_date: Day | null;
  days: number;
  days_read: number;
  /** Days whose figures TikTok no longer corrects. */
  days_settled: number;
  /** The last day before which, itself included, no day that was read is corrected any more; null where there is none. */
  final_up_to: Day | null;
}

export async function readCoverage(
  tx: Transaction,
  shopIds: readonly string[],
  { stream, from, to }: { stream: StreamName; from: Day; to: Day },
): Promise<Coverage[]> {
  const rows = await tx<Coverage[]>`
    select asked.shop_id, s.permission, s.latest_available_date::text as latest_available_date,
      ${to}::date - ${from}::date as days, d.days_read, d.days_settled, d.final_up_to::text as final_up_to
    from unnest(${[...shopIds]}::text[]) asked (shop_id)
    left join analytics_streams s on s.shop_id = asked.shop_id and s.stream = ${stream},
    lateral (
      select count(*) as days_read, count(*) filter (where settled) as days_settled,
        max(date) filter (where first_open is null or date < first_open) as final_up_to
      from (
        select date, settled, min(date) filter (where not settled) over () as first_open from analytics_days
        where shop_id = asked.shop_id and stream = ${stream} and date >= ${from} and date < ${to}
      ) known
    ) d
    order by asked.shop_id`;
  return [...rows];
}

/** The currencies of the figures of shops; none while none were read and no shop's own is known. */
export async function readCurrencies(
  scope: ShopScope,
  sql: Sql,
  others: readonly ShopScope[],
  stream: StreamName,
): Promise<string[]> {
  const rows = await sql<{ currency: string }[]>`
    select distinct coalesce(s.currency, shops.currency) as currency from shops
    left join analytics_streams s on s.shop_id = shops.shop_id and s.stream = ${stream}
    where shops.shop_id = any(${[scope, ...others].map(({ shopId }) => shopId)})
      and coalesce(s.currency, shops.currency) is not null
    order by 1`;
  return rows.map(({ currency }) => currency);
}
