import { bulk, type Column, columnArrays, unnestClause } from '../db/column-arrays.ts';
import type { Sql } from '../db/pool.ts';
import type { ClaimedDelivery } from './claims.ts';
import type { Rival } from './prepare.ts';

const columns: readonly Column[] = [
  ['delivery_id', 'bigint'],
  ['event_id', 'text'],
];

const select = `
select g.event_id, o.delivery_id, o.event_name, o.platform_event,
  coalesce(o.first_sent_at > now() - $2 * interval '1 millisecond', false) as sent,
  o.status in ('PENDING', 'RETRYING', 'SENDING') as open
from ${unnestClause(columns, 'g', 3)}
join deliveries o on o.event_id = g.event_id and o.destination_id = $1 and o.delivery_id <> g.delivery_id`;

/** PostgreSQL's intervals end somewhere; a platform that never forgets an id is far inside of them. */
const longestWindowMs = 100 * 365 * 86_400_000;

/** Other deliveries of a destination under the ids of these: different events may be one to the platform. */
export async function findRivals(
  sql: Sql,
  destinationId: string,
  claimed: readonly Pick<ClaimedDelivery, 'delivery_id' | 'event_id'>[],
  dedupWindowMs: number,
): Promise<Map<string, Rival[]>> {
  const rows = await bulk<Rival & { event_id: string }>(sql, select, [
    destinationId,
    Math.min(dedupWindowMs, longestWindowMs),
    ...columnArrays(
      columns,
      claimed.map(({ delivery_id, event_id }) => ({ delivery_id, event_id })),
    ),
  ]);
  const byId = new Map<string, Rival[]>();
  for (const { event_id: eventId, ...rival } of rows) {
    const known = byId.get(eventId);
    if (known === undefined) byId.set(eventId, [rival]);
    else known.push(rival);
  }
  return byId;
}
