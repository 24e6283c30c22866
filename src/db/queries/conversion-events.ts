import type { Sql, Transaction } from '../pool.ts';

export interface ConversionFilter {
  eventName: string | null;
  eventId: string | null;
  /** A destination that it goes to. */
  destination: string | null;
  /** Of the time when it was accepted, RFC 3339; from inclusive, to exclusive. */
  from: string | null;
  to: string | null;
}

/** An event as lists show it: nothing personal. */
export interface ConversionRecord {
  event_key: number;
  event_name: string;
  event_id: string;
  event_time: Date;
  accepted_at: Date;
  medium: string;
  origin: string;
  parameters: number;
  deliveries: { delivery_id: number; destination: string; status: string; reason: string | null }[];
}

function matching(sql: Sql | Transaction, { eventName, eventId, destination, from, to }: ConversionFilter) {
  return sql`
    (${eventName}::text is null or e.event_name = ${eventName})
    and (${eventId}::text is null or e.event_id = ${eventId})
    and (${from}::timestamptz is null or e.accepted_at >= ${from})
    and (${to}::timestamptz is null or e.accepted_at < ${to})
    and (${destination}::text is null or exists (
      select 1 from deliveries d where d.event_key = e.event_key and d.destination_id = ${destination}))`;
}

/** Events, newest first, after the one with the key `after`. */
export async function listConversions(
  sql: Sql | Transaction,
  filter: ConversionFilter,
  { after, limit }: { after: number | null; limit: number },
): Promise<ConversionRecord[]> {
  return sql<ConversionRecord[]>`
    select e.event_key, e.event_name, e.event_id, e.event_time, e.accepted_at, e.medium, e.origin, e.parameters,
      coalesce((
        select json_agg(json_build_object('delivery_id', d.delivery_id, 'destination', d.destination_id,
          'status', d.status, 'reason', d.reason) order by d.delivery_id)
        from deliveries d where d.event_key = e.event_key), '[]') as deliveries
    from conversion_events e
    where ${matching(sql, filter)} and (${after}::bigint is null or e.event_key < ${after})
    order by e.event_key desc limit ${limit}`;
}

export async function countConversions(sql: Sql | Transaction, filter: ConversionFilter): Promise<number> {
  const [row] = await sql<{ count: number }[]>`
    select count(*) as count from conversion_events e where ${matching(sql, filter)}`;
  return row?.count ?? 0;
}
