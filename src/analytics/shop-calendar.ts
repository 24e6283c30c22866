import type { Sql, Transaction } from '../db/pool.ts';
import { shopDay, shopDayStart } from '../db/reports/shop-days.ts';
import { addDays, type Day } from './calendar.ts';

/** Half-open, Unix seconds. */
export interface DayBounds {
  from: number;
  to: number;
}

async function timeZoneOf(sql: Sql | Transaction, shopId: string): Promise<string> {
  const [shop] = await sql<{ time_zone: string }[]>`select time_zone from shops where shop_id = ${shopId}`;
  if (shop === undefined) throw new Error(`There is no shop ${shopId}.`);
  return shop.time_zone;
}

/** The shop's calendar day of an instant in milliseconds. */
export async function shopToday(sql: Sql | Transaction, shopId: string, now: number): Promise<Day> {
  const timeZone = await timeZoneOf(sql, shopId);
  const [row] = await sql<{ today: Day }[]>`
    select ${shopDay(sql, timeZone, sql`to_timestamp(${now / 1_000}::float8)`)}::text as today`;
  if (row === undefined) throw new Error('No day was answered.');
  return row.today;
}

/** Days that somebody asks for: the last whole ones before `now` (milliseconds), or a range without its last day. */
export type AskedDays = { days: number; now: number } | { from: Day; to: Day };

export async function daysOf(
  sql: Sql | Transaction,
  shopId: string,
  asked: AskedDays,
): Promise<{ from: Day; to: Day }> {
  if ('from' in asked) return asked;
  const to = await shopToday(sql, shopId, asked.now);
  return { from: addDays(to, -asked.days), to };
}

/** From the beginning of the first day to the end of the last: 23 or 25 hours a day where clocks change. */
export async function shopDayBounds(
  sql: Sql | Transaction,
  shopId: string,
  first: Day,
  last: Day,
): Promise<DayBounds> {
  const timeZone = await timeZoneOf(sql, shopId);
  const start = (day: Day, days: number) =>
    sql`extract(epoch from ${shopDayStart(sql, timeZone, sql`(${day}::text::date + ${days}::integer)`)})::bigint`;
  const [bounds] = await sql<DayBounds[]>`select ${start(first, 0)} as "from", ${start(last, 1)} as "to"`;
  if (bounds === undefined) throw new Error('No bounds were answered.');
  return bounds;
}
