import type { Sql } from '../pool.ts';

export interface CoverageRequest {
  destination: string;
  eventName: string | null;
  /** Of the time when events were accepted; from inclusive, to exclusive. */
  from: Date;
  to: Date;
}

/** Events of one name and day (UTC) that were meant for a destination. */
export interface CoverageRow {
  event_name: string;
  date: string;
  events: number;
  /** How many of them carry each parameter, by its bit. */
  carrying: number[];
}

/** Counts which parameters events carry. @param bits how many parameters there are */
export async function countParameters(
  sql: Sql,
  { destination, eventName, from, to }: CoverageRequest,
  bits: number,
): Promise<CoverageRow[]> {
  const counts = Array.from({ length: bits }, (_, bit) => `sum((e.parameters >> ${bit}) & 1)`).join(', ');
  return sql<CoverageRow[]>`
    select e.event_name, to_char(e.accepted_at at time zone 'UTC', 'YYYY-MM-DD') as date, count(*) as events,
      array[${sql.unsafe(counts)}]::bigint[]::float8[] as carrying
    from conversion_events e join deliveries d using (event_key)
    where d.destination_id = ${destination} and e.accepted_at >= ${from} and e.accepted_at < ${to}
      and (${eventName}::text is null or e.event_name = ${eventName})
    group by 1, 2 order by 2, 1`;
}
