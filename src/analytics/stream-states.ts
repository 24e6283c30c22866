import type { Sql } from '../db/pool.ts';
import type { Day } from './calendar.ts';
import type { StreamName } from './streams.ts';

/** Keeps whether TikTok lets the app see a stream, and up to which day its figures are ready. */
export async function notePermission(
  sql: Sql,
  { shopId, stream }: { shopId: string; stream: StreamName },
  permission: 'granted' | 'not_permitted',
  latestAvailableDate: Day | null = null,
): Promise<void> {
  await sql`
    insert into analytics_streams as known (shop_id, stream, permission, latest_available_date)
    values (${shopId}, ${stream}, ${permission}, ${latestAvailableDate})
    on conflict (shop_id, stream) do update set permission = excluded.permission, checked_at = now(),
      latest_available_date = greatest(known.latest_available_date, excluded.latest_available_date)`;
}

/** Keeps that things of a stream were refused, where TikTok has not let the app see any of it yet. */
export async function noteFirstRefusal(
  sql: Sql,
  { shopId, stream }: { shopId: string; stream: StreamName },
): Promise<void> {
  await sql`
    insert into analytics_streams (shop_id, stream, permission) values (${shopId}, ${stream}, 'not_permitted')
    on conflict (shop_id, stream) do nothing`;
}

/** Days that were read and are due to be read again, up to `to`; the oldest first. */
export async function daysToReadAgain(
  sql: Sql,
  { shopId, stream }: { shopId: string; stream: StreamName },
  { to, today }: { to: Day; today: Day },
): Promise<Day[]> {
  const rows = await sql<{ date: Day }[]>`
    select date::text as date from analytics_days
    where shop_id = ${shopId} and stream = ${stream} and date <= ${to}::date and read_again_on <= ${today}::date
    order by analytics_days.date`;
  return rows.map(({ date }) => date);
}

/** Days from `from` to `to`, both included, that were never read, or are due to be read again; the oldest first. */
export async function dueDays(
  sql: Sql,
  { shopId, stream }: { shopId: string; stream: StreamName },
  { from, to, today }: { from: Day; to: Day; today: Day },
): Promise<Day[]> {
  const rows = await sql<{ date: Day }[]>`
    select asked.date::date::text as date
    from generate_series(${from}::date, ${to}::date, interval '1 day') asked (date)
    left join analytics_days known
      on known.shop_id = ${shopId} and known.stream = ${stream} and known.date = asked.date::date
    where known.date is null or known.read_again_on <= ${today}::date
    order by 1`;
  return rows.map(({ date }) => date);
}
