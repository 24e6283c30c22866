import type { DeliveryStatus } from '../conversions/types.ts';
import { bulk, type Column, columnArrays, unnestClause } from '../db/column-arrays.ts';
import type { Sql } from '../db/pool.ts';
import type { Claim } from './claims.ts';

/** What becomes of one delivery. */
export interface Settlement {
  deliveryId: number;
  platformEvent: string | null;
  /** `SENDING` without `awaitedRequest`: it goes into another request at once. */
  status: DeliveryStatus;
  reason: string | null;
  /** Milliseconds until it is due again; null when it is not. */
  dueInMs: number | null;
  /** Whether a step of the retry schedule is used up. */
  countsAsRetry: boolean;
  /** Whether the platform may have counted it with this request. */
  maybeCounted: boolean;
  awaitedRequest: number | null;
}

/** A settlement that a request led to. */
export interface AttemptSettlement extends Settlement {
  position: number;
  outcome: string;
}

const columns: readonly Column[] = [
  ['delivery_id', 'bigint'],
  ['platform_event', 'text'],
  ['status', 'text'],
  ['reason', 'text'],
  ['due_in_ms', 'bigint'],
  ['retries', 'integer'],
  ['maybe_counted', 'boolean'],
  ['awaited_request', 'bigint'],
];
const attemptColumns: readonly Column[] = [...columns, ['position', 'integer'], ['outcome', 'text']];

const change = `
    platform_event = coalesce(g.platform_event, d.platform_event), status = g.status, reason = g.reason,
    retries = least(d.retries + g.retries, 1000), awaited_request = g.awaited_request,
    next_attempt_at = now() + g.due_in_ms * interval '1 millisecond',
    settled_at = case when g.status in ('DELIVERED', 'FAILED', 'SKIPPED', 'EXPIRED') then now() end,
    claim = case when g.status = 'SENDING' and g.due_in_ms is null then d.claim end`;

const mine = `d.delivery_id = g.delivery_id and d.destination_id = $1 and d.claim = $2 and d.status = 'SENDING'`;

const settle = `
update deliveries d set ${change}
from ${unnestClause(columns, 'g', 3)} where ${mine}`;

const settleAttempts = `
with answered as (
  update delivery_requests set deliveries = null, duration_ms = $4, response_code = $5, response_body = $6::text::bytea,
    platform_request_id = $7
  where request_key = $3
  returning sent_at
),
settled as (
  update deliveries d set ${change}, attempts = d.attempts + 1,
    first_sent_at = coalesce(d.first_sent_at, case when g.maybe_counted then answered.sent_at end)
  from ${unnestClause(attemptColumns, 'g', 8)}, answered
  where ${mine}
  returning d.delivery_id, d.attempts, g.position, g.outcome, g.reason
)
insert into delivery_attempts (delivery_id, attempt, request_key, position, outcome, reason)
select delivery_id, attempts, $3, position, outcome, reason from settled`;

function toRow(one: Settlement) {
  return {
    delivery_id: one.deliveryId,
    platform_event: one.platformEvent,
    status: one.status,
    reason: one.reason,
    due_in_ms: one.dueInMs,
    retries: one.countsAsRetry ? 1 : 0,
    maybe_counted: one.maybeCounted,
    awaited_request: one.awaitedRequest,
  };
}

/** Records what became of deliveries without a request. Those that another activity has taken over stay as they are. */
export async function settleUnsent(
  sql: Sql,
  { destinationId, claim }: Claim,
  settlements: readonly Settlement[],
): Promise<void> {
  if (settlements.length === 0) return;
  const rows = settlements.map(toRow);
  await bulk(sql, settle, [destinationId, claim, ...columnArrays(columns, rows)]);
}

/** The end of a request. */
export interface RecordedAnswer {
  requestKey: number;
  durationMs: number;
  responseCode: number | null;
  responseBody: Buffer | null;
  platformRequestId: string | null;
}

/** Records an answer and what it led to, in one commit. */
export async function settleAnswered(
  sql: Sql,
  { destinationId, claim }: Claim,
  answer: RecordedAnswer,
  settlements: readonly AttemptSettlement[],
): Promise<void> {
  const rows = settlements.map((one) => ({ ...toRow(one), position: one.position, outcome: one.outcome }));
  const { responseBody } = answer;
  await bulk(sql, settleAttempts, [
    destinationId,
    claim,
    answer.requestKey,
    answer.durationMs,
    answer.responseCode,
    responseBody === null ? null : `\\x${responseBody.toString('hex')}`,
    answer.platformRequestId,
    ...columnArrays(attemptColumns, rows),
  ]);
}
