import type { Sql } from '../pool.ts';

export interface LedgerRequest {
  /** Null: every destination. */
  destination: string | null;
  /** Of the time when events were accepted; from inclusive, to exclusive. */
  from: Date;
  to: Date;
}

/** What became of the events of one day (UTC) at one destination. */
export interface LedgerRow {
  date: string;
  destination: string;
  /** The sum of all that follows, `counted` left out. */
  accepted: number;
  delivered: number;
  /** Delivered ones as the platform counts them: once for each of its own event names and id. */
  counted: number;
  waiting: number;
  expired: number;
  failed: Record<string, number>;
  skipped: Record<string, number>;
}

/** Sums deliveries by day, destination, outcome and reason. What differs in every reason is taken out of it. */
export async function sumDeliveries(
  sql: Sql,
  { destination, from, to }: LedgerRequest,
): Promise<LedgerRow[]> {
  return sql<LedgerRow[]>`
    with settled as (
      select to_char(e.accepted_at at time zone 'UTC', 'YYYY-MM-DD') as date, d.destination_id as destination,
        d.status, coalesce(regexp_replace(d.reason, '^(Duplicate of|Too old).*$', '\\1'), 'no reason') as reason,
        count(*) as deliveries,
        count(distinct (d.platform_event, d.event_id)) as counted
      from conversion_events e join deliveries d using (event_key)
      where e.accepted_at >= ${from} and e.accepted_at < ${to}
        and (${destination}::text is null or d.destination_id = ${destination})
      group by 1, 2, 3, 4
    )
    select date, destination, sum(deliveries)::bigint as accepted,
      coalesce(sum(deliveries) filter (where status = 'DELIVERED'), 0)::bigint as delivered,
      coalesce(sum(counted) filter (where status = 'DELIVERED'), 0)::bigint as counted,
      coalesce(sum(deliveries) filter (where status in ('PENDING', 'SENDING', 'RETRYING')), 0)::bigint as waiting,
      coalesce(sum(deliveries) filter (where status = 'EXPIRED'), 0)::bigint as expired,
      coalesce(json_object_agg(reason, deliveries) filter (where status = 'FAILED'), '{}') as failed,
      coalesce(json_object_agg(reason, deliveries) filter (where status = 'SKIPPED'), '{}') as skipped
    from settled group by 1, 2 order by 1, 2`;
}
