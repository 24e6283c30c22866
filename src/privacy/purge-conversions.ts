import type { Sql } from '../db/pool.ts';

/** Rows changed in one statement: short enough that nobody waits for its locks. */
const batch = 5_000;

/**
 * Takes what is personal out of conversions whose time is over: of events that no delivery waits for any more, of the
 * evidence of requests, of webhooks that were worked off, and of appointments that are past. What is left are ids,
 * names, times, amounts, outcomes, and which parameters an event carried.
 *
 * @param retentionDays from the event's acceptance, the request, the webhook's receipt, the appointment's last news
 * @returns how many rows were changed
 */
export async function purgeConversions(sql: Sql, retentionDays: number): Promise<number> {
  const before = sql`now() - make_interval(days => ${retentionDays})`;
  const steps = [
    () => sql`
      update conversion_events set sealed = null where event_key in (
        select event_key from conversion_events e
        where sealed is not null and accepted_at < ${before} and not exists (
          select 1 from deliveries d
          where d.event_key = e.event_key and d.status in ('PENDING', 'SENDING', 'RETRYING'))
        limit ${batch})`,
    () => sql`
      update delivery_requests set request_body = null, response_body = null where request_key in (
        select request_key from delivery_requests
        where (request_body is not null or response_body is not null) and sent_at < ${before} and deliveries is null
        limit ${batch})`,
    () => sql`
      update webhook_events set body = null where webhook_key in (
        select webhook_key from webhook_events
        where body is not null and received_at < ${before} and status <> 'received'
        limit ${batch})`,
    () => sql`
      update appointments set sealed = null, email_fingerprint = null, external_id_fingerprint = null
      where (source, appointment_id) in (
        select source, appointment_id from appointments
        where sealed is not null and greatest(starts_at, updated_at) < ${before}
        limit ${batch})`,
  ];
  let purged = 0;
  for (const step of steps) purged += await repeat(step);
  return purged;
}

async function repeat(step: () => PromiseLike<{ count: number }>): Promise<number> {
  let changed = 0;
  while (true) {
    const { count } = await step();
    changed += count;
    if (count < batch) return changed;
  }
}
