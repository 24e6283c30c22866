import { readDeliveryId, showDeliveryId } from '../conversions/delivery-id.ts';
import { loadDestination } from '../conversions/destinations.ts';
import type { DeliveryStatus } from '../conversions/types.ts';
import type { Sql, Transaction } from '../db/pool.ts';
import { TidelineError } from '../errors.ts';
import type { DataKey } from '../shops/data-keys.ts';
import { openEvidence } from './evidence.ts';
import type { DeliveryTools } from './tools.ts';

export interface DeliveryFilter {
  status?: readonly DeliveryStatus[] | undefined;
  destination?: string | undefined;
  event_name?: string | undefined;
  event_id?: string | undefined;
  /** The reason, or how it begins. */
  reason?: string | undefined;
  /** Of the time when the delivery was made. */
  from?: string | undefined;
  to?: string | undefined;
}

/** A delivery as the API shows it. */
export interface DeliveryRecord {
  id: string;
  event_id: string;
  event_name: string;
  platform_event: string | null;
  destination: string;
  destination_kind: string;
  status: DeliveryStatus;
  paused: boolean;
  reason: string | null;
  attempt_count: number;
  next_attempt_at: string | null;
  created_at: string;
  settled_at: string | null;
}

export interface AttemptRecord {
  at: string;
  outcome: string;
  reason: string | null;
  request_path: string;
  request_body: string | null;
  response_code: number | null;
  response_body: string | null;
  platform_request_id: string | null;
  duration_ms: number | null;
  mapping_version: number;
}

interface DeliveryRow {
  delivery_id: number;
  event_id: string;
  event_name: string;
  platform_event: string | null;
  destination_id: string;
  kind: string;
  status: DeliveryStatus;
  paused: boolean;
  reason: string | null;
  attempts: number;
  next_attempt_at: Date | null;
  created_at: Date;
  settled_at: Date | null;
}

/** The condition of a filter, on deliveries `d`. */
export function matches(sql: Sql | Transaction, filter: DeliveryFilter) {
  const { status, destination, event_name, event_id, reason, from, to } = filter;
  return sql`
    (${status === undefined} or d.status = any(${[...(status ?? [])]}::text[]))
    and (${destination ?? null}::text is null or d.destination_id = ${destination ?? null})
    and (${event_name ?? null}::text is null or d.event_name = ${event_name ?? null})
    and (${event_id ?? null}::text is null or d.event_id = ${event_id ?? null})
    and (${reason ?? null}::text is null or starts_with(d.reason, ${reason ?? null}))
    and (${from ?? null}::timestamptz is null or d.created_at >= ${from ?? null}::timestamptz)
    and (${to ?? null}::timestamptz is null or d.created_at < ${to ?? null}::timestamptz)`;
}

/** Newest first, those after the delivery with the number `after`. */
export async function listDeliveries(
  sql: Sql | Transaction,
  filter: DeliveryFilter,
  { after, limit }: { after: number | null; limit: number },
): Promise<DeliveryRecord[]> {
  const rows = await sql<DeliveryRow[]>`
    select d.*, t.kind, t.status = 'paused' and d.settled_at is null as paused
    from deliveries d join destinations t using (destination_id)
    where ${matches(sql, filter)} and (${after}::bigint is null or d.delivery_id < ${after})
    order by d.delivery_id desc limit ${limit}`;
  return rows.map(toRecord);
}

export async function countDeliveries(sql: Sql | Transaction, filter: DeliveryFilter): Promise<number> {
  const [row] = await sql<{ deliveries: number }[]>`
    select count(*) as deliveries from deliveries d where ${matches(sql, filter)}`;
  return row?.deliveries ?? 0;
}

/** @throws TidelineError 404 */
export function deliveryNumber(id: string): number {
  const number = readDeliveryId(id);
  if (number === null) throw noDelivery();
  return number;
}

export function noDelivery(): TidelineError {
  const message = 'There is no such delivery.';
  return new TidelineError({ code: 'delivery-not-found', message, actor: 'user', status: 404 });
}

/** A delivery with every attempt, its requests and answers opened. Throws TidelineError 404. */
export async function readDelivery(
  { sql, conversionKey, findKind }: DeliveryTools,
  id: string,
): Promise<DeliveryRecord & { attempts: AttemptRecord[] }> {
  const number = deliveryNumber(id);
  const [row] = await sql<DeliveryRow[]>`
    select d.*, t.kind, t.status = 'paused' and d.settled_at is null as paused
    from deliveries d join destinations t using (destination_id) where d.delivery_id = ${number}`;
  if (row === undefined) throw noDelivery();
  const attempts = await sql<AttemptRow[]>`
    select a.position, a.outcome, a.reason, r.* from delivery_attempts a join delivery_requests r using (request_key)
    where a.delivery_id = ${number} order by a.attempt`;
  const key = await conversionKey();
  const opened: AttemptRecord[] = [];
  const destination = await loadDestination(sql, key, findKind, row.destination_id);
  const listField = destination?.kind.listField(destination.settings) ?? null;
  for (const attempt of attempts) opened.push(await openAttempt(key, listField, attempt));
  return { ...toRecord(row), attempts: opened };
}

interface AttemptRow {
  position: number;
  outcome: string;
  reason: string | null;
  destination_id: string;
  claim: number;
  sent_at: Date;
  duration_ms: number | null;
  mapping_version: number;
  request_path: string;
  request_body: Buffer | null;
  response_code: number | null;
  response_body: Buffer | null;
  platform_request_id: string | null;
}

async function openAttempt(key: DataKey, listField: string | null, row: AttemptRow): Promise<AttemptRecord> {
  const owner = { destinationId: row.destination_id, claim: row.claim };
  const open = (sealed: Buffer | null, side: 'request' | 'response'): Promise<string> | null =>
    sealed === null ? null : openEvidence(key, sealed, { side, ...owner });
  const body = await open(row.request_body, 'request');
  return {
    at: row.sent_at.toISOString(),
    outcome: row.outcome,
    reason: row.reason,
    request_path: row.request_path,
    request_body: body === null || listField === null ? null : alone(body, listField, row.position),
    response_code: row.response_code,
    response_body: await open(row.response_body, 'response'),
    platform_request_id: row.platform_request_id,
    duration_ms: row.duration_ms,
    mapping_version: row.mapping_version,
  };
}

/** The request as it was sent, with this event alone in its list: the others are nobody's business here. */
function alone(body: string, listField: string, position: number): string | null {
  const request = JSON.parse(body) as Record<string, unknown>;
  const list = request[listField];
  // Sent by another of the kind's ways than is set now.
  if (!Array.isArray(list)) return null;
  return JSON.stringify({ ...request, [listField]: [list[position]] });
}

function toRecord(row: DeliveryRow): DeliveryRecord {
  return {
    id: showDeliveryId(row.delivery_id),
    event_id: row.event_id,
    event_name: row.event_name,
    platform_event: row.platform_event,
    destination: row.destination_id,
    destination_kind: row.kind,
    status: row.status,
    paused: row.paused,
    reason: row.reason,
    attempt_count: row.attempts,
    next_attempt_at: row.next_attempt_at?.toISOString() ?? null,
    created_at: row.created_at.toISOString(),
    settled_at: row.settled_at?.toISOString() ?? null,
  };
}
