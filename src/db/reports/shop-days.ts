import type postgres from 'postgres';
import type { Sql } from '../pool.ts';

const fixedOffset = /^([+-])(\d{2}):(\d{2})$/;

/**
 * `o.created_at` on the shop's own clock, as a timestamp without zone. A fixed offset is added as an interval, for
 * PostgreSQL reads `at time zone '-08:00'` with the sign of POSIX, which is the other way round.
 */
export function localTime(sql: Sql, timeZone: string): postgres.PendingQuery<postgres.Row[]> {
  const offset = fixedOffset.exec(timeZone);
  if (offset) {
    const minutes = (Number(offset[2]) * 60 + Number(offset[3])) * (offset[1] === '-' ? -1 : 1);
    return sql`(o.created_at at time zone 'UTC' + make_interval(mins => ${minutes}::int))`;
  }
  return sql`(o.created_at at time zone ${timeZone}::text)`;
}
