import type { Sql } from '../pool.ts';

/** Events by who told of them: `api`, `stripe`, `acuity`, `tiktok_shop`. Counting reads every event: keep the answer. */
export function countEventsBySource(sql: Sql): Promise<{ source: string; events: number }[]> {
  return sql<{ source: string; events: number }[]>`
    select split_part(origin, '/', 1) as source, count(*) as events from conversion_events group by 1 order by 1`;
}

export interface DeliveryFigures {
  destination: string;
  status: string;
  deliveries: number;
  /** Requests beyond the first of each. */
  retries: number;
}

/** Deliveries by destination and status. Counting reads every one of them: keep the answer. */
export function countDeliveriesByStatus(sql: Sql): Promise<DeliveryFigures[]> {
  return sql<DeliveryFigures[]>`
    select destination_id as destination, status, count(*) as deliveries,
      coalesce(sum(attempts - 1) filter (where attempts > 1), 0)::bigint as retries
    from deliveries group by 1, 2 order by 1, 2`;
}

export interface WaitingFigures {
  destination: string;
  status: string;
  /** How long the oldest delivery that is due has been; 0 where none is. */
  oldestDueSeconds: number;
}

/** How far behind each destination is: two looks into an index for each. */
export function readWaitingFigures(sql: Sql): Promise<WaitingFigures[]> {
  return sql<WaitingFigures[]>`
    select t.destination_id as destination, t.status,
      greatest(0, extract(epoch from now() - min(first.next_attempt_at)))::float8 as "oldestDueSeconds"
    from destinations t cross join (values (0), (1)) as lanes(lane)
    left join lateral (
      select next_attempt_at from deliveries d
      where d.destination_id = t.destination_id and d.lane = lanes.lane and next_attempt_at is not null
      order by next_attempt_at limit 1) first on true
    where t.deleted_at is null
    group by 1, 2 order by 1`;
}
