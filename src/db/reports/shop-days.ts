import type postgres from 'postgres';
import type { Sql, Transaction } from '../pool.ts';

type Fragment = postgres.PendingQuery<postgres.Row[]>;

const fixedOffset = /^([+-])(\d{2}):(\d{2})$/;

/** Minutes east of UTC, for a zone that is a fixed offset. */
function offsetMinutes(timeZone: string): number | null {
  const offset = fixedOffset.exec(timeZone);
  if (offset === null) return null;
  return (Number(offset[2]) * 60 + Number(offset[3])) * (offset[1] === '-' ? -1 : 1);
}

/**
 * The shop's calendar day of an instant. A fixed offset is added as an interval, for PostgreSQL reads
 * `at time zone '-08:00'` with the sign of POSIX, which is the other way round.
 */
export function shopDay(sql: Sql | Transaction, timeZone: string, instant: Fragment): Fragment {
  const minutes = offsetMinutes(timeZone);
  return minutes === null
    ? sql`(${instant} at time zone ${timeZone}::text)::date`
    : sql`(${instant} at time zone 'UTC' + make_interval(mins => ${minutes}::int))::date`;
}

/** The instant at which a shop's day begins; where clocks are set forward over midnight, the first there is. */
export function shopDayStart(sql: Sql | Transaction, timeZone: string, day: Fragment): Fragment {
  const minutes = offsetMinutes(timeZone);
  return minutes === null
    ? sql`(${day}::timestamp at time zone ${timeZone}::text)`
    : sql`((${day}::timestamp - make_interval(mins => ${minutes}::int)) at time zone 'UTC')`;
}

/**
 * That `instant` lies near enough to a shop's day to be of it: a range for an index, three hours wider on either side
 * than the day, for a clock that is set back at midnight shows a day twice. {@link shopDay} decides.
 */
export function nearShopDay(
  sql: Sql | Transaction,
  timeZone: string,
  { instant, day }: { instant: Fragment; day: Fragment },
): Fragment {
  const start = shopDayStart(sql, timeZone, day);
  return sql`${instant} >= ${start} - interval '3 hours' and ${instant} < ${start} + interval '28 hours'`;
}
