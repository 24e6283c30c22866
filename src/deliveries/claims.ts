import type { Medium } from '../conversions/types.ts';
import { bulk } from '../db/column-arrays.ts';
import type { Sql, Transaction } from '../db/pool.ts';

/** A delivery that was taken up, with its event as stored. */
export interface ClaimedDelivery {
  delivery_id: number;
  event_name: string;
  event_id: string;
  attempts: number;
  retries: number;
  first_sent_at: Date | null;
  awaited_request: number | null;
  created_at: Date;
  /** Unix seconds. */
  event_time: number;
  medium: Medium;
  content: string;
  sealed: Buffer | null;
}

/** What a claim is fenced by: the activity's number, which the next one takes over. */
export interface Claim {
  destinationId: string;
  claim: number;
}

export const workerEnded = 'The worker ended before the answer was recorded';

/**
 * Begins to deliver for a destination. Whatever is still being sent is a dead worker's: what was in a request may have
 * been counted and is sent again under its id; what was in none is as it was before.
 */
export async function beginClaim(sql: Sql, destinationId: string): Promise<Claim | null> {
  return sql.begin(async (tx) => {
    const [taken] = await tx<{ claim: number }[]>`
      update destinations set claim = nextval('delivery_claims') where destination_id = ${destinationId}
      returning claim`;
    if (taken === undefined) return null;
    await recoverSent(tx, destinationId);
    await tx`
      update deliveries set claim = null, next_attempt_at = now(),
        status = case when awaited_request is not null then 'SENDING' when attempts = 0 then 'PENDING' else 'RETRYING' end
      where destination_id = ${destinationId} and status = 'SENDING' and next_attempt_at is null`;
    return { destinationId, claim: taken.claim };
  });
}

async function recoverSent(tx: Transaction, destinationId: string): Promise<void> {
  await tx`
    with sent as (
      select request_key, claim, sent_at, delivery_id, place - 1 as position
      from delivery_requests, unnest(deliveries) with ordinality as part(delivery_id, place)
      where destination_id = ${destinationId} and deliveries is not null
    ),
    recovered as (
      update deliveries d set status = 'RETRYING', reason = ${workerEnded}, attempts = d.attempts + 1,
        next_attempt_at = now(), claim = null, first_sent_at = coalesce(d.first_sent_at, sent.sent_at)
      from sent
      where d.delivery_id = sent.delivery_id and d.claim = sent.claim and d.status = 'SENDING'
        and d.next_attempt_at is null
      returning d.delivery_id, d.attempts, sent.request_key, sent.position
    )
    insert into delivery_attempts (delivery_id, attempt, request_key, position, outcome, reason)
    select delivery_id, attempts, request_key, position, 'unknown', ${workerEnded} from recovered`;
  await tx`
    update delivery_requests set deliveries = null
    where destination_id = ${destinationId} and deliveries is not null`;
}

const columns = `d.delivery_id, d.event_key, d.attempts, d.retries, d.first_sent_at, d.awaited_request, d.created_at`;

function due(lane: number, order: 'asc' | 'desc', limit: string): string {
  return `
  select d.delivery_id from deliveries d, fence
  where d.destination_id = $1 and d.lane = ${lane} and d.next_attempt_at <= now()
  order by d.next_attempt_at ${order}, d.delivery_id ${order}
  limit ${limit}
  for update of d skip locked`;
}

// Some places are kept for what became due last: an event of this minute does not stand behind a backlog of days. What
// is replayed takes the places that are left.
const claim = `
with fence as materialized (
  select 1 from destinations where destination_id = $1 and claim = $2 and status <> 'paused' and deleted_at is null
  for share
),
newest as (${due(0, 'desc', '$4')}),
oldest as (${due(0, 'asc', '$3 - (select count(*) from newest)')}),
live as (select delivery_id from newest union select delivery_id from oldest),
replayed as (${due(1, 'asc', '$3 - (select count(*) from live)')}),
claimed as (
  update deliveries d set status = 'SENDING', next_attempt_at = null, claim = $2
  from (select delivery_id from live union all select delivery_id from replayed) picked
  where d.delivery_id = picked.delivery_id
  returning ${columns}
)
select claimed.*, e.event_name, e.event_id, extract(epoch from e.event_time)::bigint as event_time, e.medium, e.content,
  e.sealed
from claimed join conversion_events e using (event_key)
order by claimed.delivery_id`;

/** The share of a claim that is kept for what became due last. */
const newestShare = 0.2;

/** Takes up to `size` due deliveries; none once another activity delivers for the destination, or nothing may be sent. */
export function claimDue(
  sql: Sql,
  { destinationId, claim: number }: Claim,
  size: number,
): Promise<readonly ClaimedDelivery[]> {
  const newest = Math.max(1, Math.floor(size * newestShare));
  return bulk<ClaimedDelivery>(sql, claim, [destinationId, number, size, newest]);
}

/** When the next delivery of a destination is due; null when none waits. */
export async function nextDueAt(sql: Sql, destinationId: string): Promise<Date | null> {
  const [row] = await sql<{ due: Date | null }[]>`
    select min(first.next_attempt_at) as due
    from (values (0), (1)) as lanes(lane), lateral (
      select next_attempt_at from deliveries d
      where d.destination_id = ${destinationId} and d.lane = lanes.lane and next_attempt_at is not null
      order by next_attempt_at limit 1) first`;
  return row?.due ?? null;
}
