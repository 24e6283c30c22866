import type { Sql } from '../db/pool.ts';
import type { Freshness } from './types.ts';

const hour = 3_600;
const week = 7 * 24 * hour;
const weeksLookedAt = 8;
/** Fewer orders than this say nothing about a rhythm. */
const fewestOrders = 100;
/** A gap in which this many orders were to be expected happens by chance less than once in twenty thousand. */
const ordersMissed = 10;

/** Orders of a shop in the weeks before its newest one, by the hour of the week (0–167, from Unix time 0). */
export interface Rhythm {
  /** Unix seconds. */
  newest: number;
  /** Weeks that the counts are of; at most eight, less for a young shop. */
  weeks: number;
  /** Orders in each hour of the week. */
  orders: ReadonlyMap<number, number>;
}

function ordersPerSecond({ weeks, orders }: Rhythm, time: number): number {
  return (orders.get(Math.floor((time % week) / hour)) ?? 0) / weeks / hour;
}

/** Orders that a shop of this rhythm has between two times. */
function usualOrders(rhythm: Rhythm, from: number, to: number): number {
  const total = [...rhythm.orders.values()].reduce((sum, count) => sum + count, 0) / rhythm.weeks;
  const wholeWeeks = Math.floor((to - from) / week);
  let expected = wholeWeeks * total;
  for (let time = from + wholeWeeks * week; time < to; ) {
    const next = Math.min(to, (Math.floor(time / hour) + 1) * hour);
    expected += ordersPerSecond(rhythm, time) * (next - time);
    time = next;
  }
  return expected;
}

/** Judges the newest order by the shop's own rhythm: a night without orders is no trouble for a shop that sleeps. */
export function judgeFreshness(rhythm: Rhythm | null, now: number): Freshness {
  if (rhythm === null) {
    return { newest_order_at: null, gap_s: null, usual_gap_s: null, usual_orders: null, state: 'unknown' };
  }
  const gap = Math.max(0, now - rhythm.newest);
  const seen = { newest_order_at: new Date(rhythm.newest * 1000).toISOString(), gap_s: gap };
  const orders = [...rhythm.orders.values()].reduce((sum, count) => sum + count, 0);
  if (rhythm.weeks < 1 || orders < fewestOrders) {
    return { ...seen, usual_gap_s: null, usual_orders: null, state: 'unknown' };
  }
  const rate = ordersPerSecond(rhythm, now);
  const expected = usualOrders(rhythm, rhythm.newest, now);
  return {
    ...seen,
    usual_gap_s: rate > 0 ? Math.round(1 / rate) : null,
    usual_orders: Math.round(expected * 10) / 10,
    state: expected >= ordersMissed ? 'stale' : 'fresh',
  };
}

/** The rhythm of a shop as it is now: a count over eight weeks of orders. Null for a shop without orders. */
export async function readRhythm(sql: Sql, shopId: string): Promise<Rhythm | null> {
  const [bounds] = await sql<{ newest: number | null; oldest: number | null }[]>`
    select (${newestOrder(sql, shopId)}) as newest,
      (select extract(epoch from created_at)::bigint from orders where shop_id = ${shopId}
        order by created_at, order_id limit 1) as oldest`;
  const { newest = null, oldest = null } = bounds ?? {};
  if (newest === null || oldest === null) return null;
  const from = newest - weeksLookedAt * week;
  const rows = await sql<{ hour: number; orders: number }[]>`
    select floor((extract(epoch from created_at)::bigint % ${week}) / ${hour})::int as hour, count(*) as orders
    from orders where shop_id = ${shopId} and created_at > to_timestamp(${from})
    group by 1`;
  const weeks = Math.min(weeksLookedAt, (newest - oldest) / week);
  return { newest, weeks, orders: new Map(rows.map((row) => [row.hour, row.orders])) };
}

/**
 * How fresh a shop's newest stored order is, whatever its runs say of themselves.
 *
 * @param rhythmOf where to ask for the rhythm, which may be some minutes old; the newest order is always read
 */
export async function readFreshness(
  sql: Sql,
  shopId: string,
  rhythmOf = (id: string): Promise<Rhythm | null> => readRhythm(sql, id),
): Promise<Freshness> {
  const rhythm = await rhythmOf(shopId);
  const [now] = await sql<{ newest: number | null }[]>`select (${newestOrder(sql, shopId)}) as newest`;
  const newest = now?.newest ?? null;
  const seen = rhythm === null || newest === null ? null : { ...rhythm, newest };
  return judgeFreshness(seen, Math.floor(Date.now() / 1000));
}

function newestOrder(sql: Sql, shopId: string) {
  return sql`
    select extract(epoch from created_at)::bigint from orders where shop_id = ${shopId}
    order by created_at desc, order_id desc limit 1`;
}
