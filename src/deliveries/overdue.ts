import type { Sql } from '../db/pool.ts';

/**
 * Destinations that have something to do: a delivery that is due, or one that a worker was sending. Whether somebody
 * is at it already is not asked; waking twice does no harm.
 */
export async function listOverdue(sql: Sql): Promise<string[]> {
  const rows = await sql<{ destination_id: string }[]>`
    select destination_id from destinations d
    where (status <> 'paused' or deleted_at is not null) and (
      exists (
        select 1 from (values (0), (1)) as lanes(lane), deliveries o
        where o.destination_id = d.destination_id and o.lane = lanes.lane and o.next_attempt_at <= now()
      )
      or exists (
        select 1 from deliveries o
        where o.destination_id = d.destination_id and o.status = 'SENDING' and o.next_attempt_at is null
      )
    )
    order by destination_id`;
  return rows.map((row) => row.destination_id);
}
